import { expect, test } from 'vitest'
import type { Journey, Person } from './person.js'

const SLOW = /API latency is high|p95 of api/

/** From the row of its incident: opened, armed, confirmed, and verified. Answers what was armed. */
async function repaired(person: Person, verified: RegExp): Promise<string> {
  const { page } = person
  await person.reachRow(SLOW)
  const before = person.presses()
  await person.press('Enter')
  const armed = await person.arm('Control+Enter')
  await person.press('Enter')
  await page.getByRole('list', { name: 'Steps of the run' }).waitFor()
  expect(person.presses() - before).toBe(3)
  await page.getByText(verified).first().waitFor()
  await page.getByText('✓ verified', { exact: true }).waitFor()
  // The story goes on by itself: the alert resolves, and so does its incident.
  const { pathname } = new URL(page.url())
  const state = async () => ((await (await page.request.get(`/v1${pathname}`)).json()) as { state: string }).state
  await expect.poll(state, { timeout: 60_000 }).toBe('resolved')
  await page.getByRole('list', { name: 'State' }).locator('[aria-current="step"]', { hasText: 'resolved' }).waitFor()
  return armed
}

export function repairs(on: Journey): void {
  test('1: an alert becomes a verified repair with three presses', async () => {
    await on.place.quiet()
    const hannah = await on.come('Hannah Okafor')
    await on.place.slow()
    expect(await repaired(hannah, /p95 of api is .* and 5 of 5 replicas are ready\./)).toContain(
      'Scale deployment prod/api from 2 to 5 replicas, in PROD, given back after 60 min',
    )
    // What the run did is among what changed, and what it did it for is measured.
    const changes = hannah.page.getByRole('region', { name: 'What changed' }).locator('li')
    await changes.filter({ hasText: 'by a run of scale-api' }).waitFor({ state: 'attached' })
    await hannah.page.getByRole('figure', { name: /^p95 latency of api .*its threshold of 500 ms/ }).waitFor()
    expect(await hannah.axe()).toEqual([])
  }, 180_000)

  test('6: what was lent is given back before its time: why, armed, confirmed, and seen to come back', async () => {
    await on.place.calm()
    const hannah = await on.come('Hannah Okafor')
    const { page } = hannah
    await hannah.press('g', 'l')
    await page.getByText('1 target runs otherwise than usual, for now.').waitFor()
    await hannah.reachRow(/deployment:prod\/api/)
    await hannah.press('Enter')
    await page.getByLabel('Why now, or why for longer').waitFor()
    const before = hannah.presses()
    await hannah.press('b')
    await hannah.write('It is fast again: the campaign is over.')
    expect(await hannah.arm('Control+Enter')).toMatch(
      /Scale deployment prod\/api back from 5 to 2 replicas, in .*, now/,
    )
    await hannah.press('Enter')
    expect(hannah.presses() - before).toBe(4)
    await page.getByRole('row', { name: /deployment:prod\/api.*has left this list/ }).waitFor()
    await hannah.reach(page.getByRole('link', { name: 'given back' }), 'Shift+Tab')
    await hannah.press('Enter')
    await page.getByRole('row', { name: /deployment:prod\/api.*Given back/ }).waitFor()
    await hannah.press('g', 'w')
    await page.getByRole('row', { name: /prod\/api.*2 of 2.*replicas 5 → 2/ }).waitFor()
  }, 180_000)

  test('2: with an autoscaler in the way its bounds are moved: seen before it is done, with three presses', async () => {
    await on.place.quiet()
    await on.place.governed()
    const hannah = await on.come('Hannah Okafor')
    const { page } = hannah
    await hannah.press('g', 'w')
    await page.getByRole('row', { name: /prod\/api.*2 to 3, now 3 at its maximum|prod\/api.*2 to 3/ }).waitFor()
    await hannah.press('g', 'i')
    await on.place.slow()
    await hannah.reachRow(SLOW)
    await hannah.press('Enter')
    const note = page.getByText('It is scaled by the autoscaler prod/api')
    await note.first().waitFor()
    expect(await page.locator('main').innerText()).toContain('takes back what is scaled by hand')
    await hannah.press('g', 'i')
    const armed = await repaired(hannah, /p95 of api is .* and (\d) of \1 replicas are ready\./)
    expect(armed).toMatch(
      /Move the bounds of autoscaler prod\/api from 2–3 to (\d)–\1, in PROD, given back after 60 min/,
    )
    await hannah.press('g', 'w')
    await page.getByRole('row', { name: /prod\/api.*(\d) of \1.*\1 to \1/ }).waitFor()
  }, 240_000)
}
