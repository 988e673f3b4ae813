import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatVkey } from '@firebreak/audit-log'
import { testLog } from '@firebreak/audit-store/testing'
import { processActor, noLimits, Scopes, SelfChecks, Tenures, type MaintenanceRun, type World } from '@firebreak/flow'
import { openStore, newUuid, PostgresLedger } from '@firebreak/store'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FileLogChecker } from '../src/compliance/log-checker.js'
import { makeStage, ROOT, until } from './stage.js'

/** The stage, a log with its keys, and whoever means harm: the superuser, with the triggers off. */
async function set() {
  const stage = await makeStage()
  const log = testLog()
  const blobs = join(stage.folder, 'blobs')
  const policy = join(stage.folder, 'policy.txt')
  writeFileSync(policy, `log ${formatVkey(log.key)}\nwitness notary ${formatVkey(log.notaryKey)}\nquorum notary\n`)
  const house = join(stage.folder, 'firebreak.yaml')
  writeFileSync(
    house,
    readFileSync(join(ROOT, 'firebreak.yaml'), 'utf8')
      .replace('retry_minutes: 60', 'retry_minutes: 1')
      .replace('folder: ', `folder: ${ROOT}/`),
  )
  const source = await openStore(stage.database.url('fb_worker'), {
    applicationName: 'a worker',
    poolSize: 3,
  }).initialize()
  const superuser = new pg.Client({ connectionString: stage.database.superuserUrl })
  superuser.on('error', () => undefined)
  await superuser.connect()
  const children: ChildProcess[] = []

  /** Clocks of honest parties may be apart by minutes, and no more is needed here. */
  const worker = (seconds: number, at = new Date(Date.now() + seconds * 1000).toISOString().slice(11, 16)) => {
    const now = () => new Date(Date.now() + seconds * 1000)
    const world: World = {
      ledger: new PostgresLedger(source, { now }),
      now,
      newId: (prefix) => `${prefix}_${newUuid()}`,
      scopes: new Scopes([], []),
      limits: noLimits,
    }
    const timers = { every: () => () => undefined }
    const checker = new FileLogChecker(source, { blobs, policyFile: policy, now })
    const tenures = new Tenures(world, `worker-${seconds}`, { seconds: 60 })
    return {
      checks: new SelfChecks(world, checker, tenures, timers, processActor('worker'), { at, retry_minutes: 1 }),
    }
  }

  return {
    ...stage,
    ...{ blobs, policy, house, worker },
    cover: () => log.sequenceAll(stage.database.url('fb_sequencer')),
    runs: () => stage.ledger.read((books) => books.maintenanceRuns.where({})),
    run: async (id: string) => (await stage.ledger.read((books) => books.maintenanceRuns.get(id)))!,
    bodies: async (type: string) =>
      (
        await superuser.query<{ text: string }>(
          `select convert_from(body, 'utf8') as text from audit.entry where type = $1 order by id`,
          [type],
        )
      ).rows.map(({ text }) => JSON.parse(text) as { detail: Record<string, unknown> }),
    async tamper(sql: string): Promise<void> {
      for (const line of [
        'begin',
        'alter table audit.entry disable trigger all',
        'alter table audit.leaf disable trigger all',
        'alter table audit.checkpoint disable trigger all',
        sql,
        'commit',
      ])
        await superuser.query(line)
    },
    async startApi(): Promise<void> {
      const child = spawn(process.execPath, [join(ROOT, 'apps/api/dist/main.js')], {
        cwd: ROOT,
        env: {
          PATH: process.env['PATH'],
          DATABASE_URL: stage.database.url('fb_api'),
          REDIS_URL: stage.redis.url,
          FIREBREAK_PORT: '0',
          FIREBREAK_MODE: 'sandbox',
          FIREBREAK_CONFIG: house,
          FIREBREAK_PEOPLE_FILE: join(stage.folder, 'people.json'),
          FIREBREAK_BLOBS: blobs,
        },
        stdio: 'ignore',
      })
      children.push(child)
    },
    async strike(): Promise<void> {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      await superuser.end()
      await source.destroy()
      await stage.stop()
    },
  }
}

let stage: Awaited<ReturnType<typeof set>>
beforeEach(async () => {
  stage = await set()
})
afterEach(() => stage.strike())

const HARM = `update audit.entry set body = convert_to(replace(convert_from(body, 'utf8'), '"person_id":"hannah"', '"person_id":"hammah"'), 'utf8') where type = 'person.added'`
const REPAIR = HARM.replaceAll('hammah', '\0').replaceAll('hannah', 'hammah').replaceAll('\0', 'hannah')
const bundlesLeft = () => readdirSync(join(stage.blobs, 'self-check')).filter((name) => name.includes('.tar'))

test(
  'somebody changes a covered entry: at night an incident opens, and it resolves after the repair',
  { timeout: 120_000 },
  async () => {
    await stage.cover()
    // Due at the beginning of this minute: planned by somebody who thinks that it is still to come.
    const minute = new Date().toISOString().slice(11, 16)
    await stage.worker(-60, minute).checks.schedule()
    const [due] = await stage.runs()
    await stage.tamper(HARM)
    await stage.startApi()
    await stage.startWorker({ FIREBREAK_LOG_POLICY_FILE: stage.policy, FIREBREAK_CONFIG: stage.house })

    const incident = await until(
      'the incident',
      async () => (await stage.ledger.read((books) => books.incidents.where({})))[0],
    )
    expect(incident).toMatchObject({
      state: 'open',
      class: 'unclassified',
      severity: 'SEV1',
      title: 'The audit log does not pass its check',
    })
    const [alert] = await stage.ledger.read((books) => books.alerts.where({ incident_id: incident.id }))
    expect(alert).toMatchObject({
      source: 'firebreak',
      state: 'firing',
      labels: { alertname: 'AuditLogSelfCheckFailed', target: 'log:test.example/log' },
    })
    expect(alert!.annotations['description']).toMatch(/^The log is tampered at entry 0 \(check "(leaf|body)"\): /)
    expect(await stage.run(due!.id)).toMatchObject({ state: 'failed' })
    expect(bundlesLeft()).toEqual([])

    await stage.tamper(REPAIR)
    // A minute later, by another worker; the one before may try as well, and only one does.
    await until('the check that passes', async () => {
      const { checks } = stage.worker(70)
      return (await checks.run(due!.id)) === 'done' || undefined
    })
    const closed = await until('the end of the incident', async () => {
      const now = await stage.ledger.read((books) => books.incidents.get(incident.id))
      return now?.state === 'resolved' ? now : undefined
    })
    expect(closed.severity).toBe('SEV1')
    expect(await stage.bodies('check.passed')).toMatchObject([{ detail: { verdict: 'sound' } }])
    expect((await stage.bodies('check.failed'))[0]).toMatchObject({ detail: { verdict: 'tampered', index: 0 } })
  },
)

test('a worker in earnest makes the check that is due, and keeps the checkpoint', { timeout: 60_000 }, async () => {
  const { size } = await stage.cover()
  await stage.worker(-60, new Date().toISOString().slice(11, 16)).checks.schedule()
  const [due] = await stage.runs()
  await stage.startWorker({ FIREBREAK_LOG_POLICY_FILE: stage.policy, FIREBREAK_CONFIG: stage.house })
  const done = await until('the check', async () => {
    const run: MaintenanceRun = await stage.run(due!.id)
    return run.ended_at ? run : undefined
  })
  expect(done).toMatchObject({ state: 'done', because: null, told: null })
  expect(await stage.bodies('check.passed')).toMatchObject([{ detail: { verdict: 'sound', size } }])
  expect(readFileSync(join(stage.blobs, 'self-check', 'checkpoint'), 'utf8')).toContain(`test.example/log\n${size}\n`)
  expect(bundlesLeft()).toEqual([])
  // The next night is planned.
  expect((await stage.runs()).map(({ state }) => state)).toEqual(expect.arrayContaining(['done', 'due']))
})
