import { createFirebreakClient } from '@firebreak/client'
import { plain } from './plain.js'
import { noAnswer, refusalOf, UNREADABLE } from './problem.js'
import { answered, isGateway, unanswered } from './reach.js'
import { transport } from './transport.js'

/*
 * How the console asks and tells. What it asks for stands by noun: `incidents.ts`, `plans.ts`, … each with its queries
 * and its commands. The first word of a query's key is its noun: an event of the stream finds by it what to ask again.
 */

/** The session is a cookie that no script can read, so there is no key here, and never will be. */
export const client = createFirebreakClient({ baseUrl: '', fetch: (request) => transport.fetch(request as Request) })

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** What was answered; a no, or no answer, is thrown as a `Refusal`. */
export async function told<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked.catch(() => {
    unanswered()
    throw noAnswer()
  })
  const no = response.ok ? null : refusalOf(error, response)
  if (no !== null && isGateway(response.status, no.problem.code !== UNREADABLE)) unanswered()
  else answered()
  if (no !== null) throw no
  return plain(data) as T
}

/** One arming, one key: however often a command is sent, it is done at most once. */
export const keyed = (key: string) => ({ 'Idempotency-Key': key })
