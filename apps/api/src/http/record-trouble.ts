import { Refused } from '@firebreak/flow'

/** Postgres is gone, going, or not there yet: nothing can be recorded, so nothing may be done. */
const gone = /^(08\w{3}|57P0[1-5]|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH)$/
/** It is there and cannot keep up: out of connections or memory, a lock or a statement that took too long. */
const busy = /^(53\w{3}|55P03|57014|40001|40P01)$/
/** What was sent cannot be a value there: NUL in a text, half a surrogate pair in JSON. */
const unstorable = /^(22021|22P02|22P05)$/
/** Where pg and its pool have no code, they have a sentence. */
const goneSays = /timeout exceeded when trying to connect|Connection terminated|timeout expired|not established/

/** The refusal for an error of the database's own, as opposed to one that we made; undefined for the latter. */
export function recordTrouble(error: unknown): Refused | undefined {
  for (const cause of causesOf(error)) {
    const code = (cause as { code?: unknown }).code
    const message = cause instanceof Error ? cause.message : ''
    if ((typeof code === 'string' && gone.test(code)) || goneSays.test(message))
      return new Refused(
        'not-recording',
        'The record (Postgres) cannot be reached, so nothing was done. Send it again in a moment.',
      )
    if (typeof code === 'string' && unstorable.test(code))
      return new Refused('malformed', 'A text in it has a character that cannot be stored, such as NUL. Leave it out.')
    if (typeof code === 'string' && busy.test(code))
      return new Refused(
        'overloaded',
        'The record (Postgres) is busy, and nothing was done. Send it again in a moment.',
      )
  }
  return undefined
}

/** TypeORM wraps what pg says; a refused connection to `localhost` is one error per address. */
function* causesOf(error: unknown): Generator<object> {
  if (typeof error !== 'object' || error === null) return
  yield error
  const { driverError, errors, cause } = error as { driverError?: unknown; errors?: unknown; cause?: unknown }
  if (driverError !== error) yield* causesOf(driverError)
  if (Array.isArray(errors)) for (const one of errors) yield* causesOf(one)
  yield* causesOf(cause)
}
