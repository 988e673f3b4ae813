import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test } from 'vitest'
import { Alerts, type AlertRules, type AlertSource, type Parsed } from './alerts.js'
import type { Draft } from './audit.js'
import { nobody } from './follower.js'
import { Incidents } from './incidents.js'
import type { IncomingAlert } from './intake.js'
import { Refused } from './refused.js'
import { FakeLedger } from './testing/fake-ledger.js'
import { noLimits } from './limits.js'
import { Scopes } from './scopes.js'
import { countingIds, FakeDoorbell, hannah, TestClock } from './testing/rehearse.js'
import { addReplicas } from './testing/scaling-house.js'
import type { Actor } from './actor.js'

const alertmanager: Actor = { kind: 'service', id: 'alertmanager', auth: 'api-key', roles: ['service'] }

const firing = (labels: Record<string, string> = {}, more: Partial<IncomingAlert> = {}): IncomingAlert => ({
  fingerprint: `fp-${labels['alertname'] ?? 'HighApiLatency'}-${labels['instance'] ?? ''}`,
  status: 'firing',
  labels: { alertname: 'HighApiLatency', service: 'api', severity: 'critical', ...labels },
  annotations: { summary: 'The API is slow' },
  starts_at: '2026-11-23T03:06:50.000Z',
  ends_at: null,
  generator_url: null,
  ...more,
})
const resolved = (alert: IncomingAlert): IncomingAlert => ({
  ...alert,
  status: 'resolved',
  ends_at: '2026-11-23T03:20:00.000Z',
})

const rules: AlertRules = {
  classify: ({ alertname }) => (alertname === 'HighApiLatency' ? 'high-api-latency' : 'unclassified'),
  severityOf: ({ severity }) => (severity === 'critical' ? 'SEV2' : 'SEV3'),
  suggestionsFor: (incidentClass) => (incidentClass === 'high-api-latency' ? [addReplicas] : []),
  environmentOf: () => 'prod',
  resolveWindowMinutes: 30,
}

function intake() {
  const ledger = new FakeLedger()
  const clock = new TestClock()
  const doorbell = new FakeDoorbell()
  const said: string[] = []
  const world = { ledger, now: clock.now, newId: countingIds(), scopes: new Scopes([], []), limits: noLimits }
  const source = { id: 'test', parse: (body: unknown): Parsed => body as Parsed }
  const sources = new Map([['test', source]])
  const alerts = new Alerts(world, sources, rules, doorbell, (line) => said.push(line))
  const send = (...list: IncomingAlert[]) =>
    alerts.receive(alertmanager, 'test', new TextEncoder().encode(JSON.stringify({ alerts: list })))
  const all = () =>
    ledger.read(async (books) => ({
      incidents: await books.incidents.where({}),
      alerts: await books.alerts.where({}),
      deliveries: await books.deliveries.where({}),
      requests: await books.requests.where({}),
    }))
  return { world, ledger, clock, doorbell, alerts, send, all, said, sources }
}

describe('an alert', () => {
  test('opens an incident with class, severity and a plan asked for', async () => {
    const { send, all, doorbell } = intake()
    expect(await send(firing())).toMatchObject({ state: 'processed', received: 1, opened: 1 })
    const { incidents, alerts, requests } = await all()
    expect(incidents).toMatchObject([
      { class: 'high-api-latency', severity: 'SEV2', title: 'The API is slow', environment: 'prod' },
    ])
    expect(alerts).toMatchObject([{ state: 'firing', incident_id: incidents[0]!.id }])
    expect(requests).toMatchObject([{ kind: 'plan', subject: 'add-replicas', incident_id: incidents[0]!.id }])
    expect(doorbell.rings).toEqual([{ queue: 'plan', id: requests[0]!.id }])
  })

  test('told twice changes nothing the second time, and is counted', async () => {
    const { send, all } = intake()
    await send(firing())
    const before = await all()
    expect(await send(firing())).toMatchObject({ opened: 0, repeated: 1 })
    const after = await all()
    expect({ ...after, deliveries: [] }).toEqual({ ...before, deliveries: [] })
    expect(after.deliveries).toHaveLength(2)
  })

  test('of the same problem joins its incident; two in one delivery open one', async () => {
    const { send, all } = intake()
    expect(await send(firing({ instance: 'a' }), firing({ instance: 'b' }))).toMatchObject({ opened: 1, joined: 1 })
    expect(await send(firing({ instance: 'c' }))).toMatchObject({ joined: 1 })
    expect((await all()).incidents).toHaveLength(1)
  })

  test('that nobody knows is unclassified, and two unknown names are two incidents', async () => {
    const { send, all } = intake()
    await send(firing({ alertname: 'Gremlins' }), firing({ alertname: 'Poltergeist' }))
    const { incidents, requests } = await all()
    expect(incidents.map((incident) => incident.class)).toEqual(['unclassified', 'unclassified'])
    expect(requests).toEqual([])
  })

  test('resolves its incident with the last one', async () => {
    const { send, all } = intake()
    const [a, b] = [firing({ instance: 'a' }), firing({ instance: 'b' })]
    await send(a, b)
    await send(resolved(a))
    expect((await all()).incidents[0]?.state).toBe('open')
    expect(await send(resolved(b))).toMatchObject({ resolved: 1 })
    expect((await all()).incidents[0]?.state).toBe('resolved')
  })

  test('resolved that never fired here is counted and changes nothing', async () => {
    const { send, all } = intake()
    expect(await send(resolved(firing()))).toMatchObject({ repeated: 1 })
    expect((await all()).incidents).toEqual([])
  })

  test('again within the window opens its incident again, with a new plan; a late retry does not', async () => {
    const { send, all, clock } = intake()
    await send(firing())
    await send(resolved(firing()))
    expect(await send(firing())).toMatchObject({ repeated: 1 })
    clock.forward(10 * 60_000)
    expect(await send(firing({}, { starts_at: '2026-11-23T03:25:00.000Z' }))).toMatchObject({ joined: 1 })
    const { incidents, alerts } = await all()
    expect(incidents).toMatchObject([{ state: 'open', resolved_at: null, version: 3 }])
    expect(alerts).toMatchObject([{ state: 'firing', flaps: 1 }])
  })

  test('from a monitor whose clock runs ahead does not mute what fires later', async () => {
    const { send, all, clock } = intake()
    const early = firing({}, { starts_at: '2030-01-01T00:00:00.000Z' })
    await send(early)
    await send(resolved(early))
    clock.forward(60_000)
    expect(await send(firing({}, { starts_at: '2026-11-23T03:07:30.000Z' }))).toMatchObject({ joined: 1 })
    expect((await all()).alerts).toMatchObject([{ state: 'firing' }])
  })

  test('again after the window opens a new incident', async () => {
    const { send, all, clock } = intake()
    await send(firing())
    await send(resolved(firing()))
    clock.forward(31 * 60_000)
    expect(await send(firing({}, { starts_at: '2026-11-23T03:45:00.000Z' }))).toMatchObject({ opened: 1 })
    expect((await all()).incidents).toMatchObject([{ state: 'resolved' }, { state: 'open' }])
  })

  test('that stays away lets its incident be closed after the window, and not before', async () => {
    const { send, all, clock, world } = intake()
    const incidents = new Incidents(world)
    await send(firing())
    await send(resolved(firing()))
    clock.forward(29 * 60_000)
    expect(await incidents.closeOld(30)).toBe(0)
    clock.forward(2 * 60_000)
    expect(await incidents.closeOld(30)).toBe(1)
    expect(await incidents.closeOld(30)).toBe(0)
    expect((await all()).incidents).toMatchObject([{ state: 'closed' }])
  })

  test('may be noted upon, also when it is over: a note changes nothing but the log', async () => {
    const { send, all, world, ledger } = intake()
    const incidents = new Incidents(world)
    await send(firing())
    const [before] = (await all()).incidents
    await incidents.note(hannah, before!.id, 'the cache was\u0000 cold')
    await send(resolved(firing()))
    await incidents.note(hannah, before!.id, 'and warm again')
    const notes = ledger.log.filter(({ type }) => type === 'note.added')
    expect(notes).toMatchObject([
      { about: `incident:${before!.id}`, actor: { id: 'hannah' }, detail: { text: 'the cache was� cold' } },
      { stream: `incident:${before!.id}`, detail: { incident: before!.id, text: 'and warm again' } },
    ])
    expect((await all()).incidents).toMatchObject([{ state: 'resolved', version: before!.version + 1 }])
    await expect(incidents.note(hannah, 'inc_none', 'x')).rejects.toThrow('There is no incident inc_none')
  })

  test('with hostile text is an incident like any other', async () => {
    const { send, all } = intake()
    const summary = `\u0000\u001b[31m<script>${'𝒳'.repeat(5_000)}`
    await send(firing({}, { annotations: { summary } }))
    expect([...(await all()).incidents[0]!.title]).toHaveLength(300)
  })
})

describe('a delivery', () => {
  test.each([
    ['bytes that are not UTF-8', Uint8Array.of(0xff, 0xfe)],
    ['text that is not JSON', new TextEncoder().encode('{"alerts":')],
    [
      'JSON that is not what the source sends',
      new TextEncoder().encode('{"faults":[{"pointer":"/alerts","message":"expected a list"}]}'),
    ],
  ])('of %s is refused with a pointer and stands in the ledger', async (_, body) => {
    const { alerts, all } = intake()
    const refusal = await alerts.receive(alertmanager, 'test', body).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(Refused)
    expect(refusal).toMatchObject({ code: 'malformed', faults: [{ pointer: expect.any(String) as string }] })
    expect((await all()).deliveries).toMatchObject([{ state: 'refused', received: 1, refused: 1, body }])
  })

  test('is stored and sorted in by one transaction, which tells both', async () => {
    const { send, all, ledger } = intake()
    const commits: string[][] = []
    ledger.beforeCommit = (drafts) => void commits.push(drafts.map(({ type }) => type))
    expect(await send(firing())).toMatchObject({ state: 'processed', opened: 1 })
    const told = ['delivery.stored', 'alert.fired', 'incident.opened', 'plan.requested', 'delivery.processed']
    expect(commits).toEqual([told])
    expect((await all()).deliveries).toMatchObject([{ state: 'processed', received: 1, opened: 1 }])
  })

  test('that cannot even be stored is not answered, and nothing of it stands anywhere', async () => {
    const { send, all, ledger, said } = intake()
    ledger.beforeCommit = () => {
      throw new Error('the record is away')
    }
    await expect(send(firing())).rejects.toThrow('the record is away')
    const { deliveries, alerts, incidents } = await all()
    expect([...deliveries, ...alerts, ...incidents, ...ledger.log, ...said]).toEqual([])
  })

  test('told twice at once, byte by byte, opens once and is counted twice', async () => {
    const { send, all } = intake()
    const answers = await Promise.all([send(firing()), send(firing()), send(firing())])
    expect(answers.map(({ opened, repeated }) => [opened, repeated].join())).toEqual(['1,0', '0,1', '0,1'])
    const { deliveries, alerts } = await all()
    expect([deliveries.length, alerts.length]).toEqual([3, 1])
  })

  test('ends what another one that came with it began', async () => {
    const { send, all, ledger } = intake()
    let commits = 0
    ledger.beforeCommit = () => void commits++
    const [a, b] = [firing({ instance: 'a' }), firing({ instance: 'b' })]
    const answers = await Promise.all([send(firing({ alertname: 'Other' })), send(a, b), send(resolved(a)), send(resolved(b), resolved(b))]) // prettier-ignore
    expect(answers.map(({ state }) => state)).toEqual(Array.from(answers, () => 'processed'))
    expect(answers.map(({ resolved, repeated }) => [resolved, repeated].join())).toEqual(['0,0', '0,0', '1,0', '1,1'])
    expect(commits).toBe(1)
    const { alerts, incidents } = await all()
    expect(alerts.map(({ state }) => state).sort()).toEqual(['firing', 'resolved', 'resolved'])
    expect(incidents.find(({ class: named }) => named === 'high-api-latency')?.state).toBe('resolved')
  })

  test('that was stored before a crash is processed by the sweep, once', async () => {
    const { alerts, send, all, ledger, said } = intake()
    ledger.beforeCommit = (drafts) => {
      if (drafts.some(({ type }) => type === 'delivery.processed')) throw new Error('killed')
    }
    expect(await send(firing())).toMatchObject({ state: 'stored', opened: 0 })
    expect(said).toEqual([expect.stringMatching(/is stored and could not be processed: killed/)])
    ledger.beforeCommit = () => undefined
    expect((await all()).incidents).toEqual([])
    expect(await alerts.sweep()).toBe(1)
    expect(await alerts.sweep()).toBe(0)
    expect((await all()).incidents).toHaveLength(1)
  })

  test('of hundreds of problems is sorted in slice by slice, and a crash goes on where it was', async () => {
    const { alerts, send, all, ledger } = intake()
    const many = Array.from({ length: 250 }, (_, n) => firing({ alertname: `Gremlin${n}` }))
    let slices = 0
    ledger.beforeCommit = (drafts) => {
      if (drafts.some(({ type }) => type === 'alert.fired') && (slices += 1) === 2) throw new Error('killed')
    }
    expect(await send(...many)).toMatchObject({ state: 'stored', received: 250 })
    expect((await all()).deliveries).toMatchObject([{ state: 'stored', opened: 100 }])
    ledger.beforeCommit = () => undefined
    await alerts.sweep()
    expect((await all()).deliveries).toMatchObject([{ state: 'processed', opened: 250, repeated: 0 }])
    expect((await all()).incidents).toHaveLength(250)
  })

  test('of many at once is stored and sorted in with the others, each with counts of its own', async () => {
    const { send, all, ledger } = intake()
    let commits = 0
    ledger.beforeCommit = () => void commits++
    const told = Array.from({ length: 30 }, (_, nth) => firing({ instance: String(nth % 10) }))
    const answers = await Promise.all(told.map((alert) => send(alert)))
    expect(commits).toBeLessThanOrEqual(6)
    expect(answers.every(({ state, received }) => state === 'processed' && received === 1)).toBe(true)
    expect(answers.map(({ opened, joined, repeated }) => [opened, joined, repeated].join())).toEqual([
      '1,0,0',
      ...Array.from({ length: 9 }, () => '0,1,0'),
      ...Array.from({ length: 20 }, () => '0,0,1'),
    ])
    const { deliveries, incidents, alerts } = await all()
    expect([deliveries.length, incidents.length, alerts.length]).toEqual([30, 1, 10])
  })

  test('that cannot be sorted in keeps none of the others from it', async () => {
    const { alerts, send, all, ledger, said } = intake()
    ledger.beforeCommit = (drafts) => {
      if (drafts.some(({ type, detail }) => type === 'alert.fired' && detail?.['fingerprint'] === 'fp-Odd-'))
        throw new Error('odd')
    }
    const answers = await Promise.all(['A', 'B', 'Odd', 'C'].map((alertname) => send(firing({ alertname }))))
    expect(answers.map(({ state }) => state)).toEqual(['processed', 'processed', 'stored', 'processed'])
    expect(said).toEqual([expect.stringMatching(/is stored and could not be processed: odd/)])
    expect((await all()).alerts).toHaveLength(3)
    ledger.beforeCommit = () => undefined
    expect(await alerts.sweep()).toBe(1)
    expect((await all()).deliveries.map(({ state }) => state)).toEqual(Array.from(answers, () => 'processed'))
    expect((await all()).alerts).toHaveLength(4)
  })

  test('of a source that is gone since it was stored ends as refused, and blocks nothing', async () => {
    const { alerts, send, all, ledger, sources } = intake()
    ledger.beforeCommit = (drafts) => {
      if (drafts.some(({ type }) => type === 'delivery.processed')) throw new Error('killed')
    }
    await send(firing())
    ledger.beforeCommit = () => undefined
    sources.delete('test')
    await alerts.sweep()
    expect((await all()).deliveries).toMatchObject([{ state: 'refused', received: 1, refused: 1 }])
    expect(await alerts.sweep()).toBe(0)
  })

  test('that was not a text is refused in words that can be stored', async () => {
    const { alerts, all } = intake()
    for (const bytes of ['{"a": 😀}', '\u0000'])
      await expect(alerts.receive(alertmanager, 'test', new TextEncoder().encode(bytes))).rejects.toMatchObject({
        code: 'malformed',
      })
    for (const { faults } of (await all()).deliveries) {
      expect(JSON.stringify(faults).isWellFormed()).toBe(true)
      expect(JSON.stringify(faults)).not.toContain('\\u0000')
    }
  })

  test('adds up', async () => {
    const { send, all } = intake()
    await send(firing(), firing({ instance: 'b' }), firing())
    await send(resolved(firing()), firing({ alertname: 'Gremlins' }))
    for (const row of (await all()).deliveries)
      expect(row.received).toBe(row.opened + row.joined + row.repeated + row.resolved + row.suppressed + row.refused)
  })

  test('from a source that nobody knows is refused', async () => {
    const { alerts } = intake()
    await expect(alerts.receive(alertmanager, 'nagios', new Uint8Array())).rejects.toMatchObject({ code: 'not-found' })
  })
})

test('nobody sends in the name of the house itself: its findings come from its own record', async () => {
  const ledger = new FakeLedger()
  const world = { ledger, now: new TestClock().now, newId: countingIds(), scopes: new Scopes([], []), limits: noLimits }
  const parse = (): Parsed => ({ alerts: [firing()] })
  const own: AlertSource = { id: 'firebreak', own: true, parse }
  const sources = new Map([own, { id: 'alertmanager', parse }].map((source) => [source.id, source]))
  const alerts = new Alerts(world, sources, rules, new FakeDoorbell(), () => undefined)
  await expect(alerts.receive(alertmanager, 'firebreak', new Uint8Array())).rejects.toThrow(
    'There is no alert source "firebreak". Known: alertmanager.',
  )
  expect(await ledger.read((books) => books.deliveries.where({}))).toEqual([])
})

test('deliveries that are sorted in together are each on the account of whoever brought them', async () => {
  const { world, ledger, alerts, doorbell } = intake()
  const account = new AsyncLocalStorage<string>()
  Object.assign(world, { follower: { ...nobody, bind: () => AsyncLocalStorage.snapshot() } })
  const written: [string | undefined, string][] = []
  const rung: (string | undefined)[] = []
  const write = ledger.write.bind(ledger)
  ledger.write = (work) =>
    write((books) => {
      const append = (...drafts: Draft[]) => {
        for (const { type, stream } of drafts) written.push([account.getStore(), `${type} ${stream.split(':')[0]}`])
        books.audit.append(...drafts)
      }
      return work({ ...books, audit: { ...books.audit, append } })
    })
  doorbell.ring = async () => void rung.push(account.getStore())
  const told = (name: string) =>
    account.run(
      name,
      () =>
      alerts.receive(alertmanager, 'test', new TextEncoder().encode(JSON.stringify({ alerts: [firing({ service: name, instance: name })] }))), // prettier-ignore
    )
  const names = ['one', 'two', 'three', 'four']
  await Promise.all(names.map(told))
  for (const line of [
    'delivery.stored delivery',
    'alert.fired incident',
    'incident.opened incident',
    'plan.requested plan',
    'delivery.processed delivery',
  ])
    // prettier-ignore
    expect(written.filter(([, said]) => said === line).map(([by]) => by)).toEqual(expect.arrayContaining(names))
  expect(written.filter(([by]) => by === 'one')).toHaveLength(5)
  expect(rung.toSorted()).toEqual(names.toSorted())
})
