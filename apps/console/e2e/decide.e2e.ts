import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { highLatency } from '../mock-api/world.js'
import { launch } from './browser.js'
import { build, type Built } from './built.js'
import { openConsole, type ConsolePage } from './console.js'
import { serve } from './serve.js'
import { startWhole } from './whole.js'

/** Where a story plays: the page on one API or the other, and what happens out there. */
interface Place {
  url: string
  /** Jobs of the queue `batch` fail, and wait for somebody. */
  jobsFail(): Promise<void>
  /** The API is slow, and a plan that scales it waits. */
  slow(): Promise<void>
  /** Something changes that the plan stands on, and nobody tells. */
  moves(): Promise<void>
  close(): Promise<void>
}

async function onTheMock(built: Built): Promise<Place> {
  const served = await serve(built.folder)
  return {
    url: served.url,
    jobsFail: async () => {},
    slow: async () => void served.api.arrive(highLatency),
    moves: async () => void (served.api.moved = 'deployment.replicas was 2 and is 4'),
    close: () => served.close(),
  }
}

async function onTheWhole(built: Built): Promise<Place> {
  const { url, sandbox, close } = await startWhole(built)
  const tell = async (what: string) => {
    const { ok, status } = await fetch(`${sandbox}${what}`, { method: 'POST' })
    if (!ok) throw new Error(`The sandbox answers ${status} to ${what}`)
  }
  const p95 = async () => ((await (await fetch(`${sandbox}/sandbox`)).json()) as { p95_ms: number }).p95_ms
  return {
    url,
    jobsFail: () => tell('/break/batch-misspelt'),
    slow: () => tell('/break/slow'),
    // What made it slow is gone: there is nothing to scale for any more.
    moves: async () => {
      await tell('/mend/slow')
      await expect.poll(p95, { timeout: 60_000 }).toBeLessThan(400)
    },
    close,
  }
}

let built: Built
let browser: Browser
beforeAll(async () => {
  ;[built, browser] = await Promise.all([build(), launch()])
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await built?.remove()
})

describe.each([
  ['on the mock', onTheMock],
  ['on the real API, with its worker and sandbox', onTheWhole],
])('%s', (_, begin) => {
  let place: Place
  const opened: ConsolePage[] = []
  beforeAll(async () => void (place = await begin(built)), 180_000)
  afterAll(() => place?.close(), 60_000)
  afterEach(async () => {
    const all = opened.splice(0)
    const troubles = all.flatMap((one) => one.troubles)
    await Promise.all(all.map((one) => one.close()))
    expect(troubles).toEqual([])
  })

  const open = async (as: string, path: string): Promise<ConsolePage> => {
    const one = await openConsole(browser, place.url, { as, path })
    one.page.setDefaultTimeout(60_000)
    opened.push(one)
    return one
  }
  const pane = (page: Page) => page.getByRole('region', { name: /^Plan/ })

  test('a wide plan of one’s own is refused with the reason, and another’s is approved with three presses', async () => {
    await place.jobsFail()
    const { page: hannah } = await open('Hannah Okafor', '/recipes/requeue-failed-jobs?queue=batch')
    const ask = hannah.getByRole('button', { name: 'Ask for the plan' })
    const made = pane(hannah).getByText('You asked for this plan:')
    await hannah.getByRole('textbox', { name: 'Reason' }).fill('They spelt the folder wrong; it is put right.')
    // The jobs fail one after the other: a look that came too early is taken again.
    const asked = async () => {
      await ask.click()
      await made.waitFor({ timeout: 20_000 })
    }
    await vi.waitFor(asked, { timeout: 120_000, interval: 500 })

    expect(
      await pane(hannah)
        .getByRole('button', { name: /Approve/ })
        .count(),
    ).toBe(0)
    await hannah.keyboard.press('A')
    expect(await hannah.getByRole('button', { name: /^Confirm/ }).count()).toBe(0)
    await pane(hannah).getByText('0 of 1 — needs one from SRE or ML').first().waitFor()
    for (const other of ['Noor Haddad', 'Sam Lindqvist', 'Mira Castellanos'])
      await hannah.getByLabel('Who can decide').getByText(other).waitFor()
    expect(await hannah.getByLabel('Who can decide').innerText()).not.toContain('Hannah')
    // And whoever goes around the page gets the same answer.
    const id = new URL(hannah.url()).searchParams.get('plan')!.replaceAll('"', '')
    const no = await hannah.evaluate(async (id) => {
      const { digest } = (await (await fetch(`/v1/plans/${id}`)).json()) as { digest: string }
      const headers = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
      const said = await fetch(`/v1/plans/${id}/approvals`, { method: 'POST', headers, body: JSON.stringify({ digest, decision: 'yes' }) }) // prettier-ignore
      return { status: said.status, ...((await said.json()) as { code: string }) }
    }, id)
    expect(no).toMatchObject({ status: 403, code: 'own-plan' })

    const sam = await open('Sam Lindqvist', '/approvals')
    const row = sam.page.getByRole('row', { name: /They spelt the folder wrong/ })
    await row.getByRole('link').first().click()
    await pane(sam.page)
      .or(sam.page.locator('section', { hasText: 'They spelt the folder wrong' }))
      .first()
      .waitFor()
    const approve = sam.page.getByRole('button', { name: 'Approve and run' }).and(sam.page.locator('[aria-disabled="false"]')) // prettier-ignore
    await approve.waitFor()
    await sam.page.keyboard.press('A')
    await sam.page
      .getByRole('button', { name: /^Confirm: .*batch.*, in PROD/ })
      .and(sam.page.locator('[aria-disabled="false"]'))
      .waitFor()
    await sam.page.keyboard.press('Enter')
    await sam.page.getByText(/It is carried out, as/).waitFor()
    expect(sam.presses()).toBe(3)
    // Who asked sees it without asking again.
    await hannah.getByText(/It is carried out, as/).waitFor()
  }, 300_000)

  test('a plan that goes stale while it is armed is disarmed, says why, and nothing runs', async () => {
    await place.slow()
    const { page: hannah } = await open('Hannah Okafor', '/approvals')
    const row = hannah.getByRole('row', { name: /Scale deployment prod\/api/ })
    await row
      .or(hannah.getByRole('button', { name: /\bnew\b/ }))
      .first()
      .waitFor()
    if (!(await row.isVisible())) await hannah.getByRole('button', { name: /\bnew\b/ }).click()
    await row.getByRole('link').first().click()
    await hannah.getByRole('link', { name: 'Scale a service that is slow under load' }).click()
    const approve = hannah
      .getByRole('button', { name: 'Approve and run' })
      .and(hannah.locator('[aria-disabled="false"]'))
    await approve.waitFor()
    const id = new URL(hannah.url()).pathname.split('/').at(-1)!
    await place.moves()

    const sam = await open('Sam Lindqvist', `/plans/${id}`)
    const his = sam.page.getByRole('button', { name: 'Approve and run' })
    await his.click()
    const confirm = sam.page.getByRole('button', { name: /^Confirm/ }).and(sam.page.locator('[aria-disabled="false"]'))
    await confirm.waitFor()
    await hannah.keyboard.press('A')
    const armed = hannah.getByRole('button', { name: /^Confirm: Scale deployment/ })
    await armed.waitFor()
    await confirm.click()

    await armed.waitFor({ state: 'detached', timeout: 7_000 })
    await pane(hannah).locator('[data-state=stale]').first().waitFor()
    await pane(hannah).getByText(/Since the plan was made: |The recipe says stop now: /).first().waitFor() // prettier-ignore
    expect(await hannah.getByRole('button', { name: /^Confirm/ }).count()).toBe(0)
    await hannah.keyboard.press('A')
    await hannah.keyboard.press('Enter')
    expect(await hannah.getByText(/It is carried out, as/).count()).toBe(0)
    const plan = await hannah.evaluate(
      async (id) => (await (await fetch(`/v1/plans/${id}`)).json()) as { run: string | null; approvals: unknown[] },
      id,
    )
    expect(plan).toMatchObject({ run: null, approvals: [{ by: { id: 'sam' } }] })
  }, 300_000)
})
