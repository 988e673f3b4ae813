import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { pressable } from '../console.js'
import type { Journey } from './person.js'

const REASON = 'They spelt the folder wrong; it is put right.'

export function decides(on: Journey): void {
  /** The wide plan, once it is approved. */
  let approved: string | undefined

  test('3: a wide plan of one’s own is refused with the reason, and another’s is approved: three presses each', async () => {
    await on.place.jobsFail()
    const hannah = await on.come('Hannah Okafor', '/queues')
    await hannah.reachRow(/^batch /)
    await hannah.press('Enter')
    await hannah.page.getByRole('link', { name: 'Queue this group again…' }).first().waitFor()
    const began = hannah.presses()
    await hannah.press('R')
    await hannah.page.locator('textarea:focus').waitFor()
    await hannah.write(REASON)
    await hannah.press('Control+Enter')
    await hannah.page.getByText('You asked for this plan:').waitFor()
    expect(hannah.presses() - began).toBe(3)

    expect(await hannah.page.getByRole('button', { name: /Approve/ }).count()).toBe(0)
    await hannah.press('A')
    expect(await hannah.page.getByRole('button', { name: /^Confirm/ }).count()).toBe(0)
    await hannah.page.getByText('0 of 1 — needs one from SRE or ML').first().waitFor()
    const others = hannah.page.getByLabel('Who can decide')
    for (const other of ['Noor Haddad', 'Sam Lindqvist', 'Mira Castellanos']) await others.getByText(other).waitFor()
    expect(await others.innerText()).not.toContain('Hannah')
    // And whoever goes around the page gets the same answer.
    const id = new URL(hannah.page.url()).searchParams.get('plan')!.replaceAll('"', '')
    expect(await yesOf(hannah.page, id)).toMatchObject({ status: 403, code: 'own-plan' })

    const sam = await on.come('Sam Lindqvist', '/approvals')
    await sam.page.getByRole('table', { name: 'Waiting on me' }).waitFor()
    const before = sam.presses()
    await sam.reachRow(new RegExp(REASON))
    await sam.page
      .getByText(/first, then more, at most|at a time/)
      .first()
      .waitFor()
    expect(await sam.arm('A')).toMatch(/^Confirm: .*batch.*, in PROD/)
    await sam.press('Enter')
    await sam.page.getByText(/It is carried out, as/).waitFor()
    expect(sam.presses() - before).toBeLessThanOrEqual(3)
    // Who asked sees it without asking again.
    await hannah.page.getByText(/It is carried out, as/).waitFor()
    approved = id
  }, 180_000)

  test('5: the group goes behind its canary, and each of it is verified', async () => {
    expect(approved).toBeDefined()
    const sam = await on.come('Sam Lindqvist', `/plans/${approved}`)
    const { page } = sam
    await sam.reach(page.getByText('It is carried out, as').getByRole('link'))
    await sam.press('Enter')
    await page.getByText(/[0-9]+ done of [0-9]+/).waitFor()
    await page.getByText('✓ verified', { exact: true }).waitFor({ timeout: 120_000 })
    // The canary went first, and the others when it had come through.
    const waves = await wavesOf(page)
    expect(waves.first).toBeLessThan(waves.all)
    await sam.press('g', 'q')
    await sam.reachRow(/^batch /)
    await sam.press('Enter')
    await page.getByRole('region', { name: 'Queued again before' }).getByText('verified').first().waitFor()
  }, 300_000)

  test('4: a plan that goes stale while it is armed is disarmed, says why, and nothing runs', async () => {
    await on.place.slow()
    const [hannah, sam] = [await on.come('Hannah Okafor', '/approvals'), await on.come('Sam Lindqvist', '/approvals')]
    const SCALE = /Scale deployment prod\/api/
    for (const one of [hannah, sam]) {
      await one.reachRow(SCALE)
      await pressable(one.page, 'Approve and run').waitFor()
    }
    const id = new URL(hannah.page.url()).searchParams.get('plan')!.replaceAll('"', '')
    await on.place.calm()
    // Its incident is over by itself soon: who wants the plan all the same says so first.
    await on.place.quiet()
    for (const one of [hannah, sam]) {
      await one.reach(one.page.getByRole('button', { name: 'It is wanted all the same' }))
      await one.press('Enter')
    }

    await sam.arm('A')
    await hannah.arm('A')
    await sam.press('Enter')
    await hannah.page.getByRole('button', { name: /^Confirm/ }).waitFor({ state: 'detached', timeout: 7_000 })
    await hannah.page.locator('main [data-state=stale]').first().waitFor()
    await hannah.page.getByText(/Since the plan was made: |The recipe says stop now: /).first().waitFor() // prettier-ignore
    await hannah.press('A', 'Enter')
    expect(await hannah.page.getByRole('button', { name: /^Confirm/ }).count()).toBe(0)
    const plan: unknown = await (await hannah.page.request.get(`/v1/plans/${id}`)).json()
    expect(plan).toMatchObject({ run: null, approvals: [{ by: { id: 'sam' } }] })
  }, 180_000)
}

/** What the API answers to a yes of whoever looks at this page. */
const yesOf = (page: Page, id: string) =>
  page.evaluate(async (id) => {
    const { digest } = (await (await fetch(`/v1/plans/${id}`)).json()) as { digest: string }
    const headers = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
    const said = await fetch(`/v1/plans/${id}/approvals`, { method: 'POST', headers, body: JSON.stringify({ digest, decision: 'yes' }) }) // prettier-ignore
    return { status: said.status, ...((await said.json()) as { code: string }) }
  }, id)

/** How many went first, and how many there were, as the plan of the run on this page has it. */
async function wavesOf(page: Page): Promise<{ first: number; all: number }> {
  const run = (await (await page.request.get(`/v1${new URL(page.url()).pathname}`)).json()) as { plan: string }
  const { body } = (await (await page.request.get(`/v1/plans/${run.plan}`)).json()) as {
    body: { steps: { pace?: { first: number }; items?: unknown[] }[] }
  }
  const step = body.steps.find(({ items }) => items !== undefined)!
  return { first: step.pace!.first, all: step.items!.length }
}
