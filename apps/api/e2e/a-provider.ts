import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

export const CLIENT = { id: 'firebreak', secret: 'a-secret-of-the-tests-0123456789' }
export const AUDIENCE = 'https://firebreak.example/api'
const TOOL = { id: 'deploy-bot', secret: 'another-secret-of-the-tests-01234' }

/** A real identity provider (oidc-provider) on a port of its own. It believes everybody who they say they are. */
export class AProvider {
  private constructor(
    readonly issuer: string,
    private readonly server: Server,
    /** So that specs can make tokens that are wrong in one thing only. */
    readonly key: CryptoKey,
  ) {}

  /** @param callback where it may send browsers back to; asked for when the API's port is known */
  static async open(callback: string): Promise<AProvider> {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true })
    const server = createServer()
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const provider = new Provider(issuer, {
      clients: [
        { client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [callback] },
        {
          ...{ client_id: TOOL.id, client_secret: TOOL.secret, redirect_uris: [], response_types: [] },
          grant_types: ['client_credentials'],
        },
      ],
      jwks: { keys: [{ ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256', kid: 'one' }] },
      cookies: { keys: ['tests'] },
      claims: { profile: ['name'] },
      findAccount: (_: unknown, id: string) => ({
        accountId: id,
        claims: () => ({ sub: id, name: `${id} of the provider` }),
      }),
      features: {
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: () => ({ scope: '', audience: AUDIENCE, accessTokenFormat: 'jwt' }),
        },
      },
    })
    server.on('request', provider.callback())
    return new AProvider(issuer, server, privateKey)
  }

  close(): Promise<void> {
    this.server.closeAllConnections()
    return new Promise((done) => void this.server.close(() => done()))
  }

  /** The person's browser at the provider: signs in as them, agrees, and stops where it is sent back to us. */
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

  /** A token that a tool got for itself. */
  async tokenOfTool(): Promise<string> {
    const answer = await fetch(`${this.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${TOOL.id}:${TOOL.secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: AUDIENCE }),
    })
    return ((await answer.json()) as { access_token: string }).access_token
  }

  /** A token with the provider's own signature. */
  token(
    subject: string,
    claims: { [claim: string]: unknown } = {},
    issuer = this.issuer,
    audience = AUDIENCE,
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    return new SignJWT({ sub: subject, iss: issuer, aud: audience, iat: now, exp: now + 600, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .sign(this.key)
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
