import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startPostgres, temporaryPostgres, type RunningPostgres } from './postgres.js'
import { isAlive, waitUntilGone } from './processes.js'

let folder: string
let dataDir: string
const started: RunningPostgres[] = []

beforeEach(() => {
  // mkdtemp makes a folder of mode 0700, which is the hard case for root.
  folder = mkdtempSync(join(tmpdir(), 'firebreak-spec-'))
  chmodSync(folder, 0o700)
  dataDir = join(folder, 'postgres')
})

afterEach(async () => {
  await Promise.all(started.splice(0).map((postgres) => postgres.stop()))
  rmSync(folder, { recursive: true, force: true })
})

async function start() {
  const postgres = await startPostgres({ dataDir })
  started.push(postgres)
  return postgres
}

async function query(postgres: { url: string }, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows.map((row) => Object.values(row)[0])
  } finally {
    await client.end()
  }
}

test('what was committed is there after Postgres was killed, and the port is the same', async () => {
  const first = await start()
  await query(first, 'create table kept as select 42 as n')
  first.kill('SIGKILL')
  expect(await waitUntilGone(first.pid, 10_000)).toBe(true)

  const second = await start()
  expect(second.pid).not.toBe(first.pid)
  expect(second.port).toBe(first.port)
  expect(await query(second, 'select n from kept')).toEqual([42])
})

test('a Postgres that a killed launcher left running is taken over', async () => {
  const first = await start()
  const second = await start()
  expect(second.pid).toBe(first.pid)
  expect(second.url).toBe(first.url)
})

test('an orphan that does not answer is stopped, and a new one started', async () => {
  const first = await start()
  first.kill('SIGSTOP')
  // A stopped postmaster takes connections in its queue and never answers; SIGKILL ends it all the same.
  const second = await start()
  expect(second.pid).not.toBe(first.pid)
  expect(isAlive(first.pid)).toBe(false)
  expect(await query(second, 'select 1')).toEqual([1])
}, 180_000)

test('a lock file that names a process of somebody else does not stop the start', async () => {
  const first = await start()
  await first.stop()
  writeFileSync(join(dataDir, 'postmaster.pid'), `${process.pid}\n${dataDir}\n1\n${first.port}\n\n127.0.0.1\n`)
  expect(await query(await start(), 'select 1')).toEqual([1])
})

test('stop leaves no process and no lock; the state is for its owner alone', async () => {
  const postgres = await start()
  expect(statSync(`${dataDir}.json`).mode & 0o777).toBe(0o600)
  await postgres.stop()
  expect(isAlive(postgres.pid)).toBe(false)
  expect(existsSync(join(dataDir, 'postmaster.pid'))).toBe(false)
  expect(existsSync(`${dataDir}.password`)).toBe(false)
})

test('nobody gets in without the password, and prepared transactions are off', async () => {
  const postgres = await start()
  const wrong = postgres.url.replace(/:[^:@]*@/, ':wrong@')
  await expect(query({ url: wrong }, 'select 1')).rejects.toThrow(/password authentication failed/)
  expect(await query(postgres, 'show max_prepared_transactions')).toEqual(['0'])
})

test('makers of temporary clusters at the same time each get their own', async () => {
  const clusters = await Promise.all([temporaryPostgres(), temporaryPostgres(), temporaryPostgres({ fsync: 'on' })])
  started.push(...clusters)
  expect(new Set(clusters.map((cluster) => cluster.port)).size).toBe(3)
  expect(await Promise.all(clusters.map((cluster) => query(cluster, 'show fsync')))).toEqual([['off'], ['off'], ['on']])
})
