import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Outcome, Surface } from '../../bridge/surface.js'
import { meQuery } from '../api/identity.js'

/** In the desktop shell one signs in in one's own browser; what comes of it, the shell keeps to itself. */
export function HostSignIn({ host }: { host: Surface }) {
  const queries = useQueryClient()
  const info = useQuery({ queryKey: ['host'], queryFn: async () => valueOf(await host.info()) })
  const signIn = useMutation({
    mutationFn: async () => valueOf(await host.signIn()),
    onSuccess: async () => {
      const before = queries.getQueryData(meQuery.queryKey)
      const me = await queries.fetchQuery({ ...meQuery, staleTime: 0 })
      // What somebody else was shown here, and what they might do, is not this person's: an empty page.
      if (before !== undefined && before.id !== me.id) return location.reload()
      return queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== meQuery.queryKey[0] })
    },
  })
  return (
    <>
      <p>
        <Button onClick={() => signIn.mutate()}>
          {signIn.isPending ? 'Begin again in the browser' : 'Sign in in your browser'}
        </Button>
      </p>
      <p role="status">
        {signIn.isPending
          ? 'Your browser shows your identity provider. Sign in there within five minutes, and come back.'
          : signIn.error?.message}
      </p>
      {info.data?.keeps.because ? <p>{info.data.keeps.because}</p> : null}
      {info.data ? <p>This shell talks to {info.data.api}.</p> : null}
    </>
  )
}

/** What the shell answered; a no is thrown, in its words. */
function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value
  throw new Error(outcome.error.message)
}
