import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium } from './browser.js'
import { initialScripts } from './built.js'
import { onTheMock, schemes } from './fixtures.js'

const on = onTheMock()
const { open } = on

test('the first page needs at most 220 kB of script', async () => {
  const bytes = await initialScripts(on.built)
  expect(bytes).toBeGreaterThan(50_000)
  expect(bytes).toBeLessThanOrEqual(220 * 1024)
})

describe('every screen is for everybody', () => {
  test.each(schemes)('signing in, %s', async (scheme) => {
    const { page, axe } = await open({ scheme })
    await page.getByRole('button', { name: 'Mira Castellanos' }).waitFor()
    expect(await axe()).toEqual([])
  })

  test.each(schemes)('the inbox, and the inbox with nothing in it, %s', async (scheme) => {
    const { page, axe } = await open({ scheme, as: 'Hannah Okafor' })
    await page.getByRole('row', { name: /SEV1/ }).waitFor()
    expect(await axe()).toEqual([])
    await page.getByRole('link', { name: /^closed/ }).click()
    await page.getByText('No incident is closed.').waitFor()
    expect(await axe()).toEqual([])
  })

  test.each(schemes)('the incident room: safe, armed, running and done, and the keys, %s', async (scheme) => {
    const { page, axe } = await open({ scheme, as: 'Hannah Okafor' })
    await page.getByRole('link', { name: /p95 of api/ }).click()
    const button = page.getByRole('button', { name: /Approve and run/ })
    await button.waitFor()
    expect(await axe()).toEqual([])

    await page.keyboard.press('Control+Enter')
    await page.getByRole('button', { name: /^Confirm: Scale deployment/ }).waitFor()
    expect(await axe()).toEqual([])

    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    expect(await axe()).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })

    await button.click()
    await page.getByRole('button', { name: /^Confirm/ }).click()
    await page.getByText('p95 of api is 171 ms').first().waitFor()
    expect(await axe()).toEqual([])
  })

  test('who may not, with the reasons, and panes that failed', async () => {
    const incident = [...on.served.api.world.incidents.keys()].at(-1)!
    on.served.api.failing.add(`/v1/incidents/${incident}/timeline`)
    const { page, axe } = await open({ path: `/incidents/${incident}`, as: 'Audrey Whitfield' })
    await page.getByText('Could not load the timeline').waitFor({ timeout: 20_000 })
    expect(await axe()).toEqual([])
  })

  test('nothing has to be scrolled sideways on a narrow screen', async () => {
    const { page } = await open({ width: 400, as: 'Hannah Okafor' })
    await page.getByRole('link', { name: /p95 of api/ }).click()
    await page.getByRole('button', { name: /Approve and run/ }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400)
  })
})

describe('signing in', () => {
  test('keeps the address that was asked for, and the page says who one is', async () => {
    const incident = [...on.served.api.world.incidents.keys()].at(-1)!
    const { page } = await open({ path: `/incidents/${incident}`, as: 'Noor Haddad' })
    await page.getByRole('heading', { name: /p95 of api/ }).waitFor()
    expect(await page.getByRole('banner').first().innerText()).toMatch(/SANDBOX[\s\S]*Noor Haddad[\s\S]*sre/)
  })

  test('ends with signing out: the next one sees nothing', async () => {
    const { page } = await open({ as: 'Noor Haddad' })
    await page.getByRole('row', { name: /SEV1/ }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Leo Tanaka' }).waitFor()
    expect(await page.getByRole('row').count()).toBe(0)
    expect(await page.context().cookies()).toMatchObject([{ httpOnly: true, sameSite: 'Strict' }])
  })

  test('outside the sandbox is said in words, because there nobody picks who to be', async () => {
    await on.serveAnew({ mode: 'production' })
    const { page, axe } = await open()
    await page.getByText('identity provider').waitFor()
    expect(await page.getByRole('button').count()).toBe(0)
    expect(await axe()).toEqual([])
  })
})

test('what breaks the policy of the page is seen by these tests', async () => {
  const { page, troubles } = await open()
  await page.evaluate(() => {
    document.head.append(Object.assign(document.createElement('style'), { textContent: 'body { color: red }' }))
    try {
      document.body.innerHTML += '<b>x</b>'
    } catch {
      // Trusted Types: it must not work.
    }
  })
  await expect.poll(() => troubles.join('\n')).toMatch(/style-src[\s\S]*require-trusted-types-for/)
  // The browser sends its reports when it likes.
  await expect.poll(() => on.served.reports).toHaveLength(2)
  troubles.length = 0
  on.served.reports.length = 0
})

test('whoever goes to another page finds the focus on its heading, and its name in the tab', async () => {
  const { page } = await open({ as: 'Sam Lindqvist' })
  await page.getByRole('link', { name: /p95 of api/ }).click()
  await page.locator('h1:focus', { hasText: 'p95 of api' }).waitFor()
  expect(await page.title()).toBe('SEV2 p95 of api is 812 ms, above its threshold of 500 ms · Firebreak')
  await page.getByRole('link', { name: 'Incidents' }).click()
  await page.locator('h1:focus', { hasText: 'Incidents' }).waitFor()
  expect(await page.title()).toBe('Incidents · Firebreak')
})

test('an address that is no page says so', async () => {
  const { page } = await open({ path: '/nowhere', as: 'Sam Lindqvist' })
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
})

describe('a Chromium is found', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firebreak-path-'))
    await writeFile(join(folder, 'chromium'), '', { mode: 0o755 })
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('where CHROMIUM_PATH says, before the PATH', async () => {
    const path = join(folder, 'chromium')
    expect(await findChromium({ CHROMIUM_PATH: path, PATH: '/nowhere' })).toMatchObject({ path, from: 'CHROMIUM_PATH' })
    await expect(findChromium({ CHROMIUM_PATH: '/nowhere/chromium' })).rejects.toThrow('CHROMIUM_PATH')
  })
  test('on the PATH, before the one that npm brings', async () => {
    expect(await findChromium({ PATH: `/nowhere:${folder}` })).toMatchObject({ from: 'PATH' })
  })
  test('in npm, with its own libraries', async () => {
    const found = await findChromium({ PATH: '/nowhere' })
    expect(found.from).toBe('@sparticuz/chromium')
    expect(found.env['LD_LIBRARY_PATH']).toContain('al2023')
  })
})
