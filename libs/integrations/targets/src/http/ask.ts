import { PortFailure, type PortFailureKind } from '@firebreak/kit'

const LARGEST_ANSWER = 4_000_000

/** One HTTP call of an adapter. */
export interface Question {
  url: URL
  /** What is asked, in words for an error. */
  about: string
  timeoutMs: number
  method?: 'GET' | 'POST' | 'DELETE'
  headers?: Record<string, string>
  body?: string | Uint8Array<ArrayBuffer>
  /** A larger answer is not read. Bytes. */
  mostBytes?: number
  /** A redirect is an answer like any other, and not followed either; otherwise it is a failure. */
  redirects?: 'are answers'
}

/**
 * Asks, and answers with the code and the text of bounded size. Never retried, never redirected: a redirect would take
 * credentials to a place that nobody named. Throws `PortFailure` when there is no answer.
 */
export async function ask(question: Question): Promise<{ code: number; text: string }> {
  const { url, about, timeoutMs, method = 'GET', headers, body, mostBytes = LARGEST_ANSWER, redirects } = question
  try {
    const response = await fetch(url, {
      method,
      headers: { accept: 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
      redirect: redirects ? 'manual' : 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    return { code: response.status, text: await bounded(response, about, mostBytes) }
  } catch (error) {
    if (error instanceof PortFailure) throw error
    if (error instanceof Error && error.name === 'TimeoutError')
      throw new PortFailure('timeout', `${about}: no answer in time`)
    const cause = error instanceof Error ? error.cause : undefined
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'the connection failed'
    throw new PortFailure('unreachable', `${about}: ${why}`)
  }
}

/** What a code means where the answer says nothing more. */
export function kindOfCode(code: number): PortFailureKind {
  if (code === 401 || code === 403) return 'forbidden'
  if (code === 404) return 'not-found'
  if (code === 409 || code === 412) return 'conflict'
  if (code === 429) return 'throttled'
  if (code === 504) return 'timeout'
  return code >= 500 ? 'unreachable' : 'invalid'
}

/** The JSON in a text, or `undefined`: a proxy in between answers in its own words. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function bounded({ body }: Response, about: string, most: number): Promise<string> {
  let size = 0
  const chunks: Uint8Array[] = []
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > most) throw new PortFailure('invalid', `${about}: the answer is larger than ${most} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
