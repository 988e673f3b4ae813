import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'

/*
 * A record with very many incidents, written by the owner of the database. They were there before, past the triggers and
 * without entries: with one each, the sequencer would be at work for as long as the story takes. Whatever changes after
 * that is written as the API writes it, with its entry in the same transaction, and so is told on the stream.
 */

export interface Crowd {
  /** The active incidents in the order of urgency. */
  order: readonly string[]
  /** Somebody takes each of these, or gives it back. */
  change(ids: readonly string[]): Promise<void>
  /** One more, of the worst. Answers its id. */
  comes(title: string): Promise<string>
  close(): Promise<void>
}

/** @param data the folder in which a {@link startWhole} keeps everything */
export async function crowdIn(data: string, count: number): Promise<Crowd> {
  const { password, port } = JSON.parse(await readFile(join(data, 'postgres.json'), 'utf8')) as { password: string; port: number } // prettier-ignore
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', password, database: 'firebreak' })
  await client.connect()
  await client.query('begin')
  await client.query('alter table flow.incident disable trigger user')
  await client.query(FILL, [count])
  await client.query('alter table flow.incident enable always trigger audited')
  await client.query('alter table flow.incident enable always trigger passage')
  await client.query('commit')
  await client.query('analyze flow.incident')
  const { rows } = await client.query<{ id: string }>(
    `select i.id from flow.incident i where i.state in ('open', 'acknowledged')
     order by translate(i.severity, '1234', '4321') desc, i.id desc`,
  )
  /** How many entries the life of each has. */
  const entries = new Map<string, number>()
  return {
    order: rows.map(({ id }) => id),
    change: async (ids) => {
      const once = [...new Set(ids)]
      const numbers = once.map((id) => entries.get(id) ?? 0)
      once.forEach((id, at) => entries.set(id, numbers[at]! + 1))
      await client.query(CHANGE, [once, numbers])
    },
    comes: async (title) => {
      const { rows: made } = await client.query<{ id: string }>(COMES, [title])
      return made[0]!.id
    },
    close: () => client.end(),
  }
}

/** The body of an entry, as the log writes it: its names in their order, without spaces. */
const body = (type: string, seq: string, detail: string) => `convert_to(
  '{"about":"incident:' || id || '","actor":{"auth":"key","id":"sam","kind":"person","roles":["sre"]},"detail":' || ${detail} ||
  ',"entry_id":"' || entry || '","outcome":"ok","stream":"incident:' || id || '","stream_seq":' || ${seq} ||
  ',"ts":"2026-01-01T00:00:00.000Z","type":"${type}","v":1}', 'UTF8')`

const opened = `'{"class":"unclassified","service":"' || service || '","severity":"' || severity || '","title":"' || title || '"}'`

const INCIDENT = `insert into flow.incident (id, state, class, severity, title, service, environment, group_key, owner, opened_at, version)
  select id, 'open', 'unclassified', severity, title, service, 'prod', id, null, at, 1 from made`
const ENTRY = `insert into audit.entry (entry_id, stream_id, stream_seq, type, about, body)
  select entry, 'incident:' || id, 0, 'incident.opened', 'incident:' || id, ${body('incident.opened', '0', opened)} from made`

/** So many, a second apart; of four in a row each has another severity. */
const FILL = `
  with made as materialized (
    select 'inc_' || uuidv7(make_interval(secs => n - $1::int - 60)) as id, 'SEV' || (n % 4 + 1) as severity,
      'p95 of service ' || n % 977 || ' is ' || 500 + n % 700 || ' ms, above its threshold of 500 ms' as title,
      'service-' || n % 977 as service, now() + make_interval(secs => n - $1::int - 60) as at
    from generate_series(0, $1::int - 1) as n
  ) ${INCIDENT}`

const COMES = `
  with made as materialized (
    select 'inc_' || uuidv7() as id, uuidv7() as entry, 'SEV1' as severity, $1::text as title, 'ledgers' as service, now() as at
  ), incidents as (${INCIDENT}), entries as (${ENTRY}) select id from made`

const CHANGE = `
  with made as materialized (
    select id, seq, uuidv7() as entry from unnest($1::text[], $2::int[]) as one (id, seq)
  ), changed as (
    update flow.incident i set owner = case when i.owner is null then 'sam' end, version = version + 1 from made where made.id = i.id
  )
  insert into audit.entry (entry_id, stream_id, stream_seq, type, about, body)
  select entry, 'incident:' || id, seq, 'incident.changed', 'incident:' || id, ${body('incident.changed', 'seq', `'{"owner":"sam"}'`)} from made`
