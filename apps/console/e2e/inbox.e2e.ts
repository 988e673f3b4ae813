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

test('the keys go to either end, and a screen up and down', async () => {
  const { page } = inbox
  await page.locator('tbody tr[data-index="0"] a').focus()
  await page.keyboard.press('End')
  await expect.poll(focused).toBe(MANY - 1)
  await page.keyboard.press('PageUp')
  await expect.poll(focused).toBeLessThan(MANY - 5)
  const before = await focused()
  await page.keyboard.press('PageDown')
  await expect.poll(focused).toBeGreaterThan(before)
  await page.keyboard.press('Home')
  await expect.poll(focused).toBe(0)
})

test('filters are pressed or typed, stand in the address, and are taken away one by one', async () => {
  const { page, axe } = inbox
  const search = () => decodeURIComponent(new URL(page.url()).search)
  const total = page.getByText(`${MANY} of ${MANY}`, { exact: true })
  await total.waitFor()
  await page.getByRole('button', { name: 'SEV2 200' }).click()
  await page.getByText(`200 of ${MANY}`, { exact: true }).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('service:ci sev:<=4 disk')
  await page.keyboard.press('Enter')
  await page.getByText(`150 of ${MANY}`, { exact: true }).waitFor()
  expect(search()).toBe('?service=ci&text=disk')
  await page.keyboard.type('sev:7')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('There is no severity 7.').waitFor()
  expect(await axe()).toEqual([])
  await page.getByRole('button', { name: 'Take away service: ci' }).click()
  await page.getByText(`${MANY} of ${MANY}`, { exact: true }).waitFor()
  expect(search()).toBe('?text=disk')

  // Whoever comes back by no address of their own finds it so; an address of one's own is as it says.
  await page.getByRole('link', { name: 'Recipes' }).click()
  await page.getByRole('heading', { name: 'Recipes' }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('i')
  await page.getByRole('button', { name: 'Take away text: “disk”' }).waitFor()
  expect(search()).toBe('?text=disk')
  await page.goto('/incidents?state=closed&severity=SEV1')
  await page.getByText('No incident passes this filter.').waitFor()
  await page.getByRole('button', { name: 'Take all away' }).click()
  await total.waitFor()
  expect(search()).toBe('')
})

test('an empty list says which part of the filter hides how many', async () => {
  const { page, axe } = inbox
  await page.goto('/incidents?service=ci&owner=me')
  await page.getByText('owner: me hides 150.').waitFor()
  expect(await page.getByText(/service: ci hides/).count()).toBe(0)
  expect(await axe()).toEqual([])
  await page.getByRole('listitem').getByRole('link', { name: 'Take it away' }).click()
  await page.locator('tbody tr a').first().waitFor()
  expect(new URL(page.url()).search).toBe('?service=ci')
})

test('a row is acknowledged, some are together, and a link is copied, each by its key', async () => {
  const { page, axe } = inbox
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  const state = (at: number) => page.locator(`tr[data-index="${at}"] td`).nth(3).innerText()
  await page.locator('tbody tr[data-index="0"] a').focus()
  await page.keyboard.press('e')
  await expect.poll(() => state(0)).toBe('acknowledged')
  for (const key of ['j', 'x', 'j', 'j', 'x']) await page.keyboard.press(key)
  expect(await page.locator('tr[data-marked="true"]').count()).toBe(2)
  expect(await axe()).toEqual([])
  await page.keyboard.press('e')
  await expect.poll(() => Promise.all([1, 2, 3].map(state))).toEqual(['acknowledged', 'open', 'acknowledged'])
  expect(await page.locator('tr[data-marked="true"]').count()).toBe(0)
  await expect.poll(() => [...on.served.api.world.incidents.values()].filter(({ owner }) => owner?.id === 'hannah').length).toBe(3) // prettier-ignore
  await page.keyboard.press('j')
  await page.keyboard.press('a')
  await page.getByRole('dialog', { name: 'Who is to have it' }).getByRole('option').first().waitFor()
  await page.keyboard.type('sam')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('tr[data-index="4"] td').nth(4).innerText()).toBe('Sam Lindqvist')
  await page.keyboard.press('k')
  await page.keyboard.press('y')
  const link = await page.locator('tr[data-index="3"] a').evaluate((a) => (a as HTMLAnchorElement).href)
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(link)
})

test('whoever may not acknowledge sees it taken back, and why', async () => {
  const { page } = await on.open({ as: 'Audrey Whitfield', path: '/incidents' })
  await page.locator('tbody tr[data-index="0"] a').focus()
  await page.keyboard.press('e')
  await page.getByText('Not acknowledged: Disk').first().waitFor()
  await expect.poll(() => page.locator('tr[data-index="0"] td').nth(3).innerText()).toBe('open')
})

test('what is rested on is fetched before it is opened', async () => {
  const { page } = inbox
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  const room = (at: number) =>
    page.locator(`tr[data-index="${at}"] a`).evaluate((a) => (a as HTMLAnchorElement).pathname)
  const [passed, rested] = [await room(2), await room(5)]
  await page.locator('tr[data-index="2"] a').dispatchEvent('mouseover')
  await page.locator('tr[data-index="2"] a').dispatchEvent('mouseout')
  await page.locator('tr[data-index="5"]').hover()
  await expect.poll(() => asked).toContain(`/v1${rested}`)
  expect(asked).not.toContain(`/v1${passed}`)
})
