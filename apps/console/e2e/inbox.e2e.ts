import { beforeEach, expect, test } from 'vitest'
import type { MockApi } from '../mock-api/mock.js'
import type { ConsolePage } from './console.js'
import { onTheMock } from './fixtures.js'

let inbox: ConsolePage

const MANY = 600

const begin = (api: MockApi) => {
  for (let at = 0; at < MANY; at++)
    api.arrive(
      {
        ...{ title: `Disk ${at} is nearly full`, severity: at % 3 ? 'SEV3' : 'SEV2' },
        // Further down stands what would need wider columns.
        service: at < MANY / 4 ? 'ci' : 'ledgers-and-settlements-of-everybody',
      },
      at,
    )
}
const on = onTheMock({ begin })

beforeEach(async () => {
  inbox = await on.open({ as: 'Hannah Okafor', path: '/incidents' })
  await inbox.page.locator('tbody tr a').first().waitFor()
})

const drawn = () => inbox.page.locator('tbody tr[data-index]')
const focused = () =>
  inbox.page.evaluate(() => Number(document.activeElement?.closest('tr')?.getAttribute('data-index') ?? -1))

test('of many rows those near the window are drawn, and their number is told', async () => {
  expect(await drawn().count()).toBeLessThan(100)
  expect(await inbox.page.getByRole('table').getAttribute('aria-rowcount')).toBe(String(MANY + 1))
  expect(await inbox.axe()).toEqual([])
  await inbox.page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
  await inbox.page.locator(`tbody tr[data-index="${MANY - 1}"]`).waitFor()
  expect(await drawn().count()).toBeLessThan(100)
})

test('keys go from row to row through all of it, and the row with the focus stays when somebody scrolls on', async () => {
  const { page } = inbox
  await page.locator('tbody tr[data-index="0"] a').focus()
  for (let press = 0; press < 60; press++) await page.keyboard.press('j')
  expect(await focused()).toBe(60)
  expect(await page.locator('tbody tr[data-index="60"]').isVisible()).toBe(true)
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
  await page.locator(`tbody tr[data-index="${MANY - 1}"]`).waitFor()
  expect(await focused()).toBe(60)
})

test('while much changes no row moves, and columns keep their width however far one scrolls', async () => {
  const { page } = inbox
  const columns = () =>
    page.locator('th').evaluateAll((heads) => heads.map((head) => (head as HTMLElement).offsetWidth))
  const places = () =>
    drawn().evaluateAll((rows) => rows.map((row) => [row.textContent.slice(0, 30), row.getBoundingClientRect().top]))
  await page.locator('table[data-fixed="true"]').waitFor()
  const [widths, before] = [await columns(), await places()]
  // They are as wide as what stands in them, not as their heads.
  expect(widths.indexOf(Math.max(...widths))).toBe(1)
  for (let at = 0; at < 30; at++) on.served.api.arrive({ title: `Another ${at}`, severity: 'SEV1' })
  await page.getByRole('button', { name: '30 new: press n to show' }).waitFor()
  expect(await places()).toEqual(before)
  await page.evaluate(() => window.scrollTo(0, 9_000))
  await page.locator('tbody tr[data-index="200"]').waitFor()
  expect(await columns()).toEqual(widths)
  await page.keyboard.press('n')
  await page.locator('a:focus', { hasText: 'Another' }).waitFor()
})
