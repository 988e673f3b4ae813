import { randomUUID } from 'node:crypto'
import { Ended, EXIT } from '../exits.js'

export interface Sending {
  url: string
  token: string | undefined
  fetch: typeof globalThis.fetch
  sleep: (ms: number) => Promise<void>
  now: () => number
  signal: AbortSignal
  /** Told once for each time that it is tried again. */
  say: (line: string) => void
  /** How long one attempt may take until an answer begins; milliseconds, else 30 s. */
  attemptMs?: number
}

/** How long a call is tried again while the API is overloaded or asks to come later. Milliseconds. */
const PATIENCE_MS = 30_000
/**
 * How long one attempt may take until its answer begins; `Prefer: wait` takes up to 10 s of it. The body may take longer: a
 * bundle of a year is no broken connection. One that falls silent is ended by `fetch` itself, after some minutes.
 */
const ATTEMPT_MS = 30_000
/** Where nobody listens: twice more. */
const UNREACHABLE_MS = [250, 1_000]

/**
 * A `fetch` that says who asks, gives each write an Idempotency-Key, and asks again where that is right: after 429 and 503 as
 * `Retry-After` says, and after a connection that broke. The key stays the same from try to try, so a write whose answer was
 * lost is not done twice. A delivery of alerts has no key and needs none: what is told twice is counted as repeated.
 *
 * Throws Ended (exit 5) when nobody answers, (130) when it was interrupted.
 */
export function sending({
  attemptMs = ATTEMPT_MS,
  fetch,
  now,
  say,
  signal,
  sleep,
  token,
  url,
}: Sending): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    if (token !== undefined) request.headers.set('authorization', `Bearer ${token}`)
    const writes = !['GET', 'HEAD'].includes(request.method)
    if (writes && !request.headers.has('idempotency-key')) request.headers.set('idempotency-key', `cli-${randomUUID()}`)
    const until = now() + PATIENCE_MS
    for (let broken = 0; ;) {
      const answer = await attempt(request)
      const wait = answer instanceof Error ? UNREACHABLE_MS[broken++] : laterBy(answer)
      if (wait === undefined || now() + wait > until) {
        if (!(answer instanceof Error)) return answer
        throw new Ended(
          EXIT.unreachable,
          `${url} does not answer (${reasonOf(answer)}). Is that the right address? It is set by --url or FIREBREAK_URL.`,
          'unreachable',
        )
      }
      if (!(answer instanceof Error)) {
        await answer.body?.cancel()
        say(`the API is busy (${answer.status}); trying again in ${Math.ceil(wait / 1000)} s`)
      }
      await sleep(wait)
    }
  }

  async function attempt(request: Request): Promise<Response | Error> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new DOMException('no answer in time', 'TimeoutError')), attemptMs)
    try {
      return await fetch(request.clone(), { signal: AbortSignal.any([signal, late.signal]) })
    } catch (error) {
      if (signal.aborted) throw new Ended(EXIT.interrupted, 'interrupted', 'interrupted')
      return error as Error
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Milliseconds to wait before the same may be asked again; undefined where asking again changes nothing. */
function laterBy(answer: Response): number | undefined {
  if (answer.status !== 429 && answer.status !== 503) return undefined
  // A health that is not good comes as a 503, and is an answer; a refusal is a problem.
  if (answer.headers.get('content-type')?.startsWith('application/json')) return undefined
  const said = answer.headers.get('retry-after') ?? ''
  const seconds = /^\d{1,6}$/.test(said) ? Number(said) : (Date.parse(said) - Date.now()) / 1000
  return Math.max(0.2, Number.isFinite(seconds) ? seconds : 2) * 1000
}

export function reasonOf(error: unknown): string {
  const { cause, message, name } = error as Error & { cause?: NodeJS.ErrnoException }
  if (name === 'TimeoutError') return 'no answer in time'
  return cause?.code ?? cause?.message ?? message
}
