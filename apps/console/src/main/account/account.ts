import type { Credential } from '../page/proxy.js'
import { openLoopback, SignInOver, type Loopback } from './loopback.js'
import { ProviderAway, SignInFailed, type Provider, type Tokens } from './provider.js'
import type { Keeping, Vault } from './vault.js'

/** A token that ends sooner is renewed before it is used. */
const SOON_MS = 30_000
export const SIGN_IN_LIMIT_MS = 5 * 60_000

const SANDBOX: Keeping = { signedIn: false, because: 'In a sandbox one signs in anew at each start.' }

export interface AccountOptions {
  /** Undefined where people sign in at the API alone: the sandbox. */
  provider: Provider | undefined
  vault: Vault
  now(): number
  /** Opens the system's browser there; answers whether it did. */
  openBrowser(address: string): Promise<boolean>
  /** Whether the API knows the one whom the token is for. Rejects when it does not answer. */
  knows(token: string): Promise<boolean>
}

/**
 * Who is signed in here. A token of the provider, renewed when it ends; in a sandbox the API's own session. Neither ever
 * reaches the page.
 */
export class Account {
  private tokens: Tokens | undefined
  private session: string | undefined
  private renewing: Promise<Credential | undefined> | undefined
  private leaving: Loopback | undefined
  private remembered: Promise<void> | undefined

  constructor(private readonly options: AccountOptions) {}

  get signsIn(): boolean {
    return this.options.provider !== undefined
  }

  keeps(): Keeping {
    return this.signsIn ? this.options.vault.keeps() : SANDBOX
  }

  /** For the next request to the API. */
  readonly credential = async (): Promise<Credential | undefined> => {
    if (this.session !== undefined) return { kind: 'session', cookie: this.session }
    this.remembered ??= this.remember()
    await this.remembered
    if (!this.tokens) return undefined
    return this.tokens.until - this.options.now() > SOON_MS ? bearer(this.tokens) : this.renew()
  }

  /** The API did not take this one: another, when there is one. Many requests at once ask the provider once. */
  readonly renewed = async (refused: Credential): Promise<Credential | undefined> => {
    if (refused.kind === 'session') {
      this.session = undefined
      return undefined
    }
    if (this.tokens && this.tokens.access !== refused.token) return bearer(this.tokens)
    return this.renew()
  }

  /** What an answer of the API says of the session. */
  readonly heard = async (path: string, method: string, response: Response): Promise<void> => {
    if (method !== 'POST') return
    if (path === '/v1/sign-in/seeded' && response.ok) this.session = sessionIn(response.headers)
    // Whether it reached the API or not: whoever wanted to be out is out here.
    if (path === '/v1/sign-out') await this.signOut()
  }

  /** Signs in in the system's browser. Throws a SignInFailed or a SignInOver, in words for people. */
  async signIn(): Promise<void> {
    const { provider, knows } = this.options
    if (!provider) throw new SignInFailed('No identity provider is set up for this shell ("oidc" in its policy file).')
    // Begun again: the first is over.
    this.leaving?.close()
    const checks = provider.newChecks()
    const loopback = await openLoopback(checks.state, SIGN_IN_LIMIT_MS)
    this.leaving = loopback
    try {
      const address = await provider.address(loopback.redirectUri, checks)
      if (!(await this.options.openBrowser(address))) throw new SignInFailed('The system’s browser did not open.')
      const tokens = await provider.arrive(await loopback.arrived, checks)
      const known = await knows(tokens.access).catch(() => {
        throw new SignInFailed('The identity provider knows you, and Firebreak does not answer. Try again soon.')
      })
      if (!known)
        throw new SignInFailed(
          'The identity provider knows you, and Firebreak does not yet: sign in once on its page in the browser.',
        )
      await this.take(tokens)
    } finally {
      loopback.close()
      if (this.leaving === loopback) this.leaving = undefined
    }
  }

  cancel(): void {
    this.leaving?.close()
  }

  async signOut(): Promise<void> {
    const refresh = this.tokens?.refresh
    this.tokens = undefined
    this.session = undefined
    this.remembered = Promise.resolve()
    await this.options.vault.clear()
    if (refresh !== undefined) void this.options.provider?.revoke(refresh).catch(() => {})
  }

  private async take(tokens: Tokens): Promise<void> {
    this.tokens = tokens
    this.session = undefined
    this.remembered = Promise.resolve()
    if (tokens.refresh !== undefined) await this.options.vault.save(tokens.refresh)
  }

  /** What was kept from the last time. */
  private async remember(): Promise<void> {
    if (!this.options.provider) return
    const refresh = await this.options.vault.load()
    if (refresh !== undefined && !this.tokens) this.tokens = { access: '', until: 0, refresh }
  }

  private renew(): Promise<Credential | undefined> {
    this.renewing ??= this.askAgain().finally(() => (this.renewing = undefined))
    return this.renewing
  }

  private async askAgain(): Promise<Credential | undefined> {
    const asked = this.tokens
    if (asked?.refresh === undefined) {
      this.tokens = undefined
      return undefined
    }
    try {
      const tokens = await this.options.provider!.renew(asked.refresh)
      // Somebody signed out, or in, meanwhile: this is nobody's any more.
      if (this.tokens !== asked) return this.tokens && bearer(this.tokens)
      await this.take(tokens)
      return bearer(tokens)
    } catch (error) {
      // A provider that is away decides nothing: what one stays signed in with stays.
      if (error instanceof ProviderAway) throw error
      if (this.tokens === asked) await this.signOut()
      return undefined
    }
  }
}

export { SignInFailed, SignInOver }

const bearer = ({ access }: Tokens): Credential => ({ kind: 'bearer', token: access })

/**
 * The one cookie of the API's that is a session; what else it sets is not kept. Electron's network makes one line of
 * several.
 */
const sessionIn = (headers: Headers): string | undefined =>
  /(?:^|, ?)(fb_session=[\w-]{43})(?:[;,]|$)/.exec(headers.getSetCookie().join(', '))?.[1]
