import { expect, test } from 'vitest'
import { nav } from '../src/renderer/nav.js'
import { settled } from './console.js'
import { onTheMock } from './fixtures.js'

const on = onTheMock()

const people = ['Hannah Okafor', 'Mira Castellanos', 'Theo Brandt', 'Audrey Whitfield'] as const
const looks = people.flatMap((as) => (['light', 'dark'] as const).map((scheme) => ({ as, scheme })))

/*
 * Every page of the navigation, and of each list the first thing in it, as each role sees them: what axe-core finds
 * against WCAG 2.2 A and AA, and what the page's policy was broken with. A new page is here by being in nav.ts.
 */
test.each(looks)('no fault on any screen, for $as, $scheme', { timeout: 240_000 }, async ({ as, scheme }) => {
  const { page, axe } = await on.open({ as, scheme })
  const faults: string[] = []
  const look = async () => {
    await settled(page)
    faults.push(...(await axe()).map((fault) => `${new URL(page.url()).pathname}: ${fault}`))
  }
  for (const { name } of nav) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).click()
    await page.locator(`nav [aria-current="page"]`, { hasText: name }).waitFor()
    await look()
    const first = page.locator('main tbody tr a').first()
    if ((await first.count()) === 0) continue
    await first.click()
    await look()
  }
  expect(faults).toEqual([])
})

/*
 * Who needs letters of twice the size has half as many pixels (WCAG 1.4.4: 1280 at 200 % is 640), and of four times a quarter
 * (1.4.10: 320): nothing is cut off, and nothing but a table is read by moving it sideways.
 */
test.each([640, 320])(
  'every page is read in %i pixels without moving it sideways',
  { timeout: 240_000 },
  async (width) => {
    const { page } = await on.open({ as: 'Hannah Okafor', width })
    const wide: string[] = []
    const look = async () => {
      await settled(page)
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      if (over > 0) wide.push(`${new URL(page.url()).pathname} is ${over} px too wide`)
    }
    for (const { to } of nav) {
      await page.goto(to)
      await look()
      const first = page.locator('main tbody tr a').first()
      if ((await first.count()) === 0) continue
      await first.click()
      await look()
    }
    expect(wide).toEqual([])
  },
)
