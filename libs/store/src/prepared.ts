import type { Tx } from '@firebreak/audit-store'

/** As much of pg's client as a statement needs. */
export interface Client {
  query(statement: string | { name?: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }>
  connection: { stream: { cork(): void; uncork(): void } }
}

/** Every text that was prepared, by the name that it has on each connection. */
const names = new Map<string, string>()

/** A statement of many rows is seldom said twice in the same length. */
const MOST_PARAMS = 50
/** Far more than the record has; a text that is made of values would show here, and is then no longer prepared. */
const MOST_NAMES = 1_000

/**
 * Says each statement of the record to Postgres once a connection, and from then on by its name: parsing and planning a
 * look-up by key costs more than the look-up. What is said in one go is sent in one go. Behind a pooler that hands
 * connections round between transactions, it has to know prepared statements (PgBouncer from 1.21 on).
 */
export function prepared(client: Client): Tx {
  const { stream } = client.connection
  let held = false
  const hold = () => {
    if (held) return
    held = true
    stream.cork()
    process.nextTick(() => {
      held = false
      stream.uncork()
    })
  }
  return {
    query(text, values = []) {
      hold()
      if (values.length === 0) return client.query(text)
      const name = values.length > MOST_PARAMS ? undefined : nameOf(text)
      return client.query(name === undefined ? { text, values } : { name, text, values })
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
