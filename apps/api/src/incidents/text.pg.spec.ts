import { freshDatabase, type TestDatabase } from '@firebreak/store/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { conditionsOf, URGENCY, whereOf } from './filter.js'

let database: TestDatabase
let superuser: pg.Client
let api: pg.Client

const MANY = 20_000

beforeAll(async () => {
  database = await freshDatabase()
  superuser = new pg.Client({ connectionString: database.superuserUrl })
  api = new pg.Client({ connectionString: database.url('fb_api') })
  await Promise.all([superuser.connect(), api.connect()])
  // Past the triggers: these have no entries, and are only read.
  await superuser.query('alter table flow.incident disable trigger user')
  await superuser.query(
    `insert into flow.incident (id, state, class, severity, title, service, group_key, opened_at, version)
     select 'inc_' || lpad(n::text, 6, '0'), 'open', 'unclassified', 'SEV' || 1 + n % 4,
       'p95 of Service-' || n % 200 || ' above its threshold', case when n % 3 > 0 then 'service-' || n % 200 end,
       'group-' || n, now(), 1
     from generate_series(1, ${MANY}) n`,
  )
  await superuser.query(
    `insert into flow.incident (id, state, class, severity, title, service, group_key, opened_at, version) values
     ('inc_percent', 'open', 'unclassified', 'SEV2', '100% of C:\\Temp\\a_b is gone', null, 'a', now(), 1),
     ('inc_umlaut', 'open', 'unclassified', 'SEV2', 'Zu LANGSAM: Übertragung 延迟', 'Payments-EU', 'b', now(), 1)`,
  )
  await superuser.query('vacuum analyze flow.incident')
})
afterAll(async () => {
  await Promise.all([superuser.end(), api.end()])
  await database.stop()
})

const asked = (text: string) => {
  const { conditions, params } = conditionsOf({ text }, { id: 'sam' }, 'urgency')
  const sql = `select i.id from flow.incident i ${whereOf(conditions)} order by ${URGENCY} desc, i.id desc limit 51`
  return { sql, params }
}

const found = async (text: string) => {
  const { sql, params } = asked(text)
  return (await api.query<{ id: string }>(sql, params)).rows.map(({ id }) => id)
}

interface Node {
  'Node Type': string
  'Index Name'?: string
  'Actual Rows': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  Plans?: Node[]
}
/** How many rows were looked at, and by which indexes. */
async function work(text: string) {
  const { sql, params } = asked(text)
  const { rows } = await api.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(`explain (analyze, format json) ${sql}`, params)
  const nodes = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodes)]
  const all = nodes(rows[0]!['QUERY PLAN'][0].Plan)
  return {
    looked: all.reduce((sum, { ['Rows Removed by Filter']: a = 0, ['Rows Removed by Index Recheck']: b = 0, 'Actual Rows': rows }) => sum + a + b + rows, 0), // prettier-ignore
    by: all.flatMap(({ 'Index Name': name }) => name ?? []),
  }
}

test.each(['zebra', 'service-99999', 'inc_0199', 'threshold over', 'p95 of service-7 below'])(
  'a text that stands nowhere, such as %s, is not looked for in every row',
  async (text) => {
    expect(await found(text)).toEqual([])
    const { looked, by } = await work(text)
    expect(by).toEqual(['incident_by_text'])
    expect(looked).toBeLessThan(MANY / 20)
  },
)

test('a text that stands in most rows is found along the order in which they are shown', async () => {
  expect(await found('above its')).toHaveLength(51)
  const { looked, by } = await work('above its')
  expect(by).toEqual(['incident_by_urgency'])
  expect(looked).toBeLessThan(1_000)
})

test.each([
  ['100%', ['inc_percent']],
  ['0%_of', []],
  ['a_b', ['inc_percent']],
  ['C:\\temp\\A', ['inc_percent']],
  ['\\', ['inc_percent']],
  ['übertragung', ['inc_umlaut']],
  ['延迟', ['inc_umlaut']],
  ['ments-e', ['inc_umlaut']],
  ['延迟 pay', ['inc_umlaut']],
  ['gone ', ['inc_percent']],
])('%s is found as it stands there, in whatever case, and means nothing else', async (text, ids) => {
  expect(await found(text)).toEqual(ids)
})
