import * as oidc from 'openid-client'

/** What the provider gave. It stays in the main process. */
export interface Tokens {
  /** A JWT for the API. */
  access: string
  /** When it ends, in milliseconds since 1970. */
  until: number
  /** What one stays signed in with, where the provider gives one. */
  refresh: string | undefined
}

/** Said to the person. Holds the provider's own code at most, and never a token. */
export class SignInFailed extends Error {}

export interface ProviderSettings {
  issuer: string
  clientId: string
  audience: string
  scope: string
}

/** What has to come back as it went. */
export interface Checks {
  state: string
  nonce: string
  verifier: string
}

type Answer = oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers

const PATIENCE_S = 10
/** Where a provider does not say how long a token is good for. */
const SHORT_MS = 60_000

/** The provider of identities, as a native app uses it (RFC 8252): code flow with PKCE, and no secret. */
export class Provider {
  private discovered: Promise<oidc.Configuration> | undefined

  constructor(
    private readonly settings: ProviderSettings,
    private readonly fetch: oidc.CustomFetch,
    private readonly now: () => number,
  ) {}

  newChecks(): Checks {
    return { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() }
  }

  /** Where to send the browser. */
  async address(redirectUri: string, { state, nonce, verifier }: Checks): Promise<string> {
    const { scope, audience } = this.settings
    const url = oidc.buildAuthorizationUrl(await this.configuration(), {
      ...{ redirect_uri: redirectUri, scope, state, nonce },
      ...{ code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
      ...forWhom(audience),
    })
    return url.href
  }

  /** Trades what the browser came back with. Throws a SignInFailed for whatever does not fit. */
  async arrive(came: URL, { state, nonce, verifier }: Checks): Promise<Tokens> {
    return this.tokens((configuration) =>
      oidc.authorizationCodeGrant(
        configuration,
        came,
        { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
        forWhom(this.settings.audience),
      ),
    )
  }

  /** New tokens for what one stays signed in with. Throws a SignInFailed when the provider takes it no more. */
  async renew(refresh: string): Promise<Tokens> {
    const tokens = await this.tokens((configuration) =>
      oidc.refreshTokenGrant(configuration, refresh, forWhom(this.settings.audience)),
    )
    // A provider that gives no other means this one again.
    return { ...tokens, refresh: tokens.refresh ?? refresh }
  }

  /** Tells the provider that it is good for nothing any more. One that cannot be told has its own limit. */
  async revoke(refresh: string): Promise<void> {
    const configuration = await this.configuration()
    if (configuration.serverMetadata().revocation_endpoint !== undefined)
      await oidc.tokenRevocation(configuration, refresh, { token_type_hint: 'refresh_token' })
  }

  private async tokens(ask: (configuration: oidc.Configuration) => Promise<Answer>): Promise<Tokens> {
    try {
      const answer = await ask(await this.configuration())
      const seconds = answer.expiresIn()
      return {
        access: answer.access_token,
        refresh: answer.refresh_token,
        until: this.now() + (seconds === undefined ? SHORT_MS : seconds * 1000),
      }
    } catch (error) {
      if (isAway(error)) throw new ProviderAway('The identity provider does not answer. Try again soon.')
      throw new SignInFailed(`The identity provider did not sign you in (${reasonOf(error)}).`)
    }
  }

  /** Asked for once. A provider that was away is asked again. */
  private configuration(): Promise<oidc.Configuration> {
    const { issuer, clientId } = this.settings
    this.discovered ??= oidc
      .discovery(new URL(issuer), clientId, undefined, oidc.None(), {
        timeout: PATIENCE_S,
        [oidc.customFetch]: this.fetch,
        // The policy file allows plain HTTP only for a provider on this machine.
        ...(issuer.startsWith('http:') ? { execute: [oidc.allowInsecureRequests] } : {}),
      })
      .catch(() => {
        this.discovered = undefined
        throw new ProviderAway('The identity provider does not answer. Try again soon.')
      })
    return this.discovered
  }
}

/** Nothing was decided: the same may be tried again. */
export class ProviderAway extends SignInFailed {}

/** By the name of the standard (RFC 8707) where it is an address, and by the one that providers had before it. */
const forWhom = (audience: string): Record<string, string> => ({
  audience,
  ...(URL.canParse(audience) ? { resource: audience } : {}),
})

const isAway = (error: unknown): boolean =>
  error instanceof TypeError ||
  error instanceof ProviderAway ||
  (error as { code?: string } | null)?.code === 'OAUTH_TIMEOUT'

/** The provider's own code (access_denied, invalid_grant), or the library's. */
const reasonOf = (error: unknown): string =>
  error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError
    ? error.error.replace(/[^\w.-]/g, '').slice(0, 100)
    : ((error as { code?: string } | null)?.code ?? 'the answer does not fit')
