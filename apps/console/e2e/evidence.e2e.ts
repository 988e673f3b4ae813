import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { TIME } from './console.js'
import { onTheMock, schemes } from './fixtures.js'

const on = onTheMock({ patient: true })
const { open } = on

const room = async (name: RegExp, options: Parameters<typeof open>[0] = {}) => {
  const one = await open({ as: 'Hannah Okafor', ...options })
  await one.page.getByRole('link', { name }).click()
  return one
}
const drawn = (page: Page) => page.locator('figure canvas').first().waitFor()
const newest = () => [...on.served.api.world.incidents.keys()].at(-1)!

/** The most frequent colours of what is drawn in the first chart: its line, and what words stand on. */
const inked = (page: Page) =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('figure canvas')!
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
    const count = new Map<string, number>()
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3]! < 255) continue
      const colour = data.subarray(at, at + 3).join(' ')
      count.set(colour, (count.get(colour) ?? 0) + 1)
    }
    return [...count].sort(([, a], [, b]) => b - a).slice(0, 3).map(([colour]) => colour).join(', ') // prettier-ignore
  })

describe('figures', () => {
  test.each(schemes)('are words, a drawing and a table, %s', async (scheme) => {
    const { page, axe } = await room(/p95 of api/, { scheme })
    await drawn(page)
    const figure = page.getByRole('figure', { name: /^p95 latency of api/ })
    const caption = await figure.locator('figcaption').textContent()
    expect(caption).toMatch(
      new RegExp(`^p95 latency of api: [\\d,]+ ms, ▲ above its threshold of 500 ms since ${TIME}, measured ${TIME}$`),
    )
    await expect.poll(() => inked(page)).not.toBe('')
    expect(await axe()).toEqual([])

    // Whoever sees no drawing has the table without a press.
    const rows = figure.getByRole('table').getByRole('row')
    expect(await rows.count()).toBeGreaterThan(30)
    expect(await rows.count()).toBeLessThan(70)
    await figure.getByRole('button', { name: 'as a table' }).click()
    await figure.getByRole('region', { name: 'p95 latency of api, as a table' }).waitFor()
    expect(await rows.nth(1).textContent()).toMatch(/▲ above$/)
    expect(await rows.last().textContent()).toMatch(/within$/)
    expect(await figure.locator('canvas').count()).toBe(0)
    expect(await axe()).toEqual([])
  })

  test('a gap is a gap, and no zero', async () => {
    const { page } = await room(/p95 of api/)
    const figure = page.getByRole('figure', { name: /^Waiting downstream/ })
    await figure.getByRole('row', { name: /not measured/ }).waitFor()
    expect(await figure.getByRole('cell', { name: '0', exact: true }).count()).toBe(0)
  })

  test('share a cursor, and stand in the zone of whoever reads', async () => {
    const { page } = await room(/p95 of api/)
    await drawn(page)
    await page.locator('figure .u-over').first().hover()
    const readouts = page.locator('figure').getByText(/GMT\+2 {2}/)
    await expect.poll(() => readouts.count()).toBe(await page.locator('figure canvas').count())
    expect(new Set((await readouts.allTextContents()).map((text) => text.slice(0, 8))).size).toBe(1)
    await page.keyboard.press(';')
    await page.locator('figure .u-over').nth(1).hover()
    await page.locator('figure').getByText(/UTC {2}/).first().waitFor() // prettier-ignore
  })

  test('are drawn anew in another scheme, in high contrast and in the colours of the system', async () => {
    const { page } = await room(/p95 of api/, { scheme: 'light' })
    await drawn(page)
    await expect.poll(() => inked(page)).toContain('11 87 176')
    for (const [media, line] of [
      [{ colorScheme: 'dark' }, '124 188 255'],
      [{ contrast: 'more' }, '159 208 255'],
      [{ forcedColors: 'active' }, '255 255 255'],
    ] as const) {
      await page.emulateMedia(media)
      // The line in the accent of tokens.css, as each of them has it.
      await expect.poll(() => inked(page)).toContain(line)
    }
  })

  test('bring the script that draws when one is drawn, and are a table where it does not come', async () => {
    const { page } = await open({ as: 'Hannah Okafor' })
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.getByRole('link', { name: /Outbound traffic/ }).click()
    await page.getByText('The worker reads no figure').waitFor()
    expect(asked.filter((url) => /Plot/.test(url))).toEqual([])
    await page.goBack()
    await page.route('**/assets/Plot-*.js', (route) => route.abort())
    await page.getByRole('link', { name: /p95 of api/ }).click()
    await page.getByText('The chart could not be loaded.').first().waitFor()
    await page.getByRole('region', { name: 'p95 latency of api, as a table' }).waitFor()
  })

  test.each(schemes)('of a source that is gone stay, and say how old they are, %s', async (scheme) => {
    const { page, axe } = await room(/OCR confidence/, { scheme })
    await drawn(page)
    const gone = page.getByRole('listitem').filter({ has: page.getByRole('figure', { name: /^Unread by fallback/ }) })
    await gone.getByText(new RegExp(`Source unavailable: The monitoring system did not answer in time\\. What is shown was read ${TIME}, 11 min ago\\.`)).waitFor() // prettier-ignore
    expect(await gone.locator('figcaption').textContent()).toContain('nothing measured since')
    const other = page.getByRole('listitem').filter({ has: page.getByRole('figure', { name: /^Unread by primary/ }) })
    expect(await other.textContent()).not.toContain('unavailable')
    expect(await axe()).toEqual([])
  })

  test('of what is resolved are not asked for by the clock, and are again when it is opened again', async () => {
    const id = newest()
    on.served.api.resolve(id)
    const { page, axe } = await open({ as: 'Hannah Okafor' })
    await page.clock.install()
    const asked: string[] = []
    // Those of other incidents, which are open, are kept on the device.
    const own = new RegExp(`/${id}/(figures|changes)$`)
    page.on('request', (request) => asked.push(...(own.exec(request.url())?.slice(1) ?? [])))
    await page.goto(`/incidents/${id}`)
    await page.getByText(new RegExp(`As of ${TIME}: figures of what is resolved are not followed\\.`)).waitFor()
    await drawn(page)
    await page.getByText('● live', { exact: true }).waitFor()
    await page.clock.runFor(1_000)
    asked.length = 0
    // Less than what a silent line is taken for broken after.
    await page.clock.runFor(25_000)
    expect(asked).toEqual([])
    // It was fresh when it was asked for.
    expect(await page.getByText('The worker has not read it').count()).toBe(0)
    expect(await axe()).toEqual([])
    await page.getByRole('button', { name: 'Look again' }).click()
    await expect.poll(() => asked).toEqual(['figures'])

    await page.keyboard.press('r')
    await page.getByRole('dialog', { name: 'Open again' }).waitFor()
    await page.keyboard.type('Slow again')
    await page.keyboard.press('Control+Enter')
    await page.getByText('figures of what is resolved').waitFor({ state: 'detached' })
    const times = (what: string) => asked.filter((one) => one === what).length
    // At once, and then by the clock. What is kept on the device comes besides.
    await expect.poll(() => times('figures')).toBeGreaterThanOrEqual(2)
    for (const after of [1, 2]) {
      await page.clock.runFor(11_000)
      await expect.poll(() => times('figures')).toBeGreaterThanOrEqual(2 + after)
      await expect.poll(() => times('changes')).toBeGreaterThanOrEqual(after)
    }
  })

  test('of what is resolved say once from when they are, also while the API is away', async () => {
    const id = newest()
    on.served.api.resolve(id)
    const { page } = await open({ as: 'Hannah Okafor', path: `/incidents/${id}` })
    await page.getByText(/figures of what is resolved are not followed/).waitFor()
    await page.getByText('● live', { exact: true }).waitFor()
    await on.served.goAway()
    const evidence = page.getByRole('region', { name: 'Evidence' })
    await evidence.getByText(/^As of .*: not asked again since\.$/).first().waitFor({ timeout: 30_000 }) // prettier-ignore
    expect(await evidence.getByText(/figures of what is resolved are not followed/).count()).toBe(0)
  })

  test('that cannot be asked for fail alone', async () => {
    on.served.api.failing.add(`/v1/incidents/${newest()}/figures`)
    on.served.api.failing.add(`/v1/incidents/${newest()}/changes`)
    const { page, axe } = await room(/p95 of api/)
    await page.getByText('Could not load the figures').waitFor()
    await page.getByText('Could not load what changed').waitFor()
    await page.getByText('No run of it has kept evidence.').waitFor()
    await page.getByRole('button', { name: /Approve and run/ }).waitFor()
    expect(await axe()).toEqual([])
  })
})

test('what a run has kept is told by its digest, its run and its place in the log', async () => {
  const { page, axe } = await room(/Outbound traffic/)
  const kept = page.getByRole('region', { name: 'Kept by its runs' }).getByRole('listitem')
  expect(await kept.first().textContent()).toMatch(
    /newest 200 log lines.*18\.2 kB.*sha256 [0-9a-f]{12}….*#48,112 in the log/,
  )
  expect(await kept.last().textContent()).toContain('not in the log yet')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await kept
    .first()
    .getByRole('button', { name: /Copy digest/ })
    .click()
  await kept.first().getByText('copied').waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^9c41e2b0[0-9a-f]{56}$/)
  expect(await axe()).toEqual([])
})

test('an incident of a queue shows why its jobs failed, and leads there', async () => {
  const id = on.served.api.arrive({ title: 'Failed jobs of batch', severity: 'SEV2', service: 'batch', class: 'batch-failures' }) // prettier-ignore
  const { page } = await open({ as: 'Hannah Okafor', path: `/incidents/${id}` })
  const queue = page.getByRole('region', { name: 'Queues' })
  await queue.getByText('14,022 failed').waitFor()
  await queue.getByText('169 NoSuchKey: ‹path›, 30 the document is torn after ‹n› bytes, and 1 other cause (the newest 200 of 14,022)').waitFor() // prettier-ignore
  await queue.getByRole('link', { name: 'batch' }).click()
  await page.waitForURL('**/queues/batch')
})

describe('what changed', () => {
  test('is a list, the likeliest first, in words and bars, and leads to where it changed', async () => {
    const { page } = await room(/p95 of api/)
    const changes = page.getByRole('region', { name: 'What changed' }).getByRole('listitem')
    await changes.first().waitFor()
    expect(await changes.first().textContent()).toMatch(/Requests rose from 88 to 143.*likely.*6 min before it began/)
    const weights = await changes
      .getByRole('meter')
      .evaluateAll((all) => all.map((one) => (one as HTMLMeterElement).value))
    expect(weights).toEqual(weights.toSorted((a, b) => b - a))
    await changes.getByRole('link', { name: 'deployment:prod/api' }).click()
    await page.waitForURL(/\/workloads\?open=/)
  })

  test('may be nothing, which is said with the time, or not known, which is said', async () => {
    const { page } = await room(/Outbound traffic/)
    const changed = page.getByRole('region', { name: 'What changed' })
    await changed.getByText(new RegExp(`Nothing was seen to change between ${TIME} and ${TIME}\\.`)).waitFor()
    await page.route('**/changes', async (route) => {
      const answer = (await (await route.fetch()).json()) as object
      await route.fulfill({ json: { ...answer, looked_at: null } })
    })
    await changed.getByText('The worker has not looked at what this incident is about.').waitFor()
    expect(await changed.getByText('Nothing was seen').count()).toBe(0)
  })
})

test('`w` and `v` lead there, and stand on the help sheet', async () => {
  const { page } = await room(/p95 of api/)
  await drawn(page)
  const focused = () => page.evaluate(() => document.activeElement?.textContent)
  await page.keyboard.press('w')
  expect(await focused()).toBe('What changed')
  await page.keyboard.press('v')
  expect(await focused()).toBe('Evidence')
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).getByText('Go to the evidence').waitFor()
})
