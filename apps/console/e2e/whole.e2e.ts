import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openConsole } from './console.js'
import { launched } from './fixtures.js'
import { startWhole, type Whole } from './whole.js'

const from = launched()
let whole: Whole

beforeAll(async () => {
  whole = await startWhole(from.built)
}, 180_000)

afterAll(async () => {
  await whole?.close()
}, 180_000)

test('an OCR engine that is down has three suggestions: one is planned, approved and carried out; it is handed on, resolved, and opened again', async () => {
  const console = await openConsole(from.browser, whole.url, { as: 'Hannah Okafor' })
  const { page } = console
  page.setDefaultTimeout(60_000)
  await fetch(`${whole.sandbox}/break/ocr-down`, { method: 'POST' })
  const row = page.locator('main a', { hasText: 'An OCR engine is down' })
  await row
    .or(page.getByRole('button', { name: /\bnew\b/ }))
    .first()
    .waitFor()
  if (!(await row.isVisible())) await page.keyboard.press('n')
  await row.click()

  const offers = page.getByRole('region', { name: 'Suggested (3)' }).locator('button[aria-pressed]')
  await offers.first().getByText('ready').waitFor()
  expect(await offers.allInnerTexts()).toEqual([
    expect.stringMatching(/fallback OCR engine[^]*T1[^]*ready/),
    expect.stringMatching(/Restart an OCR engine[^]*T1[^]*not planned yet/),
    expect.stringMatching(/corrupted inputs[^]*T2[^]*not planned yet/),
  ])
  await page.keyboard.press('2')
  await page.getByRole('button', { name: 'Ask for the plan' }).click()
  await offers.nth(1).getByText('ready').waitFor()
  await page.getByRole('button', { name: 'Approve and run' }).waitFor()
  await page.keyboard.press('Control+Enter')
  await page
    .getByRole('button', { name: /^Confirm: Restart deployment prod\/ocr-primary/ })
    .and(page.locator('[aria-disabled="false"]'))
    .waitFor()
  await page.keyboard.press('Enter')
  await offers.nth(1).getByText(/run: /).waitFor()

  await page.keyboard.press('a')
  await page.getByRole('combobox', { name: 'Who is to have it' }).waitFor()
  await page.keyboard.type('sam')
  await page.keyboard.press('Enter')
  await page.getByRole('definition').filter({ hasText: 'Sam Lindqvist' }).waitFor()
  await page.keyboard.press('c')
  await page.keyboard.type('The primary engine answers nobody')
  await page.keyboard.press('Control+Enter')
  const timeline = page.getByRole('region', { name: 'Timeline entries' })
  await timeline.getByText('Hannah Okafor noted: The primary engine answers nobody').waitFor()
  await page.keyboard.press('Escape')

  const state = page.getByRole('list', { name: 'State' }).locator('[aria-current="step"]')
  for (const [dialog, reason, then] of [
    ['Resolve', 'The fallback reads them', 'resolved'],
    ['Open again', 'It does not', /^(open|mitigating)$/],
  ] as const) {
    await page.keyboard.press('r')
    await page.getByRole('dialog', { name: dialog }).waitFor()
    await page.keyboard.type(reason)
    await page.keyboard.press('Control+Enter')
    await state.filter({ hasText: then }).waitFor()
  }
  await timeline.getByText('Hannah Okafor opened the incident again: It does not.').waitFor()
  expect(await console.axe()).toEqual([])
  await fetch(`${whole.sandbox}/mend/ocr-down`, { method: 'POST' })
  expect(console.troubles).toEqual([])
  await console.close()
}, 150_000)

test('the session is the browser’s own: the roles are the server’s word, and nothing in the page can read the cookie', async () => {
  const console = await openConsole(from.browser, whole.url, { as: 'Mira' })
  const { page } = console
  await page.goto('/incidents')
  const me = await page.evaluate(async () => (await fetch('/v1/me')).json() as Promise<{ roles: string[] }>)
  expect(me.roles).toEqual(['ml'])
  expect(await page.evaluate(() => document.cookie)).toBe('')
  expect(console.troubles).toEqual([])
  await console.close()
})

test('an auditor exports the whole log, and it is verified in the page, under the policy that the API serves', async () => {
  const console = await openConsole(from.browser, whole.url, { path: '/audit/check', as: 'Audrey Whitfield' })
  const { page } = console
  page.setDefaultTimeout(60_000)
  // A worker looked at it: none would start under the headers of the API's other answers.
  await page
    .getByRole('region', { name: 'What the server says' })
    .getByText(/entries, signed by/)
    .waitFor()

  const id = await page.evaluate(async () => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
    const asked = await fetch('/v1/audit/exports', { method: 'POST', headers, body: '{"reason":"a look"}' })
    return ((await asked.json()) as { id: string }).id
  })
  await expect
    .poll(async () => ((await (await page.request.get(`/v1/audit/exports/${id}`)).json()) as { state: string }).state, {
      timeout: 60_000,
    })
    .toBe('ready')
  const bundle = join(whole.data, 'taken.tar')
  writeFileSync(bundle, await (await page.request.get(`/v1/audit/exports/${id}/download`)).body())

  await page.locator('input[aria-label="Evidence bundle"]').setInputFiles(bundle)
  await page.locator('input[aria-label="Log policy"]').setInputFiles(join(whole.data, 'log-policy.txt'))
  await page.getByRole('button', { name: 'Check', exact: true }).and(page.locator('[aria-disabled="false"]')).click()
  const verdict = page.getByRole('group', { name: 'Verdict' })
  await verdict.waitFor()
  expect(await verdict.innerText()).toContain('Verified on this device')
  expect(console.troubles).toEqual([])
  await console.close()
}, 150_000)
