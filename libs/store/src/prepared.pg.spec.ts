import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { prepared } from './prepared.js'
import { freshDatabase, type TestDatabase } from './testing/database.js'

let database: TestDatabase
let client: pg.Client

beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.stop())
beforeEach(async () => {
  client = new pg.Client({ connectionString: database.url('fb_worker'), pipeline: true })
  await client.connect()
  return () => client.end()
})
const db = () => prepared(client)
const ends = async (said: Promise<unknown>[]) =>
  (await Promise.allSettled(said)).map((end) =>
    end.status === 'fulfilled'
      ? (end.value as { rows: unknown[] }).rows
      : (end.reason as { code?: string }).code,
  ) // prettier-ignore

test('each statement of a batch has its own answer, in order, and a name from then on', async () => {
  const { query } = db()
  for (let round = 0; round < 2; round++)
    expect(
      await ends([
        query('select $1::int as one', [1]),
        query('select $1::text as two, null as three', ['2']),
        query('select $1::int as one', [3]),
        query('select where false'),
      ]),
    ).toEqual([[{ one: 1 }], [{ two: '2', three: null }], [{ one: 3 }], []])
  const { rows } = await client.query<{ many: number }>('select count(*)::int as many from pg_prepared_statements')
  expect(rows).toEqual([{ many: 3 }])
})

test('behind one that fails nothing is carried out, also where that is a commit', async () => {
  const { query } = db()
  const said = [
    query('begin'),
    query('select pg_advisory_xact_lock(1, $1)', [7]),
    query('select 1 / $1::int as never', [0]),
    query('select 2 as behind'),
    query('commit'),
  ]
  expect(await ends(said)).toEqual([[], [{ pg_advisory_xact_lock: '' }], '22012', '25P02', '25P02'])
  expect(await ends([query('select 3 as later')])).toEqual(['25P02'])
  expect(await ends([query('rollback'), query('select 2 as behind')])).toEqual([[], [{ behind: 2 }]])
})

test('what was first said behind a failure is prepared when it is said again', async () => {
  const { query } = db()
  const round = () => ends([query('select $1::int / 0', [1]), query('select $1::int + 1 as sum', [1])])
  expect(await round()).toEqual(['22012', '25P02'])
  expect(await ends([query('select $1::int + 1 as sum', [2])])).toEqual([[{ sum: 3 }]])
  expect(await round()).toEqual(['22012', '25P02'])
  // One that Postgres cannot parse fails as itself, as often as it is said.
  for (let nth = 0; nth < 2; nth++) expect(await ends([query('selec $1', [1])])).toEqual(['42601'])
})

test('a value that cannot be sent fails its statement, and what is behind it is not said', async () => {
  const { query } = db()
  const unsendable = {
    toPostgres: () => {
      throw Object.assign(new Error('no'), { code: 'mine' })
    },
  }
  const said = [query('begin'), query('select $1::text', [unsendable]), query('commit')]
  expect(await ends(said)).toEqual([[], 'mine', '25P02'])
  expect(await ends([query('rollback'), query('select $1::text as text', ['fine'])])).toEqual([[], [{ text: 'fine' }]])
})

test('one that could not be sent is said anew the next time, whatever became of the one before it', async () => {
  const { query } = db()
  const unsendable = {
    toPostgres: () => {
      throw Object.assign(new Error('no'), { code: 'mine' })
    },
  }
  const odd = (value: unknown) => query('select $1::text as odd', [value])
  expect(await ends([query('select $1::int / 0', [1]), odd(unsendable)])).toEqual(['22012', 'mine'])
  expect(await ends([odd('fine')])).toEqual([[{ odd: 'fine' }]])
  // Known by now: it stays so.
  expect(await ends([odd(unsendable), query('select 1 as behind')])).toEqual(['mine', '25P02'])
  expect(await ends([odd('fine')])).toEqual([[{ odd: 'fine' }]])
  const other = (value: unknown) => query('select $1::text as other', [value])
  expect(await ends([query('select 1 as before'), other(unsendable)])).toEqual([[{ before: 1 }], 'mine'])
  expect(await ends([other('fine'), other('too')])).toEqual([[{ other: 'fine' }], [{ other: 'too' }]])
})

test('batches follow each other in the order in which they were said', async () => {
  const { query } = db()
  const answers: unknown[] = []
  const first = query('select pg_sleep(0.05)').then(() => answers.push(1))
  await new Promise(setImmediate)
  await Promise.all([first, query('select 1').then(() => answers.push(2))])
  expect(answers).toEqual([1, 2])
})

test('a connection that ends fails everything that was said, and told so', async () => {
  const { query } = db()
  client.on('error', () => undefined)
  const said = ends([query('select pg_sleep(30)'), query('select 1')])
  await new Promise(setImmediate)
  const killer = new pg.Client({ connectionString: database.superuserUrl })
  await killer.connect()
  // On a busy machine it is not asleep yet at the first look.
  const ended = async () => (await killer.query(`select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(30)%' and pid <> pg_backend_pid()`)).rowCount // prettier-ignore
  await expect.poll(ended).toBe(1)
  await killer.end()
  expect(await said).toEqual(['57P01', '25P02'])
  expect((await Promise.allSettled([query('select 1')]))[0].status).toBe('rejected')
})
