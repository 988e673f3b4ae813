import { Dialog } from '../ui/Dialog.js'
import { SignIn } from '../pages/sign-in/SignInPage.js'

/**
 * The session has ended while somebody works. What they read stays on the screen behind it, nothing of it can be
 * pressed, and whoever signs in again is where they were, with nothing armed.
 */
export function SignedOut({ name }: { name: string }) {
  return (
    <Dialog title="You are signed out">
      <p>
        The page stays as {name} left it. Sign in to go on; nothing is armed. Whoever else signs in begins with an empty
        page.
      </p>
      <SignIn />
    </Dialog>
  )
}
