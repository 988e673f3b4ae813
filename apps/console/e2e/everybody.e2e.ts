import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nav } from '../src/renderer/nav.js'
import { launch } from './browser.js'
import { build, type Built } from './built.js'
import { openConsole } from './console.js'
import { serve } from './serve.js'

let built: Built
let browser: Browser

beforeAll(async () => {
  ;[built, browser] = await Promise.all([build(), launch()])
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await built?.remove()
})

/** Until the page has its heading, and nothing of it is still loading. */
async function settled(page: Page): Promise<void> {
  await page.locator('main h1').waitFor()
  await page.waitForFunction(() => document.querySelector('main [aria-busy="true"]') === null)
}

const people = ['Hannah Okafor', 'Mira Castellanos', 'Theo Brandt', 'Audrey Whitfield'] as const
const looks = people.flatMap((as) => (['light', 'dark'] as const).map((scheme) => ({ as, scheme })))

/*
 * Every page of the navigation, and of each list the first thing in it, as each role sees them: what axe-core finds
 * against WCAG 2.2 A and AA, and what the page's policy was broken with. A new page is here by being in nav.ts.
 */
test.each(looks)('no fault on any screen, for $as, $scheme', { timeout: 240_000 }, async ({ as, scheme }) => {
  const served = await serve(built.folder)
  served.api.seed()
  const console = await openConsole(browser, served.url, { as, scheme })
  const { page } = console
  const faults: string[] = []
  const look = async () => {
    await settled(page)
    faults.push(...(await console.axe()).map((fault) => `${new URL(page.url()).pathname}: ${fault}`))
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
  expect([...faults, ...console.troubles, ...served.reports]).toEqual([])
  await console.close()
  await served.close()
})
