import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

export const CLIENT = 'firebreak-desktop'
export const API_CLIENT = { id: 'firebreak', secret: 'a-secret-of-the-tests-0123456789' }
export const AUDIENCE = 'https://firebreak.example/api'

/**
 * A real identity provider (oidc-provider) on a port of its own, to which the shell is a native app: no secret, any port
 * of the loopback. It believes everybody who they say they are.
 *
 * The API's own (apps/api/e2e/a-provider.ts) stands beside it: its clients have secrets and its key is the specs', to sign what
 * is wrong. What the two share is how a browser goes through the provider's pages. The one project that both tests may
 * import is @firebreak/dev, whose one entry would bring Postgres, Redis and half of Firebreak into specs that need none.
 */
export class AProvider {
  private constructor(
    readonly issuer: string,
    private readonly server: Server,
  ) {}

  /**
   * @param options.seconds how long a token of it is good for
   * @param options.api the callback of an API that signs people in there too, as `API_CLIENT`
   */
  static async open({ seconds = 600, api }: { seconds?: number; api?: string } = {}): Promise<AProvider> {
    const server = createServer()
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const provider = new Provider(issuer, {
      clients: [
        {
          ...{ client_id: CLIENT, application_type: 'native', token_endpoint_auth_method: 'none' },
          ...{ redirect_uris: ['http://127.0.0.1/callback'], grant_types: ['authorization_code', 'refresh_token'] },
        },
        ...(api === undefined
          ? []
          : [{ client_id: API_CLIENT.id, client_secret: API_CLIENT.secret, redirect_uris: [api] }]),
      ],
      cookies: { keys: ['tests'] },
      ttl: { AccessToken: seconds },
      issueRefreshToken: () => true,
      findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
      features: {
        revocation: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: () => ({
            scope: '',
            audience: AUDIENCE,
            accessTokenFormat: 'jwt',
            accessTokenTTL: seconds,
            jwt: { sign: { alg: 'RS256' } },
          }),
        },
      },
    })
    server.on('request', provider.callback())
    return new AProvider(issuer, server)
  }

  close(): Promise<void> {
    this.server.closeAllConnections()
    return new Promise((done) => void this.server.close(() => done()))
  }

  /** The person's browser at the provider: signs in as them, agrees, and stops where it is sent back to. */
  async visit(address: string, person: string): Promise<string> {
    const jar = new Map<string, string>()
    let at = address
    for (let steps = 0; steps < 12; steps++) {
      if (!at.startsWith(this.issuer)) return at
      const page = await this.fetch(at, jar)
      const next = page.headers.get('location')
      if (next !== null) {
        at = new URL(next, at).href
        continue
      }
      const prompt = /name="prompt" value="(\w+)"/.exec(await page.text())?.[1]
      const form = new URLSearchParams(
        prompt === 'login' ? { prompt, login: person, password: 'any' } : { prompt: 'consent' },
      )
      const sent = await this.fetch(at, jar, form)
      at = new URL(sent.headers.get('location')!, at).href
    }
    throw new Error(`the provider sends people round and round, last to ${at}`)
  }

  private async fetch(at: string, jar: Map<string, string>, body?: URLSearchParams): Promise<Response> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(at, {
      redirect: 'manual',
      headers: { cookie },
      ...(body ? { method: 'POST', body } : {}),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      jar.set(name!, value!)
    }
    return answer
  }
}
