import { describe, expect, test } from 'vitest'
import type { ConsolePage, OpenOptions } from './console.js'
import { onTheMock } from './fixtures.js'

const on = onTheMock()
const open = (options: OpenOptions = {}) => on.open(options)
const inbox = async (options: OpenOptions = {}) => {
  const one = await open({ as: 'Hannah Okafor', path: '/incidents', ...options })
  await one.page.getByRole('link', { name: /p95 of api/ }).waitFor()
  return one
}

describe('everybody has the same pages, each role in its own order', () => {
  test.each([
    ['Hannah Okafor', 'Incidents'],
    ['Audrey Whitfield', 'Audit'],
  ])('%s begins at %s', async (as, first) => {
    const { page } = await open({ as })
    await page.locator('h1').waitFor()
    const nav = page.getByRole('navigation', { name: 'Pages' }).getByRole('link')
    expect(await nav.first().innerText()).toContain(first)
    expect(await nav.first().getAttribute('aria-current')).toBe('page')
    // Two signed in, one set of pages.
    expect(await nav.count()).toBeGreaterThanOrEqual(2)
  })
})

describe('without a pointer', () => {
  test('the palette finds a page, an incident, and what this page does', async () => {
    const { page, axe } = await inbox()
    await page.keyboard.press('Control+k')
    const input = page.getByRole('combobox', { name: 'Find or do' })
    await input.waitFor()
    expect(await axe()).toEqual([])

    await page.keyboard.type('outbound')
    expect(await page.getByRole('dialog').getByRole('option').first().innerText()).toMatch(/SEV1 Outbound traffic/)
    await page.keyboard.press('Enter')
    await page.locator('h1:focus', { hasText: 'Outbound traffic' }).waitFor()

    await page.keyboard.press('Control+k')
    await page.keyboard.type('acknowledge')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByText('acknowledged', { exact: true }).first().waitFor()

    await page.keyboard.press('Control+k')
    await page.keyboard.type('failed jobs')
    await page.keyboard.press('Enter')
    await page.locator('h1:focus', { hasText: 'Queue failed jobs again' }).waitFor()

    await page.keyboard.press('Control+k')
    await page.keyboard.type('zzzz')
    await page.getByText('Nothing here is called “zzzz”.').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('g and a letter go to a page, ? shows the keys, F6 goes round the parts', async () => {
    const { page } = await inbox()
    await page.keyboard.press('g')
    await page.keyboard.press('u')
    await page.locator('h1:focus', { hasText: 'Check' }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('i')
    await page.locator('h1:focus', { hasText: 'Incidents' }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).getByText('Go to Audit').waitFor()
    // Behind a dialog nothing happens.
    await page.keyboard.press('g')
    await page.keyboard.press('u')
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(new URL(page.url()).pathname).toBe('/incidents')

    const stops = new Set<string>()
    for (let press = 0; press < 4; press++) {
      await page.keyboard.press('F6')
      stops.add(
        await page.evaluate(() => document.activeElement?.closest('[data-part], section, nav, header')?.tagName ?? ''),
      )
    }
    expect(stops).toContain('HEADER')
    expect(stops).toContain('NAV')
  })

  test('keys of one character can be turned off, for this device', async () => {
    const { page } = await inbox()
    await page.getByRole('button', { name: /Hannah Okafor/ }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('group', { name: 'Keys of one character' }).getByLabel('off').check()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('?')
    await page.keyboard.press('g')
    await page.keyboard.press('u')
    await page.reload()
    await page.getByRole('link', { name: /p95 of api/ }).waitFor()
    await page.keyboard.press('?')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(new URL(page.url()).pathname).toBe('/incidents')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find or do' }).waitFor()
  })
})

describe('how it looks is chosen here, else by the system', () => {
  test.each(['light', 'dark'] as const)('high contrast, %s, has no fault, and survives a reload', async (scheme) => {
    const { page, axe } = await inbox({ scheme: scheme === 'dark' ? 'light' : 'dark' })
    await page.getByRole('button', { name: /Hannah Okafor/ }).click()
    await page.getByRole('group', { name: 'Colours' }).getByLabel(scheme).check()
    await page.getByRole('group', { name: 'Contrast' }).getByLabel('high').check()
    expect(await axe()).toEqual([])
    await page.reload()
    await page.getByRole('link', { name: /p95 of api/ }).waitFor()
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    expect(ground).toBe(scheme === 'dark' ? 'rgb(0, 0, 0)' : 'rgb(255, 255, 255)')
    expect(await axe()).toEqual([])
  })

  test('contrast as the system wants it', async () => {
    const { page } = await inbox()
    await page.emulateMedia({ contrast: 'more', colorScheme: 'dark' })
    await expect.poll(() => page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(0, 0, 0)')
  })
})

test('what failed is a note for a moment, and a line of the activity until somebody puts it away', async () => {
  const { page, axe } = await inbox()
  on.served.api.helps = false
  await page.getByRole('link', { name: /p95 of api/ }).click()
  await page.getByRole('button', { name: 'Approve and run' }).click()
  await page
    .getByRole('button', { name: /^Confirm/ })
    .and(page.locator('[aria-disabled="false"]'))
    .click()
  await page
    .getByRole('status', { name: 'News' })
    .getByText('Scale a service that is slow under load: failed')
    .waitFor()
  expect(await axe()).toEqual([])
  await page.getByRole('button', { name: /1 failed/ }).click()
  const drawer = page.getByRole('complementary', { name: 'Activity' })
  await drawer.getByText('Not verified within 120 s').waitFor()
  await drawer.getByText(/^Accepted: Scale deployment/).waitFor()
  expect(await axe()).toEqual([])
  await drawer.getByRole('button', { name: /Put away: Scale a service/ }).click()
  await page.getByRole('button', { name: /1 failed/ }).waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'detached' })
})

describe('the API is down', () => {
  // Each question is tried again for some seconds before it is given up, and so it takes its time.
  test(
    'for a while: what is known stays with its age, nothing can be armed, and all of it comes back by itself',
    { timeout: 90_000 },
    async () => {
      const { page, axe } = await inbox()
      await page.getByRole('link', { name: /p95 of api/ }).click()
      await page.getByRole('button', { name: 'Approve and run' }).waitFor()
      await page.route('**/v1/**', (route) => route.abort())
      on.served.api.resync()
      await page.getByText('The API has not answered since').waitFor()
      await page.getByText('The API does not answer. It can be armed again as soon as that does.').waitFor()
      expect(await page.getByRole('button', { name: 'Approve and run' }).getAttribute('aria-disabled')).toBe('true')
      await page
        .getByText(/^As of/)
        .first()
        .waitFor({ timeout: 15_000 })
      expect(await axe()).toEqual([])

      // Meanwhile somebody else has it.
      const [id] = [...on.served.api.world.incidents.keys()].slice(-1)
      Object.assign(on.served.api.world.incidents.get(id!)!, {
        state: 'acknowledged',
        owner: { id: 'sam', name: 'Sam L.' },
      })
      await page.unroute('**/v1/**')
      await page.getByText('Sam L.').waitFor()
      await page.getByText('The API has not answered since').waitFor({ state: 'detached' })
      await expect.poll(() => page.getByText(/^As of/).count()).toBe(0)
      await page.locator('button[aria-disabled="false"]', { hasText: 'Approve and run' }).waitFor()
    },
  )
})

describe('the session ends while somebody works', () => {
  const end = async ({ page }: ConsolePage) => {
    await page.getByRole('link', { name: /p95 of api/ }).click()
    await page.getByRole('button', { name: 'Approve and run' }).waitFor()
    await page.keyboard.press('Control+Enter')
    await page.getByRole('button', { name: /^Confirm:/ }).waitFor()
    await page.context().clearCookies()
    on.served.api.resync()
    const out = page.getByRole('dialog', { name: 'You are signed out' })
    await out.waitFor()
    return out
  }

  test('the room stays to be read; who signs in again is where they were, with nothing armed', async () => {
    const console = await inbox()
    const runs = on.served.api.world.runs.size
    const out = await end(console)
    const { page, axe } = console
    expect(await page.getByText('p95 of api is 812 ms').count()).toBeGreaterThan(0)
    expect(await axe()).toEqual([])
    await page.keyboard.press('Escape')
    await out.getByRole('button', { name: 'Hannah Okafor' }).click()
    await out.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Approve and run' }).waitFor()
    expect(on.served.api.world.runs.size).toBe(runs)
  })

  test('whoever else signs in begins with an empty page', async () => {
    const console = await inbox()
    const runs = on.served.api.world.runs.size
    const out = await end(console)
    await out.getByRole('button', { name: 'Audrey Whitfield' }).click()
    await console.page.getByRole('banner').getByText('Audrey Whitfield').waitFor()
    expect(on.served.api.world.runs.size).toBe(runs)
  })
})

test('tabs share one line to the server, and when the one that has it closes, another takes over', async () => {
  const first = await inbox()
  const second = await first.page.context().newPage()
  await second.goto(`${on.served.url}/incidents`)
  await second.getByRole('link', { name: /p95 of api/ }).waitFor()
  await expect.poll(() => on.served.api.listening).toBe(1)

  on.served.api.arrive({ title: 'Seen by both' })
  await first.page.getByRole('button', { name: /1 new/ }).waitFor()
  await second.getByRole('button', { name: /1 new/ }).waitFor()

  await first.page.close()
  await expect.poll(() => on.served.api.listening).toBe(1)
  on.served.api.arrive({ title: 'Seen by the one that is left' })
  await second.getByRole('button', { name: /2 new/ }).waitFor()
})

test('a newer console is told, and nothing is reloaded until somebody says so', async () => {
  const { page, axe } = await inbox()
  expect(await page.getByText('The server has a newer console.').count()).toBe(0)
  // Another build by now: the page that is asked for names another script.
  await page.route(`${on.served.url}/`, async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, body: (await answer.text()).replace(/index-[^".]+\.js/, 'index-newer.js') })
  })
  await page.reload()
  await page.getByText('The server has a newer console.').waitFor()
  expect(await page.getByRole('link', { name: /p95 of api/ }).count()).toBe(1)
  expect(await axe()).toEqual([])
})
