import { beforeEach, describe, expect, test } from 'vitest'
import { processActor } from './actor.js'
import { OWN_SOURCE } from './own-alerts.js'
import { noLimits } from './limits.js'
import { Scopes } from './scopes.js'
import { LogChecker, SelfChecks, type LogVerdict } from './self-check.js'
import { Tenures } from './tenure.js'
import { countingIds, FakeLedger, TestClock } from './testing/index.js'
import type { World } from './world.js'

const HOUR = 3_600_000
const SOUND: LogVerdict = {
  verdict: 'sound',
  origin: 'log.example/firebreak',
  size: 42,
  root: 'ab'.repeat(32),
  made: 17,
  not_made: ['statement'],
  kept: 40,
  first: undefined,
}
const TAMPERED: LogVerdict = {
  ...SOUND,
  verdict: 'tampered',
  first: { check: 'leaf', sentence: 'entry 7 is not the one that the log holds.', index: 7 },
}

/** Answers what the test says next. */
class ToldChecker extends LogChecker {
  next: LogVerdict | Error = SOUND
  made: { run: string; kept: boolean }[] = []
  meanwhile: () => void = () => undefined
  override async check(run: string, _: number, kept: boolean): Promise<LogVerdict> {
    this.made.push({ run, kept })
    this.meanwhile()
    if (this.next instanceof Error) throw this.next
    return this.next
  }
}

let clock: TestClock
let ledger: FakeLedger
let checker: ToldChecker
let nights: SelfChecks
let worker: (name: string) => SelfChecks

beforeEach(() => {
  clock = new TestClock(Date.parse('2026-11-23T10:00:00.000Z'))
  ledger = new FakeLedger()
  checker = new ToldChecker()
  const world: World = { ledger, now: clock.now, newId: countingIds(), scopes: new Scopes([], []), limits: noLimits }
  const times = { at: '03:00', retry_minutes: 60 }
  worker = (name) =>
    new SelfChecks(world, checker, new Tenures(world, name, { seconds: 4 }), clock.timers, processActor(name), times)
  nights = worker('worker-1')
})

const until = (iso: string) => clock.forward(Date.parse(iso) - clock.now().getTime())
const rows = () => ledger.read((books) => books.maintenanceRuns.where({}))
const row = async (id: string) => (await rows()).find((one) => one.id === id)
const types = () => ledger.log.map(({ type }) => type)
const deliveries = () => ledger.read((books) => books.deliveries.where({ source: OWN_SOURCE }))
const told = async () =>
  (await deliveries()).map(({ body }) => {
    const { alerts } = JSON.parse(new TextDecoder().decode(body)) as {
      alerts: [{ status: string; summary: string; description: string; target: string }]
    }
    return alerts[0]
  })
const FIRST = 'self-check-20261124-0300'
const SECOND = 'self-check-20261125-0300'

/** To the first night, at three. */
async function atNight(): Promise<void> {
  await nights.schedule()
  until('2026-11-24T03:00:00.000Z')
}

describe('a check of the log is due', () => {
  test('at the next time that the house names, and is planned once, whoever plans it', async () => {
    await Promise.all([nights.schedule(), worker('worker-2').schedule()])
    await nights.schedule()
    expect(await rows()).toMatchObject([{ id: FIRST, state: 'due', due_at: '2026-11-24T03:00:00.000Z' }])
    expect(types()).toEqual(['maintenance.due'])
  })
  test('on the same day when the time is still to come', async () => {
    until('2026-11-24T02:59:59.000Z')
    await nights.schedule()
    expect(await rows()).toMatchObject([{ id: FIRST }])
  })
  test('and not a moment earlier', async () => {
    await nights.schedule()
    until('2026-11-24T02:59:59.999Z')
    expect(await nights.run(FIRST)).toBe('not-due')
    expect(await nights.run('self-check-never')).toBe('unknown')
    expect(checker.made).toEqual([])
  })
})

describe('a sound log', () => {
  test('is told of in the log, with what was looked at, and the next night is due', async () => {
    await atNight()
    expect(await nights.run(FIRST)).toBe('done')
    expect(types()).toEqual([
      'maintenance.due',
      'maintenance.running',
      'maintenance.due',
      'maintenance.done',
      'check.passed',
    ])
    expect(ledger.log.at(-1)).toMatchObject({
      about: 'log:log.example/firebreak',
      outcome: 'ok',
      detail: { verdict: 'sound', size: 42, root: SOUND.root, made: 17, not_made: ['statement'], kept: 40 },
    })
    expect(await rows()).toMatchObject([
      { id: FIRST, state: 'done' },
      { id: SECOND, state: 'due' },
    ])
    expect(await deliveries()).toEqual([])
  })
  test('is checked once by many workers', async () => {
    await atNight()
    const answers = await Promise.all([nights.run(FIRST), worker('worker-2').run(FIRST), worker('worker-3').run(FIRST)])
    expect(answers.filter((answer) => answer === 'done').length).toBeGreaterThan(0)
    expect(checker.made).toHaveLength(1)
  })
  test('the second time, what the first kept has to be there', async () => {
    await atNight()
    await nights.run(FIRST)
    until('2026-11-25T03:00:00.000Z')
    await nights.run(SECOND)
    expect(checker.made).toEqual([
      { run: FIRST, kept: false },
      { run: SECOND, kept: true },
    ])
  })
})

describe('a worker', () => {
  test('that was not there at night is late, and says so', async () => {
    await atNight()
    until('2026-11-24T09:12:00.000Z')
    expect(await nights.run(FIRST)).toBe('done')
    expect(types()).toContain('maintenance.late')
    expect(await row(SECOND)).toMatchObject({ state: 'due' })
  })
  test('that dies in the middle is taken over when its tenure is over, and records nothing any more', async () => {
    await atNight()
    let taken: Promise<unknown> = Promise.resolve()
    checker.meanwhile = () => {
      checker.meanwhile = () => undefined
      clock.forward(5_000)
      taken = worker('worker-2').run(FIRST)
    }
    // The first comes back from its pause and finds that the check is somebody else's.
    expect(await nights.run(FIRST)).toBe('elsewhere')
    expect(await taken).toBe('done')
    expect(types().filter((type) => type === 'check.passed')).toHaveLength(1)
    expect(await row(FIRST)).toMatchObject({ state: 'done' })
  })
})

describe('a log that does not pass', () => {
  beforeEach(async () => {
    await atNight()
    checker.next = TAMPERED
    expect(await nights.run(FIRST)).toBe('failed')
  })

  test('comes in as an alert at once, told by the worker', async () => {
    expect(await told()).toEqual([
      {
        status: 'firing',
        alertname: 'AuditLogSelfCheckFailed',
        target: 'log:log.example/firebreak',
        summary: 'The audit log does not pass its check',
        description:
          'The log is tampered at entry 7 (check "leaf"): entry 7 is not the one that the log holds. What to do: runbook page audit-log.',
        starts_at: '2026-11-24T03:00:00.000Z',
        ends_at: null,
      },
    ])
    expect(ledger.log.find(({ type }) => type === 'check.failed')).toMatchObject({
      outcome: 'failed',
      detail: { verdict: 'tampered', check: 'leaf', index: 7 },
    })
    expect(await row(FIRST)).toMatchObject({ state: 'failed', told: 'dlv_000001' })
  })
  test('is looked at again after an hour, not earlier, and is over when it passes', async () => {
    clock.forward(HOUR - 1)
    expect(await nights.run(FIRST)).toBe('not-due')
    clock.forward(1)
    checker.next = SOUND
    expect(await nights.run(FIRST)).toBe('done')
    expect((await told()).map(({ status }) => status)).toEqual(['firing', 'resolved'])
  })
  test('is over when the next night passes, and then there is nothing more to tell', async () => {
    until('2026-11-25T03:00:00.000Z')
    expect(await nights.run(FIRST)).toBe('not-due')
    checker.next = SOUND
    expect(await nights.run(SECOND)).toBe('done')
    until('2026-11-26T03:00:00.000Z')
    expect(await nights.run('self-check-20261126-0300')).toBe('done')
    expect((await told()).map(({ status }) => status)).toEqual(['firing', 'resolved'])
  })
})

describe('a check that cannot be made', () => {
  beforeEach(async () => {
    await atNight()
    checker.next = new Error('No checkpoint has been published yet: is the sequencer running?')
    expect(await nights.run(FIRST)).toBe('failed')
  })

  test('is in the log, and is tried again, and nobody is woken for it', async () => {
    expect(await row(FIRST)).toMatchObject({
      because: expect.stringContaining('could not be made: No checkpoint') as string,
    })
    expect(ledger.log.at(-1)).toMatchObject({
      type: 'check.failed',
      outcome: 'unknown',
      detail: { verdict: 'not-made' },
    })
    expect(await deliveries()).toEqual([])
    checker.next = SOUND
    clock.forward(HOUR)
    expect(await nights.run(FIRST)).toBe('done')
    expect(await deliveries()).toEqual([])
  })
  test('comes in as an alert after a day, counted from when it was due', async () => {
    for (let hour = 1; hour < 24; hour++) {
      clock.forward(HOUR)
      expect(await nights.run(FIRST)).toBe('failed')
    }
    expect(await deliveries()).toEqual([])
    clock.forward(HOUR)
    expect(await nights.run(SECOND)).toBe('failed')
    expect(await told()).toMatchObject([{ status: 'firing', summary: 'The audit log could not be checked for a day' }])
    clock.forward(HOUR)
    checker.next = SOUND
    expect(await nights.run(SECOND)).toBe('done')
    expect((await told()).map(({ status }) => status)).toEqual(['firing', 'resolved'])
  })
})
