import { beforeEach, expect, test } from 'vitest'
import { FIGURES, keptActive, keptPlan, keptRoom, RoomKeeper, ROOMS, WEEK } from './rooms.js'
import { claim } from './shelf.js'
import { aShelf } from './testing/a-shelf.js'
import type { Figure, Incident, IncidentSummary, Plan } from './view.js'

const NOW = new Date('2026-11-26T03:05:12.000Z')

let shelf: ReturnType<typeof aShelf>
let open: IncidentSummary[]
let asked: string[]
let ended: AbortController
/** The room whose timeline the API does not answer. */
let silent: string | null
/** The room whose figures it does not answer. */
let unread: string | null
let figures: Figure[]
let now: Date
let keeper: RoomKeeper

const summary = (id: string, severity: IncidentSummary['severity'] = 'SEV2') =>
  ({ id, severity, opened_at: `2026-11-26T03:00:0${id.length % 10}.000Z`, version: 1 }) as IncidentSummary

beforeEach(() => {
  shelf = aShelf()
  asked = []
  ended = new AbortController()
  silent = unread = null
  figures = [{ name: 'p95_ms' } as Figure]
  now = NOW
  open = [summary('inc_1'), summary('inc_2')]
  keeper = new RoomKeeper(
    shelf,
    {
      active: async () => ({ items: open, next: null }),
      incident: async (id) => {
        asked.push(id)
        return open.find((one) => one.id === id)! as Incident
      },
      timeline: async (id) => {
        if (id === silent) throw new Error('no answer')
        return { items: [] }
      },
      suggestions: async (id) => ({ items: [{ id: `pln_${id}`, run: `run_of_pln_${id}` } as Plan] }),
      figures: async (id) => {
        if (id === unread) throw new Error('the figures cannot be read')
        return { items: figures }
      },
      changes: async () => ({ items: [], from: '', until: '', looked_at: null }),
      rest: async () => {},
    },
    () => now,
    ended.signal,
  )
})

test('the list, each room with its timeline, and its plans are found again, with their time', async () => {
  await keeper.round()
  expect((await keptActive(shelf, NOW))?.data.items).toEqual(open)
  expect(await keptRoom(shelf, 'inc_2', NOW)).toMatchObject({
    at: NOW.toISOString(),
    data: { timeline: { items: [] } },
  })
  expect(await keptPlan(shelf, 'pln_inc_1', NOW)).toMatchObject({
    at: NOW.toISOString(),
    data: { run: 'run_of_pln_inc_1' },
  })
  expect(await keptPlan(shelf, 'pln_other', NOW)).toBeUndefined()
})

test('what is around a room is kept with its own time, and stays where it is not answered', async () => {
  await keeper.round()
  expect((await keptRoom(shelf, 'inc_1', NOW))?.data).toMatchObject({
    figures: { data: { items: [{ name: 'p95_ms' }] }, at: NOW.toISOString() },
    changes: { data: { looked_at: null }, at: NOW.toISOString() },
  })
  unread = 'inc_1'
  now = new Date(NOW.getTime() + 60_000)
  await keeper.round()
  const later = await keptRoom(shelf, 'inc_1', now)
  expect([later?.at, later?.data.changes?.at]).toEqual([now.toISOString(), now.toISOString()])
  expect(later?.data.figures).toMatchObject({ data: { items: [{ name: 'p95_ms' }] }, at: NOW.toISOString() })
})

test('of figures as many are kept as there is room for, the first of them', async () => {
  const points = Array.from({ length: 2_000 }, (_, at) => [at, at * 1.5] as [number, number])
  figures = Array.from({ length: 30 }, (_, at) => ({ name: `figure_${at}`, points }) as unknown as Figure)
  await keeper.round()
  const kept = (await keptRoom(shelf, 'inc_1', NOW))!.data.figures!.data.items
  expect(kept.length).toBeGreaterThan(1)
  expect(kept).toEqual(figures.slice(0, kept.length))
  const size = JSON.stringify(kept).length
  expect(size).toBeLessThanOrEqual(FIGURES + kept.length + 2)
  expect(size + JSON.stringify(figures[0]).length).toBeGreaterThan(FIGURES)
})

test('of many only the most urgent are kept, and one that is over goes', async () => {
  open = Array.from({ length: 300 }, (_, at) => summary(`inc_${at}`, at % 2 ? 'SEV1' : 'SEV4'))
  await keeper.round()
  const rooms = () => [...shelf.things.keys()].filter((name) => name.startsWith('room/'))
  expect(rooms()).toHaveLength(ROOMS)
  expect(new Set(asked).size).toBe(ROOMS)
  expect(rooms().every((name) => Number(name.slice('room/inc_'.length)) % 2 === 1)).toBe(true)
  open = open.filter(({ id }) => `room/${id}` !== rooms()[0]).slice(0, 20)
  await keeper.round()
  expect(rooms()).toHaveLength(20)
})

test('the next round asks for what has changed, and a few of the others', async () => {
  open = Array.from({ length: 40 }, (_, at) => summary(`inc_${at}`))
  await keeper.round()
  asked = []
  keeper.heard({ type: 'step.done', id: 'run:run_of_pln_inc_30' })
  keeper.heard({ type: 'note.added', id: 'incident:inc_31' })
  keeper.heard({ type: 'alert.fired', id: 'incident:inc_nobody_knows' })
  open = open.map((one) => (one.id === 'inc_32' ? { ...one, severity: 'SEV1' } : one))
  await keeper.round(new Set(['inc_33']))
  expect(asked).toEqual(expect.arrayContaining(['inc_30', 'inc_31', 'inc_32', 'inc_33']))
  expect(asked.length).toBeLessThanOrEqual(9)
  // Whatever nobody told of is found in time.
  asked = []
  for (let rounds = 0; rounds < 8; rounds++) await keeper.round()
  expect(new Set(asked).size).toBe(40)
})

test('what has changed is kept in the next round, when this one did not come so far', async () => {
  open = Array.from({ length: 40 }, (_, at) => summary(`inc_${at}`))
  await keeper.round()
  keeper.heard({ type: 'note.added', id: 'incident:inc_20' })
  keeper.heard({ type: 'note.added', id: 'incident:inc_30' })
  silent = 'inc_20'
  await expect(keeper.round()).rejects.toThrow('no answer')
  silent = null
  asked = []
  await keeper.round()
  expect(asked).toEqual(expect.arrayContaining(['inc_20', 'inc_30']))
})

test('whoever leaves leaves nothing behind, also while a round goes on', async () => {
  const round = keeper.round()
  ended.abort()
  await shelf.clear()
  await round
  expect([...shelf.things.keys()]).toEqual([])
})

test('SEC-44: of incidents nothing is older than seven days, and what is goes away', async () => {
  await keeper.round()
  const [still, over] = [WEEK - 1, WEEK].map((ms) => new Date(NOW.getTime() + ms))
  expect(await keptActive(shelf, still)).toBeDefined()
  expect(await keptRoom(shelf, 'inc_1', over)).toBeUndefined()
  expect(await keptPlan(shelf, 'pln_inc_2', over)).toBeUndefined()
  expect(await keptActive(shelf, over)).toBeUndefined()
  expect([...shelf.things.keys()]).toEqual([])
})

test('SEC-44: what one person read is not there for another', async () => {
  await claim(shelf, 'hannah', NOW)
  await keeper.round()
  await claim(shelf, 'hannah', NOW)
  expect(await keptActive(shelf, NOW)).toBeDefined()
  await claim(shelf, 'sam', NOW)
  expect([...shelf.things.keys()]).toEqual(['owner'])
})
