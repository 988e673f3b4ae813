import { describe, expect, test } from 'vitest'
import { highLatency } from '../mock-api/world.js'
import { TIME, type ConsolePage, type OpenOptions } from './console.js'
import { onTheMock } from './fixtures.js'

let incident: string
const on = onTheMock({ begin: (api) => void (incident = api.arrive(highLatency, 2)) })
const { open } = on
const room = (options: OpenOptions = {}) => open({ path: `/incidents/${incident}`, as: 'Hannah Okafor', ...options })
const runs = () => [...on.served.api.world.runs.values()]
const plan = () => [...on.served.api.world.plans.values()].at(-1)!

/** Arms by the keys, and waits until a second press is a second press. */
async function arm({ page }: ConsolePage) {
  await page.getByRole('button', { name: 'Approve and run' }).waitFor()
  await page.keyboard.press('Control+Enter')
  const armed = page.getByRole('button', { name: /^Confirm:/ })
  await armed.and(page.locator('[aria-disabled="false"]')).waitFor()
  return armed
}

describe('once its incident is over', () => {
  const button = ({ page }: ConsolePage) => page.getByRole('button', { name: 'Approve and run' })
  const note = ({ page }: ConsolePage) => page.getByRole('note').filter({ hasText: 'Its incident is over since' })

  test('a plan is disarmed, and no key arms it', async () => {
    const console = await room()
    const armed = await arm(console)
    on.served.api.resolve(incident)
    await armed.waitFor({ state: 'detached' })
    await note(console).waitFor()
    expect(await button(console).getAttribute('aria-disabled')).toBe('true')
    const { page, axe } = console
    await page.getByText('Its incident is resolved: say first that it is wanted.').first().waitFor()
    await page.getByRole('button', { name: /Scale a service.*proposed/ }).waitFor()
    for (const key of ['1', 'Control+Enter', 'Enter', 'Control+Enter', 'Enter']) await page.keyboard.press(key)
    expect(await page.getByRole('button', { name: /^Confirm:/ }).count()).toBe(0)
    expect(await axe()).toEqual([])
    expect(plan().approvals).toEqual([])
  })

  test('it can still be wanted: that is said first, and nothing else is left out', async () => {
    on.served.api.resolve(incident)
    const console = await open({ path: `/plans/${plan().id}`, as: 'Hannah Okafor' })
    const { page } = console
    await note(console).getByRole('button', { name: 'It is wanted all the same' }).focus()
    await page.keyboard.press('Enter')
    await note(console).waitFor({ state: 'detached' })
    // Saying so arms nothing; the focus is where arming goes on.
    expect(await page.getByRole('button', { name: /^Confirm:/ }).count()).toBe(0)
    await page.keyboard.press('Enter')
    const armed = page.getByRole('button', { name: /^Confirm: Scale/ }).and(page.locator('[aria-disabled="false"]'))
    await armed.waitFor()
    expect(plan().approvals).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByText(/It is carried out, as/).waitFor()
  })

  test('opened again it is as before, and over another time it is asked anew', async () => {
    on.served.api.resolve(incident)
    const console = await room()
    const { page } = console
    await note(console).getByRole('button').click()
    await note(console).waitFor({ state: 'detached' })
    await page.keyboard.press('r')
    await page.keyboard.type('Slow again')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('button', { name: /Scale a service.*ready/ }).waitFor()
    on.served.api.resolve(incident)
    await note(console).waitFor()
  })

  test('of what nobody can say how it stands is not armed', async () => {
    on.served.api.failing.add(`/v1/incidents/${incident}`)
    const console = await open({ path: `/plans/${plan().id}`, as: 'Hannah Okafor' })
    const { page } = console
    await button(console).waitFor()
    await page.keyboard.press('A')
    await page.getByText('How its incident stands could not be read: say first').first().waitFor({ timeout: 20_000 })
    await page.keyboard.press('A')
    expect(await page.getByRole('button', { name: /^Confirm:/ }).count()).toBe(0)
  })
})

describe('from the inbox to a verified repair', () => {
  test('the server’s own words come in their order: sent, accepted, approved, running, verified', async () => {
    const console = await room()
    const armed = await arm(console)
    await armed.click()
    const { page } = console
    await page
      .getByText('Approved. A worker takes it up')
      .or(page.getByRole('heading', { name: 'Run', exact: true }))
      .first()
      .waitFor()
    await page.getByText('✓ verified', { exact: true }).waitFor()
    await page.keyboard.press('t')
    const lines = await page.getByRole('region', { name: 'Timeline entries' }).getByRole('listitem').allInnerTexts()
    const order = [
      'fired',
      'incident opened',
      'proposed',
      'approved plan',
      'started',
      'begins',
      'done',
      'checking',
      'succeeded',
    ]
    const places = order.map((word) => lines.findIndex((line) => line.includes(word)))
    expect(places).not.toContain(-1)
    expect(places).toEqual([...places].sort((a, b) => a - b))
  })

  test('that did not help is not called verified, and another plan can be made', async () => {
    on.served.api.helps = false
    const console = await room()
    await (await arm(console)).click()
    const { page } = console
    await page.getByText('✗ failed', { exact: true }).waitFor()
    const steps = await page.getByRole('list', { name: 'Steps of the run' }).innerText()
    expect(steps).toMatch(/did not hold[\s\S]*p95 of api is 790 ms/)
    expect(await page.locator('main').innerText()).not.toContain('✓ verified')
    await page.getByRole('button', { name: 'Plan it again' }).click()
    await page.getByRole('button', { name: 'Approve and run' }).and(page.locator('[aria-disabled="false"]')).waitFor()
  })
})

describe('what is armed', () => {
  test('is not confirmed by a double click', async () => {
    const { page } = await room()
    const button = page.getByRole('button', { name: 'Approve and run' })
    await button.dblclick()
    await page.getByRole('button', { name: /^Confirm:/ }).waitFor()
    expect(plan().approvals).toEqual([])
  })

  test('is not confirmed by a key that is held down', async () => {
    const { page } = await room()
    const button = page.getByRole('button', { name: 'Approve and run' })
    await button.focus()
    // Playwright marks a second "down" without an "up" as a repeat, like a keyboard.
    await page.keyboard.down('Enter')
    await page
      .getByRole('button', { name: /^Confirm:/ })
      .and(page.locator('[aria-disabled="false"]'))
      .waitFor()
    await page.keyboard.down('Enter')
    await page.keyboard.down('Enter')
    await page.keyboard.up('Enter')
    expect(plan().approvals).toEqual([])
    await page.getByRole('button', { name: /^Confirm:/ }).waitFor()
  })

  test('is safe again by Escape, and after eight seconds', async () => {
    const console = await open()
    const { page } = console
    await page.clock.install()
    await page.getByRole('button', { name: 'Hannah' }).click()
    await page.getByRole('link', { name: /p95 of api/ }).click()
    const safe = page.getByRole('button', { name: 'Approve and run' })
    await safe.waitFor()

    await page.keyboard.press('Control+Enter')
    await page.getByRole('button', { name: /^Confirm:/ }).waitFor()
    await page.keyboard.press('Escape')
    await safe.waitFor()

    await page.keyboard.press('Control+Enter')
    await page.getByRole('button', { name: /^Confirm:/ }).waitFor()
    await page.clock.runFor(8_100)
    await safe.waitFor()
    await page.getByText('Disarmed: 8 seconds passed.').first().waitFor()
    await page.keyboard.press('Enter')
    expect(plan().approvals).toEqual([])
  })

  test('is safe again when the plan becomes another one under it', async () => {
    const console = await room()
    await arm(console)
    on.served.api.drift(plan().id)
    on.served.api.resync()
    const { page } = console
    await page.getByText('What it would do has changed: read it again.').first().waitFor()
    expect(await page.getByRole('button', { name: 'Approve and run' }).isVisible()).toBe(true)
    expect(await page.getByRole('list', { name: 'Steps', exact: true }).innerText()).toContain('from 3 to 6 replicas')
    expect(plan().approvals).toEqual([])
  })

  test('is safe again, and stays so, when the line goes silent', async () => {
    const { page } = await open()
    await page.clock.install()
    await page.getByRole('button', { name: 'Hannah' }).click()
    await page.getByRole('link', { name: /p95 of api/ }).click()
    await page.getByRole('button', { name: 'Approve and run' }).waitFor()
    await page.getByText('● live', { exact: true }).waitFor()

    on.served.api.silent = true
    await page.clock.runFor(27_000)
    await page.getByText(/catching up/).waitFor()
    await page.keyboard.press('Control+Enter')
    const armed = page.getByRole('button', { name: /^Confirm:/ })
    await armed.waitFor()
    // Long before the eight seconds are over.
    await page.clock.runFor(3_500)
    await armed.waitFor({ state: 'detached', timeout: 2_000 })
    await page.getByText(/^▲ stale/).waitFor()
    await page.getByRole('status', { name: 'Announcements' }).getByText('the line to the server is silent').waitFor()
    await page.keyboard.press('Control+Enter')
    expect(await page.getByRole('button', { name: /^Confirm:/ }).count()).toBe(0)

    on.served.api.silent = false
    await page.getByText('● live', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Approve and run' }).and(page.locator('[aria-disabled="false"]')).waitFor()
  })
})

describe('a no', () => {
  test('of the server is shown in its words, with what to quote, and nothing runs', async () => {
    const console = await room()
    const { page } = console
    const armed = await arm(console)
    // The plan is made anew between reading and confirming, and no event has told so yet.
    on.served.api.drift(plan().id)
    await armed.click()
    const alert = page.getByRole('alert')
    await alert.getByText(/not the plan any more that you read/).waitFor()
    expect(await alert.innerText()).toMatch(/stale[\s\S]*req_/)
    await page.getByRole('list', { name: 'Steps', exact: true }).getByText('from 3 to 6').first().waitFor()
    expect(plan().approvals).toEqual([])
    expect(runs()).toEqual([])
  })

  test('to somebody whose role may not says so beside the button, and who may', async () => {
    const { page } = await room({ as: 'Mira Castellanos' })
    const button = page.getByRole('button', { name: 'Approve and run' })
    await button.waitFor()
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    const hint = page.locator(`[id="${await button.getAttribute('aria-describedby')}"]`)
    expect(await hint.innerText()).toBe('This plan is approved by sre. Who may: sre.')
    await page.keyboard.press('Control+Enter')
    await button.click({ force: true })
    expect(await page.getByRole('button', { name: /^Confirm:/ }).count()).toBe(0)
    expect(plan().approvals).toEqual([])
  })

  test('to an auditor who would acknowledge says why', async () => {
    const { page } = await room({ as: 'Audrey Whitfield' })
    await page.getByText('incident.acknowledge is for sre, ml, security; you are auditor.').waitFor()
    await page.keyboard.press('e')
    expect(on.served.api.world.incidents.get(incident)?.state).toBe('open')
  })

  test('of a person stops the plan, says why, and another can be made', async () => {
    const { page } = await room()
    await page.getByRole('button', { name: 'Say no…' }).click()
    await page.keyboard.press('Escape')
    await page.locator('button:focus', { hasText: 'Say no…' }).press('Enter')
    await page.getByLabel('Why not').fill('It is the database this time.')
    // In a field it sends what is written. It must not arm the yes that stands beside it.
    await page.keyboard.press('Control+Enter')
    await page.getByText('Hannah Okafor said no: It is the database this time.').first().waitFor()
    await page.getByRole('button', { name: 'Plan it again' }).click()
    await page.getByRole('button', { name: 'Approve and run' }).and(page.locator('[aria-disabled="false"]')).waitFor()
    expect(on.served.api.world.plans.size).toBe(2)
  })
})

test('one key has it: acknowledged by me, on the screen and in the record', async () => {
  const { page } = await room({ as: 'Sam Lindqvist' })
  await page.getByRole('button', { name: 'Acknowledge' }).waitFor()
  await page.keyboard.press('e')
  await page.getByRole('region', { name: 'Timeline entries' }).getByText('Sam Lindqvist has it.').waitFor()
  expect(on.served.api.world.incidents.get(incident)).toMatchObject({ state: 'acknowledged', owner: { id: 'sam' } })
})

test('the focus stays where somebody works, also when the button that they pressed says something else or goes', async () => {
  const { page } = await room()
  await page.getByRole('button', { name: 'Assign…' }).press('Enter')
  await page.getByRole('combobox', { name: 'Who is to have it' }).fill('sam')
  await page.keyboard.press('Enter')
  await page.locator('button:focus', { hasText: 'Hand over…' }).waitFor()
  await page.getByRole('button', { name: 'Acknowledge' }).press('Enter')
  await page.locator('h1:focus').waitFor()
  expect(await page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0)
})

test('the sheet of keys is the registry, and behind it no key does anything', async () => {
  const { page } = await room()
  await page.getByRole('button', { name: 'Approve and run' }).waitFor()
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Keys' })
  await sheet.waitFor()
  const keys = [
    'Show these keys',
    'Times in your zone or in UTC',
    'Acknowledge',
    'Arm what is proposed; Enter then confirms',
  ]
  expect(await sheet.getByRole('definition').allInnerTexts()).toEqual(expect.arrayContaining(keys))
  await page.keyboard.press('e')
  await page.keyboard.press('Control+Enter')
  await page.keyboard.press('?')
  await sheet.waitFor({ state: 'detached' })
  expect(await page.getByRole('button', { name: /^Confirm:/ }).count()).toBe(0)
  expect(on.served.api.world.incidents.get(incident)?.state).toBe('open')
})

test('times are in the zone of the person, or in UTC by one key', async () => {
  const { page } = await room()
  const timeline = page.getByRole('region', { name: 'Timeline', exact: true })
  const first = timeline.getByRole('region', { name: 'Timeline entries' }).locator('time').first()
  await timeline.getByText(/^times in Europe\//).waitFor()
  const [utc, here] = [(await first.getAttribute('title'))!, await first.innerText()]
  expect(here).toMatch(new RegExp(`^${TIME}$`))
  expect(utc).not.toContain(here)
  await page.keyboard.press(';')
  await timeline.getByText('times in UTC').waitFor()
  expect(utc).toBe(`${utc.slice(0, 10)} ${(await first.innerText()).slice(-8)} UTC`)
  // Where no head says it, it stands beside each.
  expect(await page.locator('header dl').innerText()).toMatch(new RegExp(`since ${TIME} UTC`))
})

test('a pane that fails leaves the others alone, and comes back when asked', async () => {
  on.served.api.failing.add(`/v1/incidents/${incident}/timeline`)
  const { page } = await room()
  await page.getByRole('alert').getByText('Could not load the timeline').waitFor({ timeout: 20_000 })
  await page.getByRole('button', { name: 'Approve and run' }).waitFor()
  on.served.api.failing.clear()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('HighApiLatency fired').waitFor()
})

test('what arrives waits behind a button, and moves no row', async () => {
  const { page } = await open({ as: 'Noor Haddad' })
  const row = page.getByRole('row', { name: /p95 of api/ })
  await row.waitFor()
  const before = await row.boundingBox()
  on.served.api.arrive({ title: 'The model is down', severity: 'SEV1', class: 'model-error-rate' })
  on.served.api.arrive({ title: 'Another', severity: 'SEV4' })
  await page.getByRole('button', { name: '2 new: press n to show' }).waitFor()
  expect(await row.boundingBox()).toEqual(before)
  expect(await page.getByRole('row').count()).toBe(2)
  await page.keyboard.press('n')
  await page.getByRole('row', { name: /The model is down/ }).waitFor()
  // The worst is first now, and under Enter.
  await page.locator('a:focus', { hasText: 'The model is down' }).waitFor()
  await page.keyboard.press('j')
  await page.locator('a:focus', { hasText: 'p95 of api' }).waitFor()
})

test('the filter is in the address, and an empty list says which filter made it so', async () => {
  const { page } = await open({ path: '/incidents?state=resolved', as: 'Noor Haddad' })
  await page.getByText('No incident is resolved. The filter hides the others.').waitFor()
  const current = page.getByRole('navigation', { name: 'Filter' }).locator('[aria-current]')
  expect(await current.allInnerTexts()).toEqual(['resolved 0'])
  await page.getByRole('link', { name: 'Show all (1)' }).click()
  await page.getByRole('row', { name: /p95 of api/ }).waitFor()
  expect(new URL(page.url()).search).toBe('?state=all')
  await page.goBack()
  await page.getByText('No incident is resolved.').waitFor()
})

describe('hostile text', () => {
  const hostile = [
    '<img src=x onerror="globalThis.broken=1">',
    '"><script>globalThis.broken=1</script>',
    '<svg onload=globalThis.broken=1>',
    '<iframe srcdoc="<script>parent.broken=1</script>">',
    "{{constructor.constructor('globalThis.broken=1')()}}",
    '[click](javascript:globalThis.broken=1)',
    '\u202Egnp.exe\u0000<b>bold</b>',
  ]
  const addresses = [
    'javascript:globalThis.broken=1',
    'data:text/html,<script>broken=1</script>',
    'vbscript:x',
    '//evil.example/x',
    'file:///etc/passwd',
  ]

  test('stays text, in every field that comes from outside', async () => {
    const ids = hostile.map((text, at) =>
      on.served.api.arrive({
        title: text,
        service: text,
        labels: { alertname: text, [text]: text },
        annotations: { summary: text, [text]: text },
        generator_url: addresses[at % addresses.length]!,
      }),
    )
    const { page } = await open({ as: 'Hannah Okafor' })
    await page.getByRole('row').nth(hostile.length).waitFor()
    for (const id of ids) {
      await page.goto(`/incidents/${id}`)
      await page.getByText('Its source, which is not a web address').waitFor()
      const main = page.locator('main')
      expect(await main.locator('script, img, iframe, object, embed, b b, a[href]:not([href^="/"])').count()).toBe(0)
      expect(await page.evaluate(() => 'broken' in globalThis)).toBe(false)
    }
  })

  test('a link that leaves goes over the web, tells nothing of where it came from, and says where to', async () => {
    const { page } = await room()
    const link = page.getByRole('link', { name: /Open at prometheus/ })
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer')
    expect(await link.getAttribute('target')).toBe('_blank')
    expect(new URL((await link.getAttribute('href'))!).protocol).toBe('http:')
  })
})
