import type { Problem } from '@firebreak/client'
import { Ended, EXIT, type Exit } from '../exits.js'

/** What a call of the typed client comes to. */
interface Answered<Data> {
  data?: Data
  error?: unknown
  response: Response
}

/**
 * The answer itself. Throws Ended with the exit code of the refusal: its sentence, its code, and by whose request id the
 * API's log has it.
 */
export async function answerOf<Data>(call: Promise<Answered<Data>>): Promise<Data> {
  const { data, error, response } = await call.catch((thrown: unknown) => {
    if (thrown instanceof SyntaxError) throw notOurs('an answer that is no JSON')
    throw thrown
  })
  if (error === undefined && response.ok) return data as Data
  throw refusal(response.status, error)
}

/** What a status and its body mean for whoever asked. */
export function refusal(status: number, body: unknown): Ended {
  const problem = problemIn(body)
  if (!problem) {
    if (status >= 500)
      return new Ended(EXIT.unreachable, `the API, or something in front of it, answers ${status}`, 'unreachable')
    return notOurs(`${status} without a reason`)
  }
  const faults = (problem.errors ?? []).map(({ message, pointer }) => `\n  ${pointer || 'body'}: ${message}`).join('')
  const trace = status >= 500 ? ` (request ${problem.request_id})` : ''
  return new Ended(exitOf(status), `${problem.detail}${faults}${trace}`, problem.code, problem)
}

const exitOf = (status: number): Exit =>
  status === 401 ? EXIT.notSignedIn : status >= 500 ? EXIT.unreachable : EXIT.refused

const notOurs = (what: string): Ended =>
  new Ended(
    EXIT.unreachable,
    `this does not look like the API of Firebreak: ${what}. The address is set by --url or FIREBREAK_URL.`,
    'unreachable',
  )

function problemIn(body: unknown): Problem | undefined {
  const value = typeof body === 'string' ? parsed(body) : body
  const { code, detail } = (value ?? {}) as Partial<Record<keyof Problem, unknown>>
  return typeof code === 'string' && typeof detail === 'string' ? (value as Problem) : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
