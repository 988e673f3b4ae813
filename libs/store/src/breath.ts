import type { Tx } from '@firebreak/audit-store'

/** One question: rows of one table, in their order. */
interface Question {
  sql: string
  params: unknown[]
  answer: (rows: Record<string, unknown>[]) => void
  fail: (error: unknown) => void
}

/** More than so many values together, and a statement is no longer prepared (`prepared.ts`). */
const MOST_PARAMS = 50
/** Far more than the record has, as there. */
const MOST_TEXTS = 1_000

/** The statements that were made of questions, by their texts. */
const texts = new Map<string, string>()

/**
 * What is asked in one breath is one statement. A question that its caller does not wait for goes out together with those
 * behind it: what a message, a parse and a plan of its own cost is more than what a look-up by key costs. The answers come
 * as JSON, one column a question, and all of one moment. Whatever else is said sends out first what was asked before it, so
 * that statements stay in the order in which they were said: what is asked behind a lock is answered behind it.
 */
export class Breath implements Tx {
  private asked: Question[] = []
  private params = 0

  constructor(private readonly db: Tx) {}

  query(sql: string, params?: unknown[]): Promise<unknown> {
    this.send()
    return this.db.query(sql, params)
  }

  /** Rows as pg's or as JSON's values: times as `Date` or as text. Not for tables with bytes. */
  ask(sql: string, params: unknown[]): Promise<Record<string, unknown>[]> {
    if (this.params + params.length > MOST_PARAMS) this.send()
    if (this.asked.length === 0) queueMicrotask(() => this.send())
    this.params += params.length
    return new Promise((answer, fail) => this.asked.push({ sql, params, answer, fail }))
  }

  /** The same for whoever knows a connection only. */
  readonly asking: Tx = { query: (sql, params = []) => this.ask(sql, params) }

  private send(): void {
    const asked = this.asked
    if (asked.length === 0) return
    ;[this.asked, this.params] = [[], 0]
    const [only, second] = asked
    const params = asked.flatMap((question) => question.params)
    const answers = this.db.query(second ? textOf(asked) : only!.sql, params) as Promise<{ rows: never[] }>
    answers.then(
      ({ rows }) => {
        if (!second) return only!.answer(rows)
        const [row] = rows as Record<string, Record<string, unknown>[]>[]
        for (const [nth, question] of asked.entries()) question.answer(row![`a${nth}`]!)
      },
      (error: unknown) => {
        for (const { fail } of asked) fail(error)
      },
    )
  }
}

function textOf(asked: readonly Question[]): string {
  const key = asked.map(({ sql }) => sql).join(';')
  const known = texts.get(key)
  if (known !== undefined) return known
  let before = 0
  const columns = asked.map(({ sql, params }, nth) => {
    const own = sql.replaceAll(/\$(\d+)/g, (_, number: string) => `$${Number(number) + before}`)
    before += params.length
    return `(select coalesce(json_agg(q), '[]') from (${own}) q) as a${nth}`
  })
  const text = `select ${columns.join(', ')}`
  if (texts.size < MOST_TEXTS) texts.set(key, text)
  return text
}
