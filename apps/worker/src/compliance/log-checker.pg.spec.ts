import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatVkey } from '@firebreak/audit-log'
import { logCluster, testLog, type LogCluster, type LogDatabase } from '@firebreak/audit-store/testing'
import { openStore } from '@firebreak/store'
import type { DataSource } from 'typeorm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FileLogChecker } from './log-checker.js'

let cluster: LogCluster
beforeAll(async () => {
  cluster = await logCluster()
})
afterAll(() => cluster.stop())

let blobs: string
let policy: string
let database: LogDatabase
let source: DataSource

/** A log of so many entries, covered, signed and cosigned. */
async function logOf(entries: number) {
  const log = testLog()
  database = await cluster.database()
  const client = await database.client('fb_api')
  for (let i = 0; i < entries; i++) await log.write(client, { stream: `run:r_${i}` })
  await log.sequenceAll(database.url('fb_sequencer'))
  source = await openStore(database.url('fb_worker'), { applicationName: 'a worker', poolSize: 2 }).initialize()
  writeFileSync(policy, `log ${formatVkey(log.key)}\nwitness notary ${formatVkey(log.notaryKey)}\nquorum notary\n`)
  return { log, client }
}

const close = async () => {
  await source.destroy()
  await database.close()
}
const check = (kept = false) =>
  new FileLogChecker(source, { blobs, policyFile: policy, now: () => new Date() }).check('a-check', 1, kept)

/** The superuser, with the triggers off. */
async function tamper(...lines: string[]): Promise<void> {
  const client = await database.client()
  const tables = ['entry', 'leaf', 'tile', 'checkpoint']
  for (const sql of [...tables.map((name) => `alter table audit.${name} disable trigger all`), ...lines])
    await client.query(sql)
}
const bundlesLeft = () => readdirSync(join(blobs, 'self-check')).filter((name) => name.includes('.tar'))

beforeEach(() => {
  blobs = mkdtempSync(join(tmpdir(), 'firebreak-self-check-'))
  policy = join(blobs, 'policy.txt')
})
afterEach(async () => {
  await close()
  rmSync(blobs, { recursive: true, force: true })
})

describe('the check of the whole log', () => {
  test('finds a good log sound, keeps its checkpoint, and holds the next one against it', async () => {
    const { client, log } = await logOf(3)
    expect(await check()).toMatchObject({
      verdict: 'sound',
      origin: 'test.example/log',
      size: 3,
      kept: null,
      first: undefined,
    })
    expect(readFileSync(join(blobs, 'self-check', 'checkpoint'), 'utf8')).toMatch(/^test.example\/log\n3\n/)
    await log.write(client, { stream: 'run:later' })
    await log.sequenceAll(database.url('fb_sequencer'))
    const { not_made, ...verdict } = await check(true)
    expect(verdict).toMatchObject({ verdict: 'sound', size: 4, kept: 3 })
    expect(not_made).not.toEqual(expect.arrayContaining(['consistency']))
    expect(bundlesLeft()).toEqual([])
  })
  test('names the entry that was changed', async () => {
    await logOf(3)
    await tamper(
      `update audit.entry set body = convert_to(replace(convert_from(body, 'utf8'), 'worker', 'warker'), 'utf8') where stream_id = 'run:r_1'`,
    )
    expect(await check()).toMatchObject({ verdict: 'tampered', first: { check: 'leaf', index: 1 } })
    expect(bundlesLeft()).toEqual([])
  })
  test('names the place of the entry that is gone', async () => {
    await logOf(3)
    await tamper(`delete from audit.entry where stream_id = 'run:r_1'`)
    expect(await check()).toMatchObject({ verdict: 'tampered', first: { check: 'count', index: 1 } })
  })
  test('finds a log that was turned back, though everything that is left of it is right', async () => {
    await logOf(5)
    expect(await check()).toMatchObject({ verdict: 'sound', size: 5 })
    await close()
    await logOf(3)
    expect(await check(true)).toMatchObject({ verdict: 'tampered', kept: 5, first: { check: 'consistency' } })
    // What was known stays known: the next check finds it again.
    expect(await check(true)).toMatchObject({ verdict: 'tampered', kept: 5 })
  })
  test('finds a checkpoint that the keys of the house did not sign', async () => {
    await logOf(2)
    const stranger = testLog('else.example/log')
    writeFileSync(policy, `log ${formatVkey(stranger.key)}\nquorum none\n`)
    expect(await check()).toMatchObject({ verdict: 'tampered', first: { check: 'signature' } })
  })
  test('finds a checkpoint that is none', async () => {
    await logOf(2)
    await tamper(`update audit.checkpoint set cosigned = 'nonsense'`)
    expect(await check()).toMatchObject({ verdict: 'tampered', origin: 'test.example/log', first: { check: 'note' } })
  })
  test('tells once that the checkpoint that was kept is gone', async () => {
    await logOf(2)
    await check()
    rmSync(join(blobs, 'self-check'), { recursive: true })
    expect(await check(true)).toMatchObject({
      verdict: 'incomplete',
      first: { check: 'consistency', sentence: expect.stringMatching(/is not there any more/) as string },
    })
    expect(await check(true)).toMatchObject({ verdict: 'sound', kept: 2 })
  })
  test('tells when the checkpoint that was kept cannot be used', async () => {
    await logOf(2)
    await check()
    writeFileSync(join(blobs, 'self-check', 'checkpoint'), 'test.example/log\n2\nnonsense\n')
    expect(await check(true)).toMatchObject({ verdict: 'unusable', first: { check: 'stored-checkpoint' } })
  })
  test('does not take what it cannot read for a log that is wrong', async () => {
    await logOf(2)
    rmSync(policy)
    await expect(check()).rejects.toThrow(/The log policy .* cannot be used: ENOENT/)
    const unset = new FileLogChecker(source, { blobs, policyFile: undefined, now: () => new Date() })
    await expect(unset.check('a-check', 1, false)).rejects.toThrow(/FIREBREAK_LOG_POLICY_FILE is not set/)
    writeFileSync(policy, 'quorum none\n')
    await tamper('delete from audit.checkpoint')
    await expect(check()).rejects.toThrow(/No checkpoint has been published yet/)
  })
  test('removes what a worker that died left', async () => {
    await logOf(2)
    await check()
    writeFileSync(join(blobs, 'self-check', 'self-check-20261124-0300.tar.part-1'), 'half of it')
    await check()
    expect(bundlesLeft()).toEqual([])
  })
})
