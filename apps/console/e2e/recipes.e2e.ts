import { describe, expect, test } from 'vitest'
import { pressable, type OpenOptions } from './console.js'
import { onTheMock } from './fixtures.js'

const on = onTheMock()
const open = (path: string, options: OpenOptions = {}) => on.open({ path, as: 'Hannah Okafor', ...options })
const plans = () => [...on.served.api.world.plans.values()]

describe('the catalogue', () => {
  test('is found by words, tier and who approves; the question is in the address', async () => {
    const { page } = await open('/recipes')
    await page.getByRole('row', { name: /Scale a service/ }).waitFor()
    expect(await page.getByRole('row').count()).toBe(9)
    await page.keyboard.press('/')
    await page.keyboard.type('inputs')
    await page.getByRole('row', { name: /Scale a service/ }).waitFor({ state: 'detached' })
    expect(await page.getByRole('row').count()).toBe(3)
    await page.getByRole('link', { name: 'T1', exact: true }).click()
    await page.getByText('No recipe is like that.').waitFor()
    expect(new URL(page.url()).search).toBe('?q=inputs&tier=T1')
    await page.getByRole('link', { name: 'Show all' }).click()
    await page.getByRole('row', { name: /Scale a service/ }).waitFor()
  })

  test('says of each what came of it, how far it goes by itself, and why you may not', async () => {
    const { page } = await open('/recipes', { as: 'Audrey Whitfield' })
    const row = page.getByRole('row', { name: /Pause the batch work/ })
    expect(await row.innerText()).toMatch(
      /T1[\s\S]*SRE[\s\S]*watches\s*moved by people[\s\S]*\d+ runs?, [\s\S]*last [\s\S]*may not/,
    )
    await page.getByText('plan.request is for sre, ml, security; you are auditor.').waitFor()
    expect(await page.getByRole('row', { name: /Restore inputs/ }).innerText()).toContain('never run')
    expect(await page.getByRole('row', { name: /Scale a service/ }).innerText()).toMatch(/4\d\d runs, 9\d % verified/)
  })
})

describe('the form', () => {
  test('is drawn from the schema, says where each value comes from, and a link fills it in and asks nothing', async () => {
    const before = plans().length
    const { page } = await open('/recipes/scale-api?replicas=8&nope=1')
    const replicas = page.getByRole('textbox', { name: /^Replicas/ })
    expect(await replicas.inputValue()).toBe('8')
    expect(await page.locator('label', { hasText: 'Replicas' }).innerText()).toContain('from the link')
    expect(await page.locator('label', { hasText: 'Minutes' }).innerText()).toContain('what the recipe says')
    await page.getByText('The link names what this recipe does not have, and it is left out: nope').waitFor()
    expect(await page.getByRole('textbox', { name: /^Minutes/ }).inputValue()).toBe('60')
    expect(plans()).toHaveLength(before)
    await replicas.fill('')
    expect(await page.locator('label', { hasText: 'Replicas' }).innerText()).toContain('left out')
  })

  test('what cannot be is said beside its field, and is not sent', async () => {
    const before = plans().length
    const { page, axe } = await open('/recipes/scale-api')
    const minutes = page.getByRole('textbox', { name: /^Minutes/ })
    await minutes.fill('3')
    await page.getByRole('button', { name: 'Ask for the plan' }).click()
    await page.getByText('5 to 720.', { exact: true }).waitFor()
    // The focus is where the fault is.
    await page.locator('input:focus').waitFor()
    expect(await minutes.getAttribute('aria-invalid')).toBe('true')
    expect(await axe()).toEqual([])
    expect(plans()).toHaveLength(before)
  })

  test('what the API refuses lands on its field, and goes when it is written anew', async () => {
    // A recipe whose bounds are narrower on the server than the page has heard.
    const { page } = await open('/recipes/scale-api')
    await page.route('**/v1/plans', (route) =>
      route.fulfill({
        status: 422,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          ...{ type: 'x', title: 'x', status: 422, code: 'out-of-range', request_id: 'req_1' },
          detail: 'These parameters do not fit the recipe scale-api.',
          errors: [{ pointer: '/params/replicas', message: 'Too big: expected int to be <=8' }],
        }),
      }),
    )
    const replicas = page.getByRole('textbox', { name: /^Replicas/ })
    await replicas.fill('9')
    await page.getByRole('button', { name: 'Ask for the plan' }).click()
    await page.getByText('These parameters do not fit').waitFor()
    const fault = page.getByText('Too big: expected int to be <=8')
    await fault.waitFor()
    expect(await fault.count()).toBe(1)
    await expect.poll(() => replicas.evaluate((field) => field === document.activeElement)).toBe(true)
    await replicas.fill('8')
    await fault.waitFor({ state: 'detached' })
  })

  test('asks with a reason where somebody else will decide', async () => {
    const { page } = await open('/recipes/requeue-failed-jobs')
    await page.getByRole('button', { name: 'Ask for the plan' }).click()
    await page.getByText('Whoever approves it reads why: say it.').waitFor()
    await page.getByRole('textbox', { name: 'Reason' }).fill('Storage is back.')
    await page.getByRole('textbox', { name: /^Jobs/ }).fill('4711\n4712')
    await page.getByRole('button', { name: 'Ask for the plan' }).click()
    await page.getByText('You asked for this plan:').waitFor()
    await page.getByText('Queue 2 failed jobs of ocr-batch again').first().waitFor()
    await page.getByText('1 first, then more, at most 50 at a time, 10 s between').waitFor()
    expect(plans().at(-1)).toMatchObject({ reason: 'Storage is back.', body: { params: { jobs: ['4711', '4712'] } } })
  })

  test('somebody who may not ask reads why', async () => {
    const { page } = await open('/recipes/scale-api', { as: 'Audrey Whitfield' })
    const button = page.getByRole('button', { name: 'Ask for the plan' })
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    const before = plans().length
    await button.click({ force: true })
    await page.getByText('plan.request is for sre, ml, security; you are auditor.').first().waitFor()
    expect(plans()).toHaveLength(before)
  })
})

describe('the plan beside the form', () => {
  test('is the same as everywhere, is approved there, and is found again by its address', async () => {
    const { page } = await open('/recipes/scale-api?replicas=8')
    await page.getByRole('button', { name: 'Ask for the plan' }).click()
    await page.getByText('Scale deployment prod/api from 2 to 8 replicas').first().waitFor()
    await page.reload()
    const approve = pressable(page, 'Approve and run')
    await approve.waitFor()
    await page.keyboard.press('A')
    await pressable(page, /^Confirm: Scale deployment prod\/api from 2 to 8 replicas, in PROD/).click()
    await page.getByText(/It is carried out, as/).waitFor()
  })

  test('is disarmed when the form says something else, and is armed again when it says the same', async () => {
    const { page } = await open('/recipes/scale-api?replicas=8')
    await page.getByRole('button', { name: 'Ask for the plan' }).click()
    await pressable(page, 'Approve and run').waitFor()
    await page.keyboard.press('A')
    await page.getByRole('button', { name: /^Confirm/ }).waitFor()
    const replicas = page.getByRole('textbox', { name: /^Replicas/ })
    await replicas.fill('9')
    await page.getByRole('button', { name: /^Confirm/ }).waitFor({ state: 'detached' })
    await page.getByText('The form says something else now: ask for a plan again.').first().waitFor()
    await replicas.fill('8')
    await pressable(page, 'Approve and run').waitFor()
  })

  test('that a recipe stopped says why, and has nothing to approve', async () => {
    const { page } = await open('/recipes/restore-ocr')
    await page.getByRole('button', { name: 'Ask for the plan' }).click()
    await page.getByText('the recipe says stop').waitFor()
    expect(await page.getByRole('button', { name: /Approve/ }).count()).toBe(0)
  })
})

test('how far it may go by itself stands there with its record, and who moved it', async () => {
  const { page } = await open('/recipes/pause-batch')
  const pane = page.getByRole('region', { name: 'Stage' })
  await pane.getByText('It paused the nightly billing twice').waitFor()
  expect(await pane.innerText()).toMatch(/watches[\s\S]*Noor Haddad: proposes → watches/)
})

test('it is moved to another stage with a reason, armed and confirmed, and who moved it stands there', async () => {
  const { page } = await open('/recipes/pause-batch')
  const pane = page.getByRole('region', { name: 'Stage' })
  await pane.getByRole('listitem').filter({ hasText: 'proposes' }).getByRole('button', { name: 'Move it there…' }).click() // prettier-ignore
  const button = pane.getByRole('button', { name: 'Move it to “proposes”' })
  await pane.getByText('Say why, for whoever reads the log.').waitFor()
  await page.keyboard.type('its list is right now')
  await button.and(page.locator('[aria-disabled="false"]')).click()
  expect(on.served.api.world.graduations).toHaveLength(1)
  await pressable(page, /^Confirm: Move “.*” \(pause-batch, version [0-9]+\) from “watches” to “proposes”/).click()
  await pane.getByText(/Hannah Okafor: watches → proposes, “its list is right now”/).waitFor()
  expect(on.served.api.world.graduations[0]).toMatchObject({ from: 'watch', to: 'propose', by: { id: 'hannah' } })
})

test('hostile links fill in text and nothing else', async () => {
  const hostile = encodeURIComponent('<img src=x onerror="globalThis.broken=1">')
  const { page } = await open(`/recipes/requeue-failed-jobs?queue=${hostile}&reason=${hostile}&incident=${hostile}&plan=${hostile}&__proto__=1&constructor=2`) // prettier-ignore
  await page.getByRole('textbox', { name: /^Queue/ }).waitFor()
  expect(await page.locator('main').locator('script, img, iframe').count()).toBe(0)
  expect(await page.evaluate(() => 'broken' in globalThis)).toBe(false)
})

describe.each(['light', 'dark'] as const)('every screen is for everybody, %s', (scheme) => {
  test('the catalogue, a recipe, its plan', async () => {
    const { page, axe } = await open('/recipes', { scheme })
    await page.getByRole('row', { name: /Queue failed jobs/ }).waitFor()
    expect(await axe()).toEqual([])
    await page.getByRole('link', { name: 'Queue failed jobs again' }).click()
    await page.getByRole('button', { name: 'Ask for the plan' }).waitFor()
    expect(await axe()).toEqual([])
    await page.getByRole('textbox', { name: 'Reason' }).fill('x')
    await page.getByRole('button', { name: 'Ask for the plan' }).click()
    await page.getByText('You asked for this plan:').waitFor()
    expect(await axe()).toEqual([])
    await page.setViewportSize({ width: 400, height: 800 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400)
  })
})
