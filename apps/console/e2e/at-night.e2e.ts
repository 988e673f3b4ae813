import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launch } from './browser.js'
import { build, type Built } from './built.js'
import { openConsole, type ConsolePage } from './console.js'
import { startWhole, type Whole } from './whole.js'

/*
 * What somebody does at night besides the repair that was proposed, on the real API with the sandbox: queue a group of
 * failed jobs again, give back what was lent, and read the runbook when the API is gone.
 */

let built: Built
let browser: Browser
let whole: Whole

beforeAll(async () => {
  ;[built, browser] = await Promise.all([build(), launch()])
  whole = await startWhole(built)
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await whole?.close()
  await built?.remove()
}, 60_000)

const broken = (what: string) => fetch(`${whole.sandbox}/break/${what}`, { method: 'POST' })
const open = async (path: string, as = 'Hannah Okafor') => {
  const one = await openConsole(browser, whole.url, { path, as, width: 1440 })
  one.page.setDefaultTimeout(60_000)
  return one
}
const confirm = (page: Page) =>
  page
    .getByRole('button', { name: /^Confirm:/ })
    .and(page.locator('[aria-disabled="false"]'))
    .click()
async function closed(one: ConsolePage): Promise<void> {
  expect(one.troubles).toEqual([])
  await one.close()
}

test('a group of failed jobs is queued again behind its canary: one asks, another approves, and it is verified', async () => {
  await broken('batch-misspelt')
  const one = await open('/queues/batch')
  const { page } = one
  // Eight of one cause; the worker has seen them, by itself.
  const group = page.getByRole('listitem').filter({ hasText: 'NoSuchKey' }).first()
  await group.getByText('2 go ahead; the rest follows when these have come through').waitFor()
  expect(await one.axe()).toEqual([])
  await group.getByRole('link', { name: 'Queue this group again…' }).click()
  await page.getByRole('textbox', { name: 'Reason' }).fill('the scanner spelt it wrong, and it is put right')
  await page.getByRole('button', { name: 'Ask for the plan' }).click()
  await page.waitForURL(/plan=pln_/)
  const plan = new URL(page.url()).searchParams.get('plan')!
  await page.getByText('You asked for this plan:').first().waitFor()
  await closed(one)

  const two = await open(`/plans/${plan}`, 'Sam Lindqvist')
  await two.page.getByRole('button', { name: /^Approve and run/ }).click()
  await confirm(two.page)
  await two.page.getByText('It is carried out, as').getByRole('link').click()
  await two.page.getByText(/[0-9]+ done of [0-9]+/).waitFor({ timeout: 120_000 })
  await two.page.getByText(/^([0-9]+) of \1 outputs are there\./).waitFor({ timeout: 120_000 })
  await two.page.goto('/queues/batch')
  await two.page.getByRole('region', { name: 'Queued again before' }).getByText('verified').waitFor()
  await closed(two)
}, 300_000)

test('what was lent is given back before its time: armed, confirmed, and seen to come back', async () => {
  await broken('slow')
  const one = await open('/incidents')
  const { page } = one
  const row = page.getByRole('row').getByRole('link', { name: 'API latency is high' }).first()
  await row.or(page.getByRole('button', { name: /\bnew\b/ })).first().waitFor() // prettier-ignore
  if (!(await row.isVisible())) await page.getByRole('button', { name: /\bnew\b/ }).click()
  await row.click()
  await page.getByRole('button', { name: 'Approve and run' }).click()
  await confirm(page)
  await page.getByText(/and 5 of 5 replicas are ready\./).first().waitFor() // prettier-ignore

  await page.goto('/workloads')
  await page.getByRole('row', { name: /prod\/api.*5 of 5.*replicas 2 → 5/ }).waitFor()
  await page.goto('/loans')
  await page.getByText('1 target runs otherwise than usual, for now.').waitFor()
  await page.getByRole('link', { name: 'deployment:prod/api' }).click()
  await page.getByLabel('Why now, or why for longer').fill('it is fast again')
  await page.getByRole('button', { name: 'Give back now' }).click()
  await confirm(page)
  await page.getByRole('row', { name: /deployment:prod\/api.*has left this list/ }).waitFor()
  await page.getByRole('link', { name: 'given back' }).click()
  await page.getByRole('row', { name: /deployment:prod\/api.*Given back/ }).waitFor()
  await page.goto('/workloads')
  await page.getByRole('row', { name: /prod\/api.*2 of 2.*replicas 5 → 2/ }).waitFor()
  await closed(one)
}, 300_000)

test('the runbook is read when the API is gone, every page of it, with its age', async () => {
  const one = await open('/runbook')
  const { page } = one
  const links = page.getByRole('row').getByRole('link')
  await links.first().waitFor()
  const names = await links.allInnerTexts()
  expect(names.length).toBeGreaterThan(10)
  const pages = (await (await page.request.get('/v1/runbook')).json()) as { items: { page: string }[] }
  const kept = () =>
    page.evaluate(
      () =>
        new Promise<number>((resolve, reject) => {
          const asked = indexedDB.open('firebreak')
          asked.onerror = () => reject(new Error('no database'))
          asked.onsuccess = () => {
            const count = asked.result.transaction('shelf').objectStore('shelf').count()
            count.onsuccess = () => resolve(count.result)
          }
        }),
    )
  await expect.poll(kept, { timeout: 60_000 }).toBe(pages.items.length + 1)

  await whole.close()
  await page.getByRole('link', { name: 'Batch failures' }).click()
  await page.getByText(/^▲ The API does not answer\. This is as the device kept it/).waitFor({ timeout: 90_000 })
  await page.getByRole('heading', { level: 2, name: 'Mitigation' }).waitFor()
  expect(await page.getByRole('button', { name: 'copy' }).count()).toBeGreaterThan(3)
  for (const other of ['Data exfiltration', 'Runbook', 'Storage errors']) {
    await page.getByRole('link', { name: 'All pages' }).click()
    await page.getByRole('link', { name: other, exact: true }).and(page.locator('td a')).click()
    await page.getByRole('heading', { level: 1, name: other }).waitFor()
    await page.getByRole('heading', { level: 2 }).first().waitFor()
  }
  // Requests that get no answer are no troubles of the page.
  await closed(one)
}, 240_000)
