import { Refused } from '@firebreak/flow'
import { createRemoteJWKSet, errors as tokenErrors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import * as oidc from 'openid-client'
import type { Oidc } from '../config.js'

/** Somebody as the identity provider names them. `subject` is theirs for ever, the name is for reading. */
export interface Identity {
  issuer: string
  subject: string
  name: string
}

/** What the browser keeps between leaving for the provider and coming back, in a cookie that no script can read. */
export interface Leaving {
  state: string
  nonce: string
  verifier: string
  /** The page that was asked for. */
  to: string
}

/** Signatures with a key that only the provider has. Never `none`, and none that our copy of a public key could make. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const PATIENCE_S = 5

const away = (): Refused =>
  new Refused('overloaded', 'The identity provider does not answer. Ask again soon, or use an API key.')

/** The identity provider of the house (OpenID Connect): code flow with PKCE for people, its JWTs for tools. */
export class Provider {
  private discovered: Promise<oidc.Configuration> | undefined
  private keys: JWTVerifyGetKey | undefined

  constructor(
    private readonly settings: Oidc,
    private readonly now: () => Date,
  ) {}

  get issuer(): string {
    return this.settings.issuer
  }

  /** Where to send the browser, and what it has to bring back with it. */
  async leave(to: string): Promise<{ url: string; leaving: Leaving }> {
    const configuration = await this.configuration()
    const leaving = {
      ...{ state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() },
      to,
    }
    const url = oidc.buildAuthorizationUrl(configuration, {
      ...{ redirect_uri: this.settings.callback, scope: 'openid profile' },
      ...{ state: leaving.state, nonce: leaving.nonce },
      ...{ code_challenge: await oidc.calculatePKCECodeChallenge(leaving.verifier), code_challenge_method: 'S256' },
    })
    return { url: url.href, leaving }
  }

  /** Who came back. `query` is what the provider sent along. Throws `not-signed-in` for anything that does not fit. */
  async arrive(query: string, { state, nonce, verifier }: Leaving): Promise<Identity> {
    const configuration = await this.configuration()
    const here = new URL(this.settings.callback)
    here.search = query
    try {
      const tokens = await oidc.authorizationCodeGrant(configuration, here, {
        ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier },
        idTokenExpected: true,
      })
      const claims = tokens.claims()!
      // Most providers tell the name only where one asks for it.
      const told =
        claims['name'] === undefined && configuration.serverMetadata().userinfo_endpoint !== undefined
          ? await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub)
          : claims
      const names = [told['name'], told['preferred_username'], told['email'], claims.sub]
      const name = names.find((name): name is string => typeof name === 'string' && name.trim() !== '')!
      return { issuer: this.settings.issuer, subject: claims.sub, name: name.trim() }
    } catch (error) {
      if (isAway(error)) throw away()
      throw new Refused('not-signed-in', `The identity provider did not sign you in (${reasonOf(error)}). Begin again.`)
    }
  }

  /** The subject of a token that the provider made for us, or undefined for any other token. */
  async subjectOf(token: string): Promise<string | undefined> {
    const { audience, issuer } = this.settings
    if (audience === undefined) return undefined
    const { jwks_uri } = (await this.configuration()).serverMetadata()
    if (jwks_uri === undefined) return undefined
    this.keys ??= createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: PATIENCE_S * 1000 })
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        ...{ issuer, audience, algorithms: ALGORITHMS, currentDate: this.now() },
        requiredClaims: ['sub', 'exp'],
      })
      return payload.sub
    } catch (error) {
      if (error instanceof tokenErrors.JWKSTimeout || !(error instanceof tokenErrors.JOSEError)) throw away()
      return undefined
    }
  }

  /** Asked for once. A provider that was away is asked again with the next request. */
  private configuration(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.settings
    this.discovered ??= oidc
      .discovery(new URL(issuer), clientId, clientSecret, undefined, {
        timeout: PATIENCE_S,
        // The configuration allows plain HTTP only for a provider on this machine.
        ...(issuer.startsWith('http:') ? { execute: [oidc.allowInsecureRequests] } : {}),
      })
      .catch(() => {
        this.discovered = undefined
        throw away()
      })
    return this.discovered
  }
}

/** A connection that did not come about, as opposed to an answer that did not fit. */
const isAway = (error: unknown): boolean =>
  error instanceof TypeError || (error as { code?: string } | null)?.code === 'OAUTH_TIMEOUT'

/** The provider's own code (access_denied, invalid_grant), or the library's. Never a token or a code of ours. */
const reasonOf = (error: unknown): string =>
  error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError
    ? error.error.slice(0, 100)
    : ((error as { code?: string } | null)?.code ?? 'the answer does not fit')
