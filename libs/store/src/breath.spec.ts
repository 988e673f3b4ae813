import { expect, test } from 'vitest'
import { Breath } from './breath.js'

/** A connection that keeps what it was told, and answers with as many empty columns as it was asked for. */
function telephone(fails?: Error) {
  const told: { sql: string; params: unknown[] | undefined }[] = []
  const query = (sql: string, params?: unknown[]) => {
    told.push({ sql, params })
    if (fails) return Promise.reject(fails)
    const columns = [...sql.matchAll(/as (a\d+)/g)].map(([, name]) => [name, [{ nth: name }]])
    return Promise.resolve({ rows: columns.length > 0 ? [Object.fromEntries(columns)] : [{ nth: 'alone' }] })
  }
  return { told, breath: new Breath({ query }) }
}

test('what is asked in one breath is one statement, and each is answered its own', async () => {
  const { told, breath } = telephone()
  const [one, two] = await Promise.all([
    breath.ask('select nth from one where a = $1', ['x']),
    breath.ask('select nth from two where b = $1 and c = $2', ['y', 'z']),
  ])
  expect([one, two]).toEqual([[{ nth: 'a0' }], [{ nth: 'a1' }]])
  expect(told).toHaveLength(1)
  expect(told[0]!.params).toEqual(['x', 'y', 'z'])
  expect(told[0]!.sql).toContain('from one where a = $1')
  expect(told[0]!.sql).toContain('from two where b = $2 and c = $3')
})

test('what is asked alone, or waited for, is said as it is', async () => {
  const { told, breath } = telephone()
  expect(await breath.ask('select 1', [])).toEqual([{ nth: 'alone' }])
  await breath.ask('select 2', [])
  expect(told.map(({ sql }) => sql)).toEqual(['select 1', 'select 2'])
})

test('a statement does not overtake what was asked before it', async () => {
  const { told, breath } = telephone()
  const asked = [breath.ask('select 1', [])]
  const changed = breath.query('update it')
  asked.push(breath.ask('select 2', []), breath.ask('select 3', []))
  await Promise.all([...asked, changed])
  expect(told.map(({ sql }) => sql.match(/select 1|update it|select 2.*select 3/)?.[0])).toEqual([
    'select 1',
    'update it',
    expect.stringContaining('select 2'),
  ])
})

test('more values than are prepared together are asked apart, in their order', async () => {
  const { told, breath } = telephone()
  const many = Array.from({ length: 30 }, (_, nth) => nth)
  await Promise.all([breath.ask('select 1', many), breath.ask('select 2', many), breath.ask('select 3', [])])
  expect(told.map(({ params }) => params?.length)).toEqual([30, 30])
})

test('a failure is told to everybody who asked', async () => {
  const { breath } = telephone(new Error('gone'))
  const ends = await Promise.allSettled([breath.ask('select 1', []), breath.ask('select 2', [])])
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})
