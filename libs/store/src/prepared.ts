import type { Tx } from '@firebreak/audit-store'
import { Batch, Statement } from './batch.js'

/** As much of pg's client as a statement needs. */
export interface Client {
  query(batch: Batch): unknown
}

/** Every text that was prepared, by the name that it has on each connection. */
const names = new Map<string, string>()

/** A statement of many rows is seldom said twice in the same length. */
const MOST_PARAMS = 50
/** Far more than the record has; a text that is made of values would show here, and is then no longer prepared. */
const MOST_NAMES = 1_000

/**
 * Says each statement of the record to Postgres once a connection, and from then on by its name: parsing and planning a
 * look-up by key costs more than the look-up. What is said in one go is sent and answered in one go. Behind a pooler that
 * hands connections round between transactions, it has to know prepared statements (PgBouncer from 1.21 on).
 */
export function prepared(client: Client): Tx {
  let said: Statement[] = []
  const send = () => {
    const all = said
    said = []
    client.query(new Batch(all))
  }
  return {
    query(text, values = []) {
      if (said.length === 0) process.nextTick(send)
      const name = values.length > MOST_PARAMS ? undefined : nameOf(text)
      return new Promise((resolve, reject) => {
        said.push(new Statement(text, name, values, (error, answer) => (error ? reject(error) : resolve(answer))))
      })
    },
  }
}

function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined || names.size >= MOST_NAMES) return known
  const name = `fb${names.size}`
  names.set(text, name)
  return name
}
