import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fill } from '../mock-api/fill.js'
import { openConsole, type ConsolePage } from './console.js'
import { crowdIn, type Crowd } from './crowd.js'
import { launched, type Launched } from './fixtures.js'
import { serve } from './serve.js'
import { startWhole } from './whole.js'

/*
 * A hundred thousand incidents, scrolled through while three hundred of them change each second: on the pretended API, and
 * on the real one with its record.
 */

const ROWS = 100_000
const CHANGES = 300
const ROUNDS = 4

interface Place extends Crowd {
  url: string
}

async function onTheMock({ built }: Launched): Promise<Place> {
  const served = await serve(built.folder)
  const ids = fill(served.api, ROWS)
  // Of four in a row each has another severity; the newest of each come first.
  const order = [0, 1, 2, 3].flatMap((severity) => ids.filter((_, nth) => nth % 4 === severity).reverse())
  return {
    url: served.url,
    order,
    change: async (some) => served.api.change(some),
    comes: async (title) => served.api.arrive({ title, severity: 'SEV1', service: 'ledgers' }),
    close: () => served.close(),
  }
}

async function onTheWhole({ built }: Launched): Promise<Place> {
  const { url, data, close } = await startWhole(built)
  const crowd = await crowdIn(data, ROWS)
  return {
    ...{ ...crowd, url },
    close: async () => {
      await crowd.close()
      await close()
    },
  }
}

const launch = launched()

describe.each([
  ['on the mock', onTheMock],
  ['on the real API', onTheWhole],
])('%s', (_, begin) => {
  let place: Place
  let one: ConsolePage
  beforeAll(async () => void (place = await begin(launch)), 240_000)
  afterAll(async () => {
    await one?.close()
    await place?.close()
  }, 180_000)

  test('100,000 incidents are scrolled through while 300 change each second', async () => {
    const { order } = place
    expect(order).toHaveLength(ROWS)
    one = await openConsole(launch.browser, place.url, { as: 'Hannah Okafor', path: '/incidents', width: 1440 })
    const { page } = one
    page.setDefaultTimeout(60_000)
    await page.locator('tr[data-index="0"]').waitFor()
    await expect.poll(() => page.getByRole('table').getAttribute('aria-rowcount')).toBe(String(ROWS + 1))
    await page.getByRole('link', { name: 'active 100,000' }).waitFor()
    // What the list asks. What is kept on the device beside it has its own pace.
    const asked = { page: 0, these: 0, counts: 0 }
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url())
      if (pathname === '/v1/incidents/counts') asked.counts++
      if (pathname !== '/v1/incidents') return
      if (searchParams.has('ids')) asked.these++
      else if (searchParams.get('limit') === '1000') asked.page++
    })
    const empty = await heap(page)
    const still = await frames(page, 2_000)

    let changed = 0
    let last: Promise<unknown> = Promise.resolve()
    const changing = setInterval(() => {
      // A quarter among those that are looked at first.
      const some = Array.from({ length: CHANGES / ROUNDS }, (_, nth) => order[dice(nth % 4 === 0 ? 160 : ROWS)]!)
      changed += some.length
      last = place.change(some)
    }, 1_000 / ROUNDS)
    try {
      const before = { ...asked }
      const seconds = 4
      const busy = await frames(page, seconds * 1_000)
      // As many frames as a page has at rest, but for what a busy machine takes.
      expect(busy / still).toBeGreaterThan(0.5)
      expect(asked.these - before.these).toBeGreaterThan(seconds)
      expect((asked.these - before.these) / seconds).toBeLessThanOrEqual(ROUNDS + 0.5)
      expect(asked.page - before.page).toBeLessThanOrEqual(1)
      expect((asked.counts - before.counts) / seconds).toBeLessThanOrEqual(1)

      // To the end, as far as it is there each time, and back. Each row stands in its place, and in no other.
      const began = performance.now()
      const pages = asked.page
      const down = await scrolled(page, 1)
      const took = (performance.now() - began) / 1_000
      expect(asked.page - pages).toBeLessThanOrEqual(Math.ceil(ROWS / 1_000) + 3)
      expect(asked.page - pages).toBeGreaterThanOrEqual(Math.floor(ROWS / 1_000) - 2)
      expect(down.frames / took / still).toBeGreaterThan(0.1)
      const up = await scrolled(page, -1)
      for (const { seen } of [down, up]) {
        expect(seen.length).toBeGreaterThan(ROWS / 50)
        expect(seen.filter(({ at, id }) => order[at] !== id)).toEqual([])
      }
      expect(Math.max(...down.seen.map(({ at }) => at))).toBe(ROWS - 1)
      expect(Math.min(...up.seen.map(({ at }) => at))).toBe(0)
      expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe(String(ROWS + 1))
      expect((await heap(page)) - empty).toBeLessThanOrEqual(60)

      // One of the worst comes while somebody reads far below: it is said, and no row moves.
      await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight / 2))
      // Until it has drawn what is there, and not still what was above.
      await expect.poll(async () => (await drawn(page)).filter(({ at }) => at > ROWS / 4).length).toBeGreaterThan(10)
      await page.locator('tr[data-coming]').first().waitFor({ state: 'detached' })
      const places = await tops(page)
      await place.comes('The ledger of everybody is gone')
      const strip = page.getByRole('status').filter({ hasText: 'The ledger of everybody is gone' }).first()
      await strip.waitFor()
      await page.getByRole('button', { name: '1 new: press n to show' }).waitFor()
      const after = await tops(page)
      const stayed = Object.keys(places).filter((id) => id in after)
      expect(stayed.length).toBeGreaterThan(10)
      for (const id of stayed) expect([id, after[id]]).toEqual([id, places[id]])
    } finally {
      clearInterval(changing)
    }
    await last
    expect(changed).toBeGreaterThan(CHANGES * 10)

    // What is drawn is what the API says, wherever one looks.
    for (const share of [0.5, 0.99, 0.02, 0]) {
      await page.evaluate((share) => window.scrollTo(0, document.documentElement.scrollHeight * share), share)
      await expect.poll(() => agrees(page), { timeout: 15_000 }).toBe('as the API says')
    }
    await page.keyboard.press('n')
    await page.locator('a:focus', { hasText: 'The ledger of everybody is gone' }).waitFor()
    expect((await drawn(page))[0]!.at).toBe(0)
    expect(one.troubles).toEqual([])
  }, 240_000)
})

/** The same numbers in every run. */
let state = 7
function dice(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
  return Math.floor((state / 0x80000000) * below)
}

/** Frames a second, drawn for so long. */
const frames = (page: Page, ms: number): Promise<number> =>
  page.evaluate(
    (ms) =>
      new Promise<number>((done) => {
        let count = 0
        const start = performance.now()
        const frame = () => {
          const passed = performance.now() - start
          if (passed >= ms) return done((count * 1_000) / passed)
          count++
          requestAnimationFrame(frame)
        }
        requestAnimationFrame(frame)
      }),
    ms,
  )

/** Scrolls by some screens a frame until the last row of that side is there. Answers which rows stood where. */
const scrolled = (page: Page, to: 1 | -1): Promise<{ frames: number; seen: { at: number; id: string }[] }> =>
  page.evaluate(
    (to) =>
      new Promise<{ frames: number; seen: { at: number; id: string }[] }>((done) => {
        const seen = new Map<string, { at: number; id: string }>()
        let count = 0
        const frame = () => {
          count++
          let end = false
          const all = Number(document.querySelector('table')!.getAttribute('aria-rowcount')) - 1
          for (const row of document.querySelectorAll<HTMLElement>('tr[data-index]')) {
            const at = Number(row.dataset['index'])
            const id = row.querySelector('a')!.pathname.split('/').at(-1)!
            seen.set(`${at} ${id}`, { at, id })
            if (row.contains(document.activeElement)) continue
            if (at === (to === 1 ? all - 1 : 0)) end = true
          }
          if (end) return done({ frames: count, seen: [...seen.values()] })
          // Nobody goes on where nothing is yet.
          if (document.querySelector('tr[data-coming]') === null) window.scrollBy(0, to * 20_000)
          requestAnimationFrame(frame)
        }
        requestAnimationFrame(frame)
      }),
    to,
  )

const drawn = (page: Page): Promise<{ at: number; id: string; owner: string }[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLTableRowElement>('tr[data-index]')].map((row) => ({
      at: Number(row.dataset['index']),
      id: row.querySelector('a')!.pathname.split('/').at(-1)!,
      owner: row.cells[4]!.textContent,
    })),
  )

/** Where each row that is drawn stands. */
const tops = (page: Page): Promise<Record<string, number>> =>
  page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll('tr[data-index]')].map((row) => [
        row.querySelector('a')!.pathname,
        row.getBoundingClientRect().top,
      ]),
    ),
  )

/** Whether the owners that are drawn are those of the record. */
async function agrees(page: Page): Promise<string> {
  const rows = (await drawn(page)).slice(0, 100)
  const said = await page.evaluate(async (ids) => {
    const answer = await fetch(`/v1/incidents?ids=${ids.join(',')}`)
    return (await answer.json()) as { items: { id: string; owner: { name: string } | null }[] }
  }, rows.map(({ id }) => id)) // prettier-ignore
  const owners = new Map(said.items.map(({ id, owner }) => [id, owner?.name ?? 'nobody']))
  const other = rows.filter(({ id, owner }) => owners.get(id) !== owner)
  return rows.length > 10 && other.length === 0 ? 'as the API says' : `${other.length} of ${rows.length} are others`
}

/** Megabytes that are in use after a collection. */
async function heap(page: Page): Promise<number> {
  const tools = await page.context().newCDPSession(page)
  await tools.send('HeapProfiler.collectGarbage')
  const { usedSize } = await tools.send('Runtime.getHeapUsage')
  await tools.detach()
  return usedSize / 1_048_576
}
