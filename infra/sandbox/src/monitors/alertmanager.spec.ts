import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Sample } from './metrics.js'
import { Monitors, quiet, type MonitorsState } from './monitors.js'

/*
 * The sandbox's monitors with the rules of the house, a clock of the test's, and a receiver that really is called.
 */

interface Payload {
  status: string
  groupKey: string
  commonLabels: Record<string, string>
  alerts: { status: string; labels: Record<string, string>; startsAt: string; endsAt: string }[]
}

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** Deliveries that are under way. */
const under = new Set<Promise<unknown>>()
const plain = globalThis.fetch
beforeEach(() => {
  vi.stubGlobal('fetch', (...call: Parameters<typeof plain>) => {
    const sending = plain(...call)
    const done: Promise<unknown> = sending.then(
      () => under.delete(done),
      () => under.delete(done),
    )
    under.add(done)
    return sending
  })
})
afterEach(() => void vi.unstubAllGlobals())

/** Waits for them, and for what is done about their answers. */
async function delivered(): Promise<void> {
  for (const one of under) await one
  for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve))
}

async function stage(state: MonitorsState = quiet(), elsewhere = false) {
  const told: Payload[] = []
  let answer = 202
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      if (answer === 202) told.push(JSON.parse(Buffer.concat(chunks as Buffer[]).toString()) as Payload)
      response.writeHead(answer).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => (server.closeAllConnections(), server.close()))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const changed = vi.fn()
  const lines: string[] = []
  const monitors = new Monitors(state, { url }, 'http://sandbox', changed, (line) => lines.push(line), { elsewhere })
  closing.push(() => monitors.stop())
  let now = 0
  let samples: Sample[] = []
  return {
    told,
    lines,
    state,
    seen: () => monitors.seen(),
    answers: (code: number) => (answer = code),
    measure: (...now: Sample[]) => (samples = now),
    /** Lets the sandbox's time pass; it stands still while something is delivered. */
    async live(ms: number) {
      for (const end = now + ms; now < end; now += 250) {
        monitors.step(now, () => samples)
        await delivered()
      }
    },
  }
}

const errors = (reason: string, value = 60): Sample => ({
  name: 'storage_errors_per_minute',
  labels: { bucket: 'documents', reason },
  value,
})
const down = (engine: string): Sample => ({ name: 'ocr_up', labels: { engine }, value: 0 })
const statuses = (told: Payload[]) => told.map(({ status }) => status)

test('each series is an alert of its own, and those of one service are told together', async () => {
  const { told, measure, live, lines } = await stage()
  measure(errors('denied'), errors('quota', 5), errors('throttled'), down('primary'))
  await live(6_000)
  expect(told.map(({ groupKey }) => groupKey).sort()).toEqual([
    '{}:{alertname="OcrDown", service="ocr"}',
    '{}:{alertname="StorageErrors", service="storage"}',
  ])
  const storage = told.find(({ groupKey }) => groupKey.includes('Storage'))!
  expect(storage.alerts.map(({ labels }) => labels.reason).sort()).toEqual(['denied', 'throttled'])
  const labels = { alertname: 'StorageErrors', bucket: 'documents', namespace: 'prod', service: 'storage' }
  expect(storage.commonLabels).toEqual({ ...labels, severity: 'critical' })
  expect(lines).toContain('alert OcrDown of ocr fires')
})

test('news is told at once, no news after a while, the end to the end', async () => {
  const { told, measure, live, seen, state } = await stage()
  measure(errors('denied'))
  await live(20_000)
  expect(statuses(told)).toEqual(['firing'])
  measure(errors('denied'), errors('quota'))
  await live(6_000)
  expect(told.at(-1)!.alerts).toHaveLength(2)
  measure(errors('quota'))
  await live(6_000)
  // The group fires on; one of its alerts is over.
  expect(told.at(-1)!.status).toBe('firing')
  expect(
    told
      .at(-1)!
      .alerts.map(({ status }) => status)
      .sort(),
  ).toEqual(['firing', 'resolved'])
  const before = told.length
  await live(40_000)
  expect(statuses(told.slice(before))).toEqual(['firing'])
  measure()
  await live(6_000)
  expect(told.at(-1)!.status).toBe('resolved')
  expect(told.at(-1)!.alerts.every(({ endsAt, startsAt }) => endsAt >= startsAt)).toBe(true)
  const after = told.length
  await live(60_000)
  expect(told).toHaveLength(after)
  expect([seen(), state.alerts]).toEqual([[], []])
})

test('what was never told as firing is not told as resolved', async () => {
  const { told, measure, live, answers, state } = await stage()
  answers(503)
  measure(down('primary'))
  await live(6_000)
  measure()
  await live(6_000)
  answers(202)
  await live(60_000)
  expect([told, state.alerts]).toEqual([[], []])
})

test('what ended while nobody listened is told as over', async () => {
  const { told, measure, live, answers } = await stage()
  measure(down('primary'))
  await live(6_000)
  answers(500)
  measure()
  await live(6_000)
  expect(statuses(told)).toEqual(['firing'])
  answers(202)
  await live(120_000)
  expect(statuses(told)).toEqual(['firing', 'resolved'])
})

test('a restart goes on where the process before was: nothing begins anew, nothing is forgotten', async () => {
  const first = await stage()
  first.measure(down('primary'), down('fallback'))
  await first.live(6_000)
  const [before] = first.told
  const second = await stage(JSON.parse(JSON.stringify(first.state)) as MonitorsState)
  expect(second.seen().map(({ alertname, is, told }) => [alertname, is, told])).toEqual([
    ['OcrDown', 'firing', 'firing'],
    ['OcrDown', 'firing', 'firing'],
  ])
  second.measure(down('fallback'))
  await second.live(8_000)
  const primary = second.told.flatMap(({ alerts }) => alerts).filter(({ labels }) => labels.engine === 'primary')
  expect(primary.at(-1)!.status).toBe('resolved')
  expect(new Set(primary.map(({ startsAt }) => startsAt))).toEqual(new Set([before!.alerts[0]!.startsAt]))
  expect(second.told.at(-1)!.status).toBe('firing')
})

test('when others take over, what was told of comes to its end, and nothing new is told', async () => {
  const first = await stage()
  first.measure(down('primary'))
  await first.live(6_000)
  const second = await stage(JSON.parse(JSON.stringify(first.state)) as MonitorsState, true)
  second.measure(down('primary'), errors('denied'))
  await second.live(60_000)
  expect(second.told.map(({ status, commonLabels }) => [status, commonLabels.alertname])).toEqual([
    ['resolved', 'OcrDown'],
  ])
  expect(second.seen()).toEqual([])
})
