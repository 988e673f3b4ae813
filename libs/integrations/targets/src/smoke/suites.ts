import { MOST_SMOKE_BYTES, PortFailure, SmokeReader, type SmokeAnswer, type SmokeSuite } from '@firebreak/kit'
import { ask } from '../http/ask.js'

/**
 * Asks what the smoke suites of the house ask, over HTTP. Only their names come in from outside: the address is the
 * worker's setting, path and body are the house's, and neither can lead out of the endpoint.
 */
export class HttpSmoke extends SmokeReader {
  /**
   * @param suites those of the house, read at each question
   * @param endpoints their addresses, by the name that suites know them by; credentials in one are sent as Basic ones
   * @param now in milliseconds, for how long an answer took
   */
  constructor(
    private readonly suites: () => readonly SmokeSuite[],
    private readonly endpoints: ReadonlyMap<string, string>,
    private readonly now: () => number = () => performance.now(),
  ) {
    super()
  }

  async ask(suite: string, check: string): Promise<SmokeAnswer> {
    const known = this.suites().find(({ name }) => name === suite)
    if (!known) throw new PortFailure('not-found', `the house has no smoke suite ${suite} (firebreak.yaml, smoke)`)
    const wanted = known.checks.find(({ name }) => name === check)
    if (!wanted) throw new PortFailure('not-found', `the smoke suite ${suite} has no check ${check}`)
    const address = this.endpoints.get(known.endpoint)
    if (address === undefined)
      throw new PortFailure(
        'not-found',
        `the endpoint ${known.endpoint} of the smoke suite ${suite} has no address: add ${known.endpoint}=http://… to HTTP_ENDPOINTS of the worker`,
      )
    const about = `${check} of the smoke suite ${suite}`
    const { url, authorization } = placeOf(address, wanted.path, about)
    const began = this.now()
    const { code, text } = await ask({
      ...{ url, about, timeoutMs: wanted.within_ms, method: wanted.method },
      ...{ redirects: 'are answers', mostBytes: MOST_SMOKE_BYTES },
      headers: {
        ...(wanted.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(authorization === undefined ? {} : { authorization }),
      },
      ...(wanted.body === undefined ? {} : { body: wanted.body }),
    })
    return { status: code, text, took_ms: Math.round(this.now() - began) }
  }
}

/** Behind the endpoint's address, and nowhere else. No error shows the address: it may hold credentials. */
function placeOf(address: string, path: string, about: string): { url: URL; authorization?: string } {
  const base = new URL(address)
  const under = base.pathname.replace(/\/$/, '')
  const credentials = `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`
  base.username = base.password = ''
  // Without its slash it would go on with the name of the host.
  const url = path.startsWith('/') ? new URL(base.origin + under + path) : undefined
  if (!url?.pathname.startsWith(`${under}/`))
    throw new PortFailure('invalid', `${about}: its path leads out of its endpoint. Mend it in firebreak.yaml`)
  return credentials === ':' ? { url } : { url, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
}
