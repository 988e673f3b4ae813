import { describe, expect, test } from 'vitest'
import { Inbox, inOrder, type Page, type Placed } from './inbox.js'

interface Row extends Placed {
  /** Which filter it passes: those that are open. */
  open: boolean
  /** Grows with each change. */
  version: number
}

/** The same numbers for the same seed. */
function dice(seed: number) {
  let state = seed + 1
  return (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
}

const PAGE = 20
const row = (nth: number, severity: number): Row => ({
  id: `inc_${String(nth).padStart(6, '0')}`,
  severity: `SEV${severity}`,
  open: true,
  version: 1,
})

/**
 * A record that changes, and whose events are heard later, one after the other; an answer holds what was so at some
 * moment between its question and its coming. Who rolls the dice decides what happens next.
 */
class Night {
  readonly rows = new Map<string, Row>()
  readonly events: { id: string; type: string }[] = []
  /** Each is either looked up in the record, or told. */
  private readonly answers: { look?: () => unknown; found?: unknown; tell(found: unknown): void }[] = []
  private readonly timers: { at: number; what(): void }[] = []
  time = 0
  private made = 0
  questions = { page: 0, these: 0 }

  readonly inbox = new Inbox<Row>({
    page: (after) => this.question('page', () => this.page(after)) as Promise<Page<Row>>,
    these: (ids) => this.question('these', () => ids.flatMap((id) => this.rows.get(id) ?? [])) as Promise<Row[]>,
    passes: ({ open }) => open,
    now: () => this.time,
    later: (ms, what) => void this.timers.push({ at: this.time + ms, what }),
  })

  constructor(readonly roll: (below: number) => number) {}

  get matching(): Row[] {
    return [...this.rows.values()].filter(({ open }) => open).sort(inOrder)
  }

  open(): void {
    const one = row(++this.made, 1 + this.roll(4))
    this.rows.set(one.id, one)
    this.events.push({ id: one.id, type: 'incident.opened' })
  }

  change(): void {
    const all = [...this.rows.keys()]
    const id = all[this.roll(all.length)]
    const before = id === undefined ? undefined : this.rows.get(id)
    if (before === undefined) return
    const what = this.roll(4)
    const next = { ...before, version: before.version + 1 }
    if (what === 0) next.open = !before.open
    if (what === 1) next.severity = `SEV${1 + this.roll(4)}`
    this.rows.set(next.id, next)
    this.events.push({ id: next.id, type: what < 2 ? 'incident.changed' : 'alert.fired' })
  }

  /** The line broke: what was on its way is not heard, and that is told. */
  breakLine(): void {
    this.events.length = 0
    this.inbox.missed()
  }

  hear(): boolean {
    const event = this.events.shift()
    if (event) this.inbox.touch(event.id, event.type)
    return event !== undefined
  }

  lookUp(): boolean {
    const one = this.answers.find(({ look }) => look !== undefined)
    if (one?.look) one.found = one.look()
    delete one?.look
    return one !== undefined
  }

  async tell(): Promise<boolean> {
    const at = this.answers.findIndex(({ look }) => look === undefined)
    const [one] = at < 0 ? [] : this.answers.splice(at, 1)
    one?.tell(one.found)
    for (let tick = 0; tick < 6; tick++) await Promise.resolve()
    return one !== undefined
  }

  pass(ms: number): boolean {
    this.time += ms
    const due = this.timers.filter(({ at }) => at <= this.time)
    for (const timer of due) this.timers.splice(this.timers.indexOf(timer), 1)
    for (const { what } of due) what()
    return this.timers.length > 0 || due.length > 0
  }

  /** Until nothing is on its way and nothing is asked. */
  async rest(): Promise<void> {
    for (let step = 0; step < 10_000; step++) {
      const busy = [this.hear(), this.lookUp(), await this.tell(), this.pass(60)]
      if (!busy.some(Boolean)) return
    }
    throw new Error('It asks for ever.')
  }

  /** Goes through the whole list, as far as it goes, until nothing comes any more. */
  async walk(): Promise<void> {
    for (let at = 0; at < this.inbox.count; at += 10) {
      this.inbox.look(at, at + 15)
      await this.rest()
    }
  }

  get shown(): { item: Row; left: boolean }[] {
    return Array.from({ length: this.inbox.held }, (_, at) => this.inbox.row(at)!)
  }

  private question(kind: 'page' | 'these', look: () => unknown): Promise<unknown> {
    this.questions[kind]++
    return new Promise((tell) => this.answers.push({ look, tell }))
  }

  private page(after: string | null): Page<Row> {
    const key = after === null ? null : { severity: after.slice(0, 4), id: after.slice(5) }
    const behind = this.matching.filter((one) => key === null || inOrder(one, key) > 0)
    const items = behind.slice(0, PAGE)
    const last = items.at(-1)
    return { items, next: behind.length > PAGE && last ? `${last.severity} ${last.id}` : null }
  }
}

async function begun(seed: number, count: number): Promise<Night> {
  const night = new Night(dice(seed))
  for (let nth = 0; nth < count; nth++) night.open()
  night.events.length = 0
  night.inbox.begin()
  night.inbox.look(0, 15)
  return night
}

const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)

describe.each(Array.from({ length: 120 }, (_, seed) => seed))('schedule %i', (seed) => {
  test('no row is lost, none comes twice, none moves, and each is shown as it is', async () => {
    const night = await begun(seed, 30 + (seed % 5) * 40)
    const { inbox, roll } = night
    let order: string[] = []
    for (let step = 0; step < 400; step++) {
      const what = roll(100)
      if (what < 12) night.open()
      else if (what < 34) night.change()
      else if (what < 54) for (let heard = seed % 2 ? roll(8) : 0; heard >= 0; heard--) night.hear()
      else if (what < 64) night.lookUp()
      else if (what < 74) await night.tell()
      else if (what < 88) night.pass(20 + roll(200))
      else if (what < 97) {
        const first = roll(Math.max(1, inbox.count))
        inbox.look(first, first + 15)
      } else if (what === 97) inbox.stir()
      else if (what === 98) night.breakLine()
      else if (seed % 3 === 0) {
        void inbox.renew()
        order = []
        // It changes while the new beginning is on its way.
        night.lookUp()
        for (let change = 0; change < 3; change++) night.change()
        night.open()
        while (night.hear());
        await night.rest()
      }
      // What is shown stays where it is, whatever has come.
      const now = ids(night.shown.map(({ item }) => item))
      expect(now.slice(0, order.length)).toEqual(order)
      order = now
    }
    await night.walk()
    // Once more: what a page further down brought may have changed what stands above.
    await night.walk()

    const shown = night.shown
    const held = ids(shown.filter(({ left }) => !left).map(({ item }) => item))
    const waiting = ids(inbox.arrivals)
    expect(new Set([...held, ...waiting]).size).toBe(held.length + waiting.length)
    expect([...held, ...waiting].sort()).toEqual(ids(night.matching).sort())
    for (const { item } of [...shown, ...inbox.arrivals.map((item) => ({ item }))])
      expect(item).toEqual(night.rows.get(item.id))

    void inbox.renew()
    await night.rest()
    await night.walk()
    expect(ids(night.shown.map(({ item }) => item))).toEqual(ids(night.matching))
    expect(inbox.arrivals).toEqual([])
  })
})

test('what comes behind what is held waits for its page, and what comes before it waits for the person', async () => {
  const night = await begun(3, 2_000)
  await night.rest()
  const comes = async (severity: number) => {
    const one = row(5_000 + severity, severity)
    night.rows.set(one.id, one)
    night.events.push({ id: one.id, type: 'incident.opened' })
    await night.rest()
  }
  expect(night.inbox.held).toBeLessThan(600)
  await comes(4)
  expect(night.inbox.arrivals).toEqual([])
  await comes(1)
  expect(night.inbox.arrivals).toMatchObject([{ severity: 'SEV1' }])
})

test('of much that changes only what is near the window is asked, in four rounds a second', async () => {
  const night = await begun(1, 400)
  await night.rest()
  const before = { ...night.questions }
  const began = night.time
  for (let step = 0; step < 400; step++) {
    night.change()
    for (let change = 0; change < 7; change++) {
      const id = row(1 + night.roll(400), 1).id
      night.events.push({ id, type: 'alert.fired' })
    }
    while (night.hear());
    night.lookUp()
    await night.tell()
    night.pass(25)
  }
  const seconds = (night.time - began) / 1_000
  expect(night.questions.page).toBe(before.page)
  expect((night.questions.these - before.these) / seconds).toBeLessThanOrEqual(4)
  expect(night.questions.these - before.these).toBeGreaterThan(seconds)
})

test('after events were missed only what is near the window is read again, and the rest when somebody goes there', async () => {
  const night = await begun(2, 200)
  await night.rest()
  await night.walk()
  night.inbox.look(100, 115)
  await night.rest()
  const { page } = night.questions
  night.breakLine()
  await night.rest()
  // The page that is looked at, and the first, where most of what is new stands.
  expect(night.questions.page - page).toBeLessThanOrEqual(3)
  night.inbox.look(180, 195)
  await night.rest()
  expect(night.questions.page - page).toBeLessThanOrEqual(5)
})

test('what fails is tried again, and what is shown stays', async () => {
  let fails = true
  let time = 0
  const timers: { at: number; what(): void }[] = []
  const items = [row(2, 1), row(1, 2)]
  const inbox = new Inbox<Row>({
    page: async () => {
      if (fails) throw new Error('503')
      return { items, next: null }
    },
    these: async () => items,
    passes: () => true,
    now: () => time,
    later: (ms, what) => void timers.push({ at: time + ms, what }),
  })
  const pass = async (ms: number) => {
    time += ms
    for (const timer of timers.splice(0).map((one) => (one.at <= time ? one : void timers.push(one)))) timer?.what()
    for (let tick = 0; tick < 6; tick++) await Promise.resolve()
  }
  inbox.begin()
  await pass(100)
  expect([inbox.ready, inbox.error]).toEqual([false, new Error('503')])
  fails = false
  await pass(6_000)
  expect([inbox.ready, inbox.error, inbox.count]).toEqual([true, null, 2])
  fails = true
  void inbox.renew()
  for (let tick = 0; tick < 6; tick++) await Promise.resolve()
  expect([inbox.error, inbox.count]).toEqual([new Error('503'), 2])
  fails = false
  await pass(6_000)
  expect([inbox.error, inbox.count]).toEqual([null, 2])
})
