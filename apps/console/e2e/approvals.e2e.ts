import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { askToPass } from '../mock-api/break-glass.js'
import type { BreakGlassRecord, PlanRecord } from '../mock-api/world.js'
import { pressable, type OpenOptions } from './console.js'
import { onTheMock } from './fixtures.js'

const on = onTheMock()
const open = (options: OpenOptions = {}) => on.open({ path: '/approvals', ...options })
const planOf = (recipe: string) => [...on.served.api.world.plans.values()].find((plan) => plan.recipe.id === recipe && plan.state === 'proposed')! // prettier-ignore

describe('what waits on me', () => {
  test('is counted, the soonest to end is first and open, and j goes to the next', async () => {
    const { page } = await open({ as: 'Noor Haddad' })
    await page.getByRole('link', { name: 'Waiting on me 2' }).waitFor()
    expect(await page.title()).toBe('(2) Approvals · Firebreak')
    const rows = page.getByRole('table', { name: 'Waiting on me' }).getByRole('row')
    expect(await rows.nth(1).innerText()).toContain('Queue 5 failed jobs')
    await page.getByRole('region', { name: 'Queue failed jobs again' }).waitFor()
    expect(await rows.nth(1).getAttribute('aria-current')).toBe('true')

    await page.keyboard.press('j')
    await page.getByRole('region', { name: 'Scale a service that is slow under load' }).waitFor()
    expect(await rows.nth(2).getAttribute('aria-current')).toBe('true')
    // The address is that of what is seen: it can be sent to somebody.
    expect(page.url()).toContain(planOf('scale-api').id)
  })

  test('is approved by A and Enter, and its row says that it has left', async () => {
    const { page, presses } = await open({ as: 'Noor Haddad' })
    await page.getByRole('button', { name: 'Approve and run' }).and(page.locator('[aria-disabled="false"]')).waitFor()
    await page.keyboard.press('A')
    await page.getByRole('button', { name: /^Confirm: Queue 5 failed jobs of ocr-batch again, in PROD/ }).and(page.locator('[aria-disabled="false"]')).waitFor() // prettier-ignore
    expect(planOf('requeue-failed-jobs').approvals).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByText(/It is carried out, as/).waitFor()
    expect(presses()).toBe(2)
    const row = page.getByRole('row', { name: /Queue 5 failed jobs/ })
    expect(await row.innerText()).toContain('no longer in this list')
    await page.getByRole('link', { name: 'Waiting on me 1' }).waitFor()
  })

  test('is refused by J with a reason, which everybody reads', async () => {
    const { page } = await open({ as: 'Noor Haddad' })
    await page.getByRole('button', { name: 'Say no…' }).waitFor()
    await page.keyboard.press('J')
    // In the field, J and A are letters.
    await page.getByRole('textbox', { name: 'Why not' }).waitFor()
    await page.keyboard.type('Just A try')
    await page.getByRole('button', { name: 'Refuse this plan' }).click()
    await page.getByText('Noor Haddad said no: Just A try').first().waitFor()
    await page.getByRole('link', { name: 'Decided' }).click()
    await page.getByRole('row', { name: /Just A try/ }).waitFor()
  })

  test('moves nothing when more comes: it waits behind a button, and what is open stays open', async () => {
    const { page } = await open({ as: 'Noor Haddad' })
    const row = page.getByRole('row', { name: /Queue 5 failed jobs/ })
    await row.waitFor()
    const before = await row.boundingBox()
    on.served.api.arrive({ title: 'slow again', class: 'high-api-latency' }, 20)
    await page.getByRole('button', { name: '1 new: press n to show' }).waitFor()
    expect(await row.boundingBox()).toEqual(before)
    await page.keyboard.press('n')
    await page.getByRole('button', { name: /new: press n/ }).waitFor({ state: 'detached' })
    expect(await page.getByRole('table', { name: 'Waiting on me' }).getByRole('row').count()).toBe(4)
    expect(await row.getAttribute('aria-current')).toBe('true')
  })

  test('is nothing for who may decide nothing: and that others are waited on is said', async () => {
    const { page } = await open({ as: 'Audrey Whitfield' })
    await page.getByText('Nothing waits on you.').waitFor()
    await page.getByText('3 plans wait on others.').waitFor()
    await page.getByRole('link', { name: 'Show them' }).click()
    await page.getByRole('heading', { name: 'Plans' }).waitFor()
    expect(await page.getByRole('row').count()).toBe(4)
  })
})

describe('what is written about one plan', () => {
  test('does not stand under another, once that is on the page', async () => {
    const [first, second] = [planOf('requeue-failed-jobs'), planOf('scale-api')]
    const { page } = await open({ as: 'Noor Haddad', path: `/plans/${second.id}` })
    await pressable(page, 'Say no…').waitFor()
    await page.getByRole('link', { name: 'Plans', exact: true }).or(page.getByRole('link', { name: /^Approvals/ })).first().click() // prettier-ignore
    await page.getByRole('row', { name: /Queue 5 failed jobs/ }).waitFor()
    await page.getByRole('link', { name: 'Queue failed jobs again' }).first().click()
    await page.getByRole('heading', { level: 1, name: 'Queue failed jobs again' }).waitFor()
    expect(page.url()).toContain(first.id)
    await pressable(page, 'Say no…').click()
    await page.getByRole('textbox', { name: 'Why not' }).fill('these were paid twice')
    await page.evaluate(() => history.go(-2))
    await page.getByRole('heading', { level: 1, name: 'Scale a service' }).waitFor()
    await page.getByRole('button', { name: 'Approve and run' }).waitFor()
    expect(await page.getByRole('textbox', { name: 'Why not' }).count()).toBe(0)
  })
})

test('while the API is away a no is not begun, and says why', async () => {
  const { page } = await open({ as: 'Noor Haddad' })
  await pressable(page, 'Say no…').waitFor()
  await pressable(page, 'Withdraw it…').waitFor()
  await on.served.goAway()
  await page.getByText(/The API has not answered since/).waitFor({ timeout: 30_000 })
  for (const name of ['Say no…', 'Withdraw it…'])
    expect(await page.getByRole('button', { name }).getAttribute('aria-disabled')).toBe('true')
  await page.keyboard.press('J')
  await page.getByRole('status', { name: 'Announcements' }).getByText('The API does not answer.').waitFor()
  expect(await page.getByRole('textbox', { name: 'Why not' }).count()).toBe(0)
})

test('what a freeze holds says so once: by whom, since when and why, and a key that arms nothing says it too', async () => {
  const plan = frozen()
  const { page } = await open({ as: 'Hannah Okafor', path: `/plans/${plan.id}` })
  await page.getByText(/Frozen by Viktor Marek.*data leaves at night/).waitFor()
  await page.getByText('Frozen: the freeze is named below').waitFor()
  expect(await page.getByText('data leaves at night').count()).toBe(1)
  expect(await page.locator('main').innerText()).not.toMatch(/\d{4}-\d\d-\d\dT/)
  await page.keyboard.press('A')
  await page.getByRole('status', { name: 'Announcements' }).getByText('Frozen: only two of Security lift it.').waitFor()
})

test('the names of facts are read by their parts, and never broken inside one', async () => {
  const { page } = await open({ as: 'Hannah Okafor', path: `/plans/${planOf('scale-api').id}`, width: 1280 })
  const names = page.getByRole('region', { name: 'Facts' }).locator('tbody th')
  await names.first().waitFor()
  const parts = await names.evaluateAll((cells) =>
    cells.flatMap((cell) =>
      [...cell.childNodes]
        .filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
        .map((node) => {
          const range = document.createRange()
          range.selectNodeContents(node)
          return { text: node.textContent!, lines: range.getClientRects().length }
        }),
    ),
  )
  expect(parts.map(({ text }) => text)).toContain('replicas')
  expect(parts.filter(({ lines }) => lines !== 1)).toEqual([])
})

describe('two people', () => {
  test('who is needed besides is said in words, and the second yes starts it', async () => {
    const { page } = await open({ as: 'Theo Brandt' })
    const pane = page.getByRole('region', { name: 'Set corrupted inputs aside' })
    await pane.getByText('1 of 2 — needs one more from SRE or Security').waitFor()
    await pane.getByRole('list', { name: 'Decisions' }).getByText('Looked at all three.').waitFor()
    await page.keyboard.press('A')
    await page.getByRole('button', { name: /^Confirm: Move invoices/ }).and(page.locator('[aria-disabled="false"]')).click() // prettier-ignore
    await page.getByText(/It is carried out, as/).waitFor()
  })

  test('who has said yes sees that it waits for another, and by name whom it can wake', async () => {
    const { page } = await open({ as: 'Noor Haddad', path: `/plans/${planOf('quarantine-input').id}` })
    await page.getByText('You have decided about this plan.').waitFor()
    const who = page.getByLabel('Who can decide')
    await who.getByText('Hannah Okafor, Sam Lindqvist').waitFor()
    await who.getByText('Theo Brandt, Inês Carvalho, Viktor Marek').waitFor()
    expect(await page.getByRole('button', { name: 'Say no…' }).count()).toBe(0)
  })
})

describe('one’s own', () => {
  test('has no button to approve it, says who can, and can be withdrawn', async () => {
    const { page } = await open({ as: 'Sam Lindqvist', path: '/approvals?tray=asked' })
    await page.getByText('You asked for this plan:').waitFor()
    expect(await page.getByRole('button', { name: /Approve/ }).count()).toBe(0)
    await page.getByRole('button', { name: 'Withdraw it…' }).click()
    await page.getByRole('textbox', { name: 'Why it is withdrawn' }).fill('They went through by themselves.')
    await page.getByRole('button', { name: 'Withdraw this plan' }).click()
    await page.getByText('sam cancelled it: They went through by themselves.').first().waitFor()
    expect(on.served.api.world.plans.get(planIdIn(page.url()))?.state).toBe('cancelled')
  })
})

test('a pane that fails leaves the others alone', async () => {
  const { id } = planOf('requeue-failed-jobs')
  on.served.api.failing.add(`/v1/plans/${id}`)
  const { page, axe } = await open({ as: 'Noor Haddad' })
  await page.getByText('Could not load this plan').waitFor({ timeout: 20_000 })
  expect(await page.getByRole('table', { name: 'Waiting on me' }).getByRole('row').count()).toBe(3)
  expect(await axe()).toEqual([])
  on.served.api.failing.clear()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('button', { name: 'Approve and run' }).waitFor()
})

test('a list that fails says so, and is not an empty one', async () => {
  on.served.api.failing.add('/v1/plans')
  const { page } = await open({ as: 'Noor Haddad' })
  await page.getByText('Could not load the plans').waitFor({ timeout: 20_000 })
  expect(await page.getByText('Nothing waits on you.').count()).toBe(0)
})

test('hostile text stays text, in every field that people and systems fill', async () => {
  const hostile = `<img src=x onerror="globalThis.broken=1">"><script>globalThis.broken=1</script>\u202Egnp.exe`
  const plan = planOf('requeue-failed-jobs')
  Object.assign(plan, { reason: hostile, because: hostile, requested_by: { id: 'x', name: hostile } })
  Object.assign(plan.recipe, { title: hostile, meaning: hostile, impact: hostile })
  Object.assign(plan.body!.steps[0]!, { says: hostile, targets: [hostile], before: { [hostile]: hostile }, after: { [hostile]: hostile + 1 } }) // prettier-ignore
  Object.assign(plan.body!, { facts: { [hostile]: { environment: hostile } }, params: { [hostile]: hostile } })
  Object.assign(plan.body!.verify, { says: hostile })
  plan.approvals.push({ id: 'x', by: { id: 'y', name: hostile }, decision: 'yes', digest: 'x', note: hostile, at: plan.requested_at }) // prettier-ignore
  const { page } = await open({ as: 'Noor Haddad' })
  await page.getByRole('button', { name: 'Approve and run' }).waitFor()
  await page.keyboard.press('A')
  await page.getByRole('button', { name: /^Confirm:/ }).waitFor()
  expect(await page.locator('main').locator('script, img, iframe, a[href]:not([href^="/"])').count()).toBe(0)
  expect(await page.evaluate(() => 'broken' in globalThis)).toBe(false)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280)
})

describe.each(['light', 'dark'] as const)('every screen is for everybody, %s', (scheme) => {
  test('approvals: safe, armed, one’s own, decided, nothing', async () => {
    const { page, axe } = await open({ as: 'Noor Haddad', scheme })
    await page.getByRole('button', { name: 'Approve and run' }).waitFor()
    expect(await axe()).toEqual([])
    await page.keyboard.press('A')
    await page.getByRole('button', { name: /^Confirm/ }).waitFor()
    expect(await axe()).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Say no…' }).click()
    expect(await axe()).toEqual([])
    for (const tray of ['Asked by me', 'Decided']) {
      await page.getByRole('link', { name: tray }).click()
      await page.getByRole('table', { name: tray }).or(page.getByText('You have asked for no plan.')).first().waitFor()
      expect(await axe()).toEqual([])
    }
  })

  test('a plan that a freeze holds, and asking to break the glass, wide and narrow', async () => {
    const path = `/plans/${frozen().id}`
    const hannah = await open({ as: 'Hannah Okafor', scheme, path })
    await hannah.page.getByText('Only Security can ask for that.').waitFor()
    expect(await hannah.axe()).toEqual([])
    const { page, axe } = await open({ as: 'Theo Brandt', scheme, path })
    await page.getByText(/Frozen by Viktor Marek.*data leaves at night/).waitFor()
    await pressable(page, 'Break the glass…').click()
    await page.getByText('Inês Carvalho or Viktor Marek').waitFor()
    await page.getByLabel('For how many minutes').fill('90')
    await page.getByText('For 1 to 60 minutes').waitFor()
    expect(await axe()).toEqual([])
    await page.setViewportSize({ width: 320, height: 640 })
    expect(await page.getByRole('dialog').evaluate((one) => one.scrollWidth - one.clientWidth)).toBe(0)
  })

  test('plans, and a plan on its page, wide and narrow', async () => {
    const { page, axe } = await open({ as: 'Theo Brandt', scheme, path: '/plans?state=all' })
    await page.getByRole('row', { name: /Move invoices/ }).waitFor()
    expect(await axe()).toEqual([])
    await page.getByRole('link', { name: /Move invoices/ }).click()
    await page.getByRole('button', { name: 'Approve and run' }).waitFor()
    expect(await axe()).toEqual([])
    await page.setViewportSize({ width: 400, height: 800 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400)
  })
})

/** The plan that waits and scales the API, under a freeze. */
function frozen(): PlanRecord {
  const { api } = on.served
  const reason = 'data leaves at night'
  api.freeze = { id: 'frz_1', scopes: ['service:api'], reason, by: 'viktor', at: api.options.now().toISOString() }
  return [...api.world.plans.values()].find(({ recipe, state }) => recipe.id === 'scale-api' && state === 'proposed')!
}

const planIdIn = (url: string): string => new URL(url).searchParams.get('plan') ?? ''

describe('who wants to break the glass', () => {
  const asked = (more: Partial<BreakGlassRecord> = {}) =>
    askToPass(on.served.api, 'scale-api', 'theo', 'it is what stops the leak', more)
  const note = (page: Page) => page.getByRole('region', { name: 'Break-glass' })
  const above = (page: Page) => page.getByRole('region', { name: 'What waits on you' })

  test('waits on another of Security, who grants it with two presses: everybody who looks at the plan sees it', async () => {
    const plan = asked()
    const { page, axe } = await open({ as: 'Inês Carvalho' })
    await above(page).getByRole('link', { name: 'Theo Brandt wants to pass the freeze frz_1' }).click()
    await page.waitForURL(`**/plans/${plan}`)
    await note(page).getByText('it is what stops the leak').waitFor()
    expect(await note(page).innerText()).toMatch(
      /asked for[\s\S]*over the freeze frz_1[\s\S]*it is what stops the leak/,
    )
    expect(await axe()).toEqual([])
    await pressable(page, 'Grant it').click()
    await pressable(page, /^Confirm: Let this plan pass the freeze frz_1, once, within 60 min: Scale deployment prod\/api .*, in PROD/).click() // prettier-ignore
    await note(page).getByText('Inês Carvalho granted it').waitFor()
    const other = await open({ as: 'Hannah Okafor', path: `/plans/${plan}` })
    await note(other.page).getByText('Break-glass: granted').waitFor()
  })

  test('is refused with a reason; who asked decides nothing', async () => {
    const plan = asked()
    const theo = await open({ as: 'Theo Brandt', path: `/plans/${plan}` })
    await note(theo.page).getByText('Another of Security than who asked decides.').waitFor()
    expect(await note(theo.page).getByRole('button', { name: 'Refuse it…' }).count()).toBe(0)
    const { page } = await open({ as: 'Inês Carvalho', path: `/plans/${plan}` })
    await note(page).getByRole('button', { name: 'Refuse it…' }).click()
    await page.keyboard.type('the freeze ends in ten minutes')
    await page.getByRole('button', { name: 'Refuse the break-glass' }).click()
    await note(theo.page)
      .getByText(/Inês Carvalho refused it.*the freeze ends in ten minutes/)
      .waitFor()
  })

  test('asks for the plan that was read, and for nothing while another stands there', async () => {
    const plan = frozen()
    const { page } = await open({ as: 'Theo Brandt', path: `/plans/${plan.id}` })
    await pressable(page, 'Break the glass…').click()
    await page.getByLabel('Why nothing else will do').fill('it is what stops the leak')
    plan.digest = `sha256:${'b'.repeat(64)}`
    on.served.api.log(plan.incident, 'plan.proposed', `plan:${plan.id}`, 'worker', 'It was made anew.')
    await page.getByText('The plan is another one now').waitFor()
    await page.keyboard.press('Control+Enter')
    expect(on.served.told.filter((one) => one.includes('break-glass'))).toEqual([])
    await page.getByRole('button', { name: 'Back', exact: true }).click()
    await page.locator('button:focus', { hasText: 'Break the glass…' }).waitFor()
  })

  test('may ask again after a no, and when nobody decided in time', async () => {
    const plan = frozen().id
    asked({ state: 'expired', reason: 'the first' })
    asked({ state: 'refused', reason: 'the second' })
    const { page } = await open({ as: 'Theo Brandt', path: `/plans/${plan}` })
    await page.getByText('Break-glass: not decided in time').waitFor()
    await page.getByText('Break-glass: refused').waitFor()
    await pressable(page, 'Break the glass…').click()
    await page.getByRole('radio', { name: /One missing approval/ }).check()
    await page.getByText('It will not start by this alone: frz_1 holds it still.').waitFor()
    await page.getByLabel('Why nothing else will do').fill('once more')
    await page.getByRole('button', { name: 'Ask for it' }).click()
    await page.getByText('Break-glass: asked for, over one missing approval').waitFor()
    expect([...on.served.api.world.breakGlass.values()].at(-1)).toMatchObject({ over: 'approval', freeze: null, minutes: 30, reason: 'once more' }) // prettier-ignore
  })

  test('and did, is reviewed by a third', async () => {
    const at = new Date().toISOString()
    const decision = { by: { id: 'ines', name: 'Inês Carvalho' }, decision: 'granted', voice: 'security', note: 'go', at } as const // prettier-ignore
    const plan = asked({ state: 'used', decision, use: { run: 'run_1', at, review_by: at } })
    const { page } = await open({ as: 'Viktor Marek' })
    await above(page).getByRole('link', { name: 'Theo Brandt passed the freeze frz_1: review it' }).click()
    await page.waitForURL(`**/plans/${plan}`)
    await note(page).getByRole('button', { name: 'It was justified…' }).click()
    await page.keyboard.type('it did stop the leak')
    await page.getByRole('button', { name: 'Record: it was justified' }).click()
    await note(page)
      .getByText(/Viktor Marek found it justified: “it did stop the leak”/)
      .waitFor()
  })
})
