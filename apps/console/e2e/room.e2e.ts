import { beforeEach, describe, expect, test } from 'vitest'
import { who } from '../mock-api/cast.js'
import { makePlan } from '../mock-api/planning.js'
import { highLatency } from '../mock-api/world.js'
import { longValues } from '../screens/rooms.js'
import { pressable, settled, type OpenOptions } from './console.js'
import { onTheMock, schemes } from './fixtures.js'

const on = onTheMock()
let incident: string
beforeEach(() => void (incident = [...on.served.api.world.incidents.keys()].at(-1)!))

const room = async (options: OpenOptions = {}) => {
  const console = await on.open({ path: `/incidents/${incident}`, as: 'Hannah Okafor', ...options })
  await console.page.getByRole('button', { name: /^Approve and run/ }).waitFor()
  return console
}
const record = () => on.served.api.incidentRecord(incident)
const timeline = () => record().timeline.map(({ says }) => says)
const lost = async ({ page }: Awaited<ReturnType<typeof room>>, method: string) => {
  await page.route('**/v1/incidents/**', async (route) => {
    if (route.request().method() !== method) return route.fallback()
    // The server hears it and does it; the answer is lost on its way.
    await route.fetch()
    await route.abort()
  })
}

describe('by the keyboard alone', () => {
  test('it is given to somebody: typed, marked, chosen; oneself comes first', async () => {
    const { page } = await room()
    await page.keyboard.press('a')
    const people = page.getByRole('listbox', { name: 'People' })
    await people.getByRole('option').first().waitFor()
    expect(await people.getByRole('option').first().innerText()).toContain('Hannah Okafor (you)')
    await page.keyboard.type('sre lind')
    await expect.poll(() => people.getByRole('option').count()).toBe(1)
    await page.keyboard.press('Enter')
    await page.getByRole('definition').filter({ hasText: 'Sam Lindqvist' }).waitFor()
    await expect.poll(timeline).toContainEqual('Hannah Okafor gave the incident to Sam Lindqvist.')
    // It is his, and he has not said yet that he has it.
    expect(record()).toMatchObject({ state: 'open', owner: { id: 'sam' } })

    await page.keyboard.press('a')
    await people.getByRole('option').first().waitFor()
    await page.keyboard.press('Enter')
    await expect.poll(() => record()).toMatchObject({ state: 'acknowledged', owner: { id: 'hannah' } })
  })

  test('its severity is corrected, and not without a reason', async () => {
    const { page } = await room()
    await page.getByRole('button', { name: 'Correct severity…' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'How bad it is' })
    await dialog.getByText('It is SEV2 already').waitFor()
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Control+Enter')
    expect(record().severity).toBe('SEV2')
    await page.keyboard.type('Customers see it')
    await page.keyboard.press('Control+Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('heading', { level: 1, name: /SEV1 p95/ }).waitFor()
    expect(timeline().at(-1)).toBe('Hannah Okafor corrected the severity to SEV1: Customers see it.')
  })

  test('it is resolved with a reason, and opened again; Escape does neither', async () => {
    const { page } = await room()
    await page.keyboard.press('r')
    const resolving = page.getByRole('dialog', { name: 'Resolve' })
    await resolving.getByText('One alert is still firing').waitFor()
    await page.keyboard.type('Not r')
    await page.keyboard.press('Escape')
    await resolving.waitFor({ state: 'detached' })
    expect(record().state).toBe('open')

    await page.keyboard.press('r')
    await page.keyboard.type('The deploy was rolled back')
    await page.keyboard.press('Control+Enter')
    await resolving.waitFor({ state: 'detached' })
    const state = page.getByRole('list', { name: 'State' }).locator('[aria-current="step"]')
    expect(await state.innerText()).toBe('resolved')

    await page.keyboard.press('r')
    await page.getByRole('dialog', { name: 'Open again' }).waitFor()
    await page.keyboard.type('Slow again')
    await page.keyboard.press('Control+Enter')
    await expect.poll(() => state.innerText()).toBe('open')
    expect(timeline().slice(-2)).toEqual([
      'Hannah Okafor resolved the incident: The deploy was rolled back.',
      'Hannah Okafor opened the incident again: Slow again.',
    ])
  })

  test('a note is written by Ctrl and Enter, which arms nothing there, and stands in the timeline', async () => {
    const { page } = await room()
    await page.keyboard.press('c')
    await page.keyboard.type('The cache was cold')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('region', { name: 'Timeline entries' }).getByText('noted: The cache was cold').waitFor()
    await page.getByRole('list', { name: 'Notes that are not in the record yet' }).waitFor({ state: 'detached' })
    expect(await page.getByRole('textbox', { name: 'Note' }).inputValue()).toBe('')
    expect(await page.getByRole('button', { name: /^Confirm:/ }).count()).toBe(0)
  })

  test('one goes to the incident before and behind, in the order of the list, and to the plan', async () => {
    const { page } = await on.open({ as: 'Hannah Okafor' })
    await page.getByRole('link', { name: /p95 of api/ }).click()
    await page.getByText('2 of 3').waitFor()
    await page.keyboard.press('[')
    await page.getByRole('heading', { level: 1, name: /Outbound traffic/ }).waitFor()
    await page.getByText('1 of 3').waitFor()
    await page.keyboard.press('[')
    await page.getByRole('status', { name: 'Announcements' }).getByText('This is the first.').waitFor()
    await page.keyboard.press(']')
    await page.getByText('2 of 3').waitFor()
    await page.keyboard.press(']')
    await page.getByRole('heading', { level: 1, name: /OCR confidence/ }).waitFor()
    await page.keyboard.press('[')
    await page.getByRole('button', { name: /^Approve and run/ }).waitFor()
    await page.keyboard.press('p')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('plan')
    await page.keyboard.press('i')
    await page.getByRole('form', { name: 'Ask for a plan' }).waitFor()
    expect(await page.getByRole('combobox', { name: 'Incident' }).inputValue()).toBe(incident)
  })
})

test('other inputs: the plan that is open is withdrawn where another is asked for', async () => {
  const { page } = await room()
  await page.keyboard.press('i')
  const note = page.getByRole('note').filter({ hasText: 'is proposed for this incident' })
  await note.getByRole('button', { name: 'Withdraw it…' }).click()
  await note.getByLabel('Why it is withdrawn').fill('Eight, not five')
  await note.getByRole('button', { name: 'Withdraw this plan' }).click()
  await note.waitFor({ state: 'detached' })
  await page.getByRole('textbox', { name: /^Replicas/ }).fill('8')
  await page.getByRole('button', { name: 'Ask for the plan' }).click()
  await page.getByRole('list', { name: 'Steps', exact: true }).getByText('from 2 to 8').first().waitFor()
  await page.goto(`/incidents/${incident}`)
  await page.getByRole('list', { name: 'Steps', exact: true }).getByText('from 2 to 8').first().waitFor()
  await page.getByText('1 earlier plan').waitFor()
})

test('who was given it says that they have it: with e, or with the button, which is nobody else’s', async () => {
  const given = { state: 'acknowledged', owner: who('sam'), lead: who('hannah') } as const
  Object.assign(record(), given)
  const hannah = await room()
  await hannah.page.getByText('who was given it and has not acknowledged it').waitFor()
  expect(await hannah.page.getByRole('button', { name: /^Acknowledge/ }).count()).toBe(0)
  const sam = await room({ as: 'Sam Lindqvist' })
  await sam.page.getByRole('button', { name: /^Acknowledge/ }).waitFor()
  expect(await sam.axe()).toEqual([])
  await sam.page.keyboard.press('e')
  await sam.page.getByRole('button', { name: /^Acknowledge/ }).waitFor({ state: 'detached' })
  expect(record().lead?.id).toBe('sam')
  await hannah.page.getByText('who was given it and has not acknowledged it').waitFor({ state: 'detached' })
})

describe('a no', () => {
  test('of somebody who was quicker takes an owner back, says why, and shows how it is now', async () => {
    const { page } = await room()
    await page.keyboard.press('a')
    await page.getByRole('option').first().waitFor()
    // Nobody has told this page.
    Object.assign(record(), { version: 7, owner: { id: 'noor', name: 'Noor Haddad' } })
    await page.keyboard.press('Enter')
    await page
      .getByRole('alert')
      .getByText(/it is now open, version 7/)
      .waitFor()
    await page.getByRole('definition').filter({ hasText: 'Noor Haddad' }).waitFor()
    expect(record().owner?.id).toBe('noor')
  })

  test('to a severity leaves the dialog and what was typed', async () => {
    const { page } = await room()
    await page.getByRole('button', { name: 'Correct severity…' }).click()
    await page.getByRole('radio', { name: 'SEV1' }).check()
    await page.getByRole('textbox', { name: 'Why' }).fill('Customers see it')
    Object.assign(record(), { version: 7 })
    await page.getByRole('button', { name: 'Correct it to SEV1' }).click()
    const dialog = page.getByRole('dialog', { name: 'How bad it is' })
    await dialog.getByRole('alert').getByText('precondition').waitFor()
    expect(await dialog.getByRole('textbox', { name: 'Why' }).inputValue()).toBe('Customers see it')
    expect(record().severity).toBe('SEV2')
    // It has been read again by now: the same press is about what is so.
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Correct it to SEV1' }).click()
        return record().severity
      })
      .toBe('SEV1')
  })

  test('by role is said once, beside verbs that stay', async () => {
    const { page, axe } = await room({ as: 'Audrey Whitfield' })
    expect(await page.getByText('is for sre, ml, security; you are auditor.').count()).toBe(2)
    for (const name of [/^Acknowledge/, /^Assign/, /^Resolve/, /^Correct severity/])
      expect(await page.getByRole('button', { name }).getAttribute('aria-disabled')).toBe('true')
    for (const key of ['e', 'a', 'r', 'c']) await page.keyboard.press(key)
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(await axe()).toEqual([])
  })
})

describe('an answer that is lost', () => {
  test('of a note: the text stays, and written again it stands there once', async () => {
    const console = await room()
    const { page } = console
    await lost(console, 'POST')
    await page.keyboard.press('c')
    await page.keyboard.type('The cache was cold')
    await page.keyboard.press('Control+Enter')
    const kept = page.getByRole('list', { name: 'Notes that are not in the record yet' })
    await kept.getByText('Whether it heard is not known').waitFor()
    // Also for who has been away.
    await page.reload()
    await kept.getByText('noted: The cache was cold').waitFor()
    await page.unroute('**/v1/incidents/**')
    await kept.getByRole('button', { name: 'Write it again' }).click()
    await kept.waitFor({ state: 'detached' })
    expect(timeline().filter((says) => says.includes('cache was cold'))).toHaveLength(1)
  })

  test('of an owner: it is taken back with the reason, and shown as it is as soon as that is known', async () => {
    const console = await room()
    const { page } = console
    await lost(console, 'PATCH')
    await page.keyboard.press('a')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.type('lind')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('Whether it heard is not known').waitFor()
    await page.getByRole('definition').filter({ hasText: 'Sam Lindqvist' }).waitFor({ timeout: 20_000 })
    expect(timeline().filter((says) => says.includes('gave the incident'))).toHaveLength(1)
  })

  test('of a resolving: nothing is claimed, and the same press again resolves it once', async () => {
    const console = await room()
    const { page } = console
    await page.keyboard.press('r')
    await page.keyboard.type('Over')
    await lost(console, 'POST')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('dialog', { name: 'Resolve' }).getByRole('alert').getByText('did not answer').waitFor()
    await page.unroute('**/v1/incidents/**')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(timeline().filter((says) => says.includes('resolved the incident'))).toHaveLength(1)
  })
})

test('a note that is typed is there again, also after another page, and gone for who comes next', async () => {
  const { page } = await room()
  await page.keyboard.press('c')
  await page.keyboard.type('Half a th')
  await page.getByRole('link', { name: 'Recipes' }).first().click()
  await settled(page)
  await page.goBack()
  const field = page.getByRole('textbox', { name: 'Note' })
  await field.waitFor()
  expect(await field.inputValue()).toBe('Half a th')
  await page.reload()
  await field.waitFor()
  expect(await field.inputValue()).toBe('Half a th')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sam Lindqvist' }).waitFor()
  expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain('Half a th')
})

describe('several plans', () => {
  beforeEach(() => {
    for (const recipe of ['requeue-failed-jobs', 'pin-model'])
      makePlan(on.served.api, { recipe, params: {}, incident, reason: 'look', by: 'sam' })
  })

  test('are chosen by their numbers; what was armed is not, once another is chosen', async () => {
    const { page } = await room()
    const chosen = page.locator('button[aria-pressed="true"]', { hasText: 'time' })
    await chosen.getByText('Queue failed jobs again').waitFor()
    await page.keyboard.press('1')
    await chosen.getByText('Scale a service').waitFor()
    await page.getByRole('list', { name: 'Steps', exact: true }).getByText('from 2 to 5').first().waitFor()
    await pressable(page, 'Approve and run').waitFor()
    await page.keyboard.press('Control+Enter')
    await page.getByRole('button', { name: /^Confirm: Scale/ }).waitFor()
    await page.keyboard.press('3')
    await page.getByText('No repair is proposed.').waitFor()
    expect(await page.getByRole('button', { name: /^Confirm:/ }).count()).toBe(0)
    await page.keyboard.press('1')
    await page.getByRole('button', { name: /^Approve and run/ }).waitFor()
    await page.keyboard.press('Enter')
    expect([...on.served.api.world.runs.values()].filter((run) => run.incident === incident)).toEqual([])
  })

  test('one that becomes a run shows it, whatever is proposed meanwhile', async () => {
    const { page } = await room()
    await page.keyboard.press('1')
    await page.getByRole('list', { name: 'Steps', exact: true }).getByText('from 2 to 5').first().waitFor()
    await page.keyboard.press('Control+Enter')
    await page
      .getByRole('button', { name: /^Confirm: Scale/ })
      .and(page.locator('[aria-disabled="false"]'))
      .click()
    await page.getByRole('button', { name: /run: verified/ }).waitFor()
    expect(await page.getByRole('list', { name: 'Steps of the run' }).count()).toBe(1)
    // Whose button is gone goes on at what became of it.
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('plan')
  })
})

test('what the house suggests and nobody has planned is one press away from a plan', async () => {
  incident = on.served.api.arrive({ title: 'OCR of invoices is down', severity: 'SEV2', service: 'ocr', class: 'ocr-failures' }) // prettier-ignore
  const { page } = await on.open({ path: `/incidents/${incident}`, as: 'Hannah Okafor' })
  await page.getByText('not planned yet').first().waitFor()
  await page.keyboard.press('1')
  await page.getByRole('button', { name: 'Ask for the plan' }).click()
  await page.getByText('No repair is proposed.').waitFor()
  expect(record().plans).toHaveLength(1)
})

test('without a suggestion the room says so, and leads to what is closest', async () => {
  incident = on.served.api.arrive({ title: 'Churn is wrong', severity: 'SEV2', service: 'churn', class: 'model-error-rate' }) // prettier-ignore
  const { page } = await on.open({ path: `/incidents/${incident}`, as: 'Hannah Okafor' })
  await page.getByText('No recipe is suggested').waitFor()
  await page.getByRole('link', { name: 'Ask for another plan…' }).click()
  await page.getByText('A plan that you ask for from here is for').waitFor()
  await page.getByRole('link', { name: /Scale a service/ }).click()
  expect(await page.getByRole('combobox', { name: 'Incident' }).inputValue()).toBe(incident)
})

test('the story hides what it counts, everything shows what is behind, and the choice is remembered', async () => {
  for (let at = 0; at < 199; at++)
    on.served.api.log(incident, 'alert.fired', `incident:${incident}`, 'alertmanager', `Alert ${at} fired.`)
  const { page } = await room()
  const lines = page.getByRole('region', { name: 'Timeline entries' }).getByRole('listitem')
  await page.getByText('199 entries are left out of the story.').waitFor()
  expect(await lines.count()).toBe(record().timeline.length - 199)
  await page.keyboard.press('t')
  await expect.poll(() => lines.count()).toBe(record().timeline.length)
  await lines.first().locator('summary').click()
  await lines.first().getByText('alert.fired', { exact: true }).waitFor()
  await page.reload()
  await expect.poll(() => lines.count()).toBe(record().timeline.length)
})

test('two hundred alerts are a few, and all when asked', async () => {
  const [alert] = record().alerts
  for (let at = 0; at < 199; at++) record().alerts.push({ ...alert!, id: `alr_${at}`, fingerprint: String(at) })
  const { page } = await room()
  const alerts = page.getByRole('region', { name: 'Alerts (200)' })
  expect(await alerts.locator('b[data-state]').count()).toBe(4)
  await alerts.getByRole('button', { name: 'Show all 200' }).click()
  expect(await alerts.locator('b[data-state]').count()).toBe(200)
})

test('arm and confirm stay in view in a small window, and each pane fails alone', async () => {
  on.served.api.failing.add(`/v1/incidents/${incident}/timeline`)
  const { page } = await room()
  await page.setViewportSize({ width: 1280, height: 720 })
  const inView = async (name: RegExp) => {
    const { y, height } = (await page.getByRole('button', { name }).boundingBox())!
    return y >= 0 && y + height <= 720
  }
  expect(await inView(/^Approve and run/)).toBe(true)
  await page.mouse.wheel(0, 250)
  expect(await inView(/^Approve and run/)).toBe(true)
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: /^Confirm:/ }).waitFor()
  expect(await inView(/^Confirm:/)).toBe(true)
  await page.getByRole('alert').getByText('Could not load the timeline').waitFor({ timeout: 20_000 })
  on.served.api.failing.clear()

  on.served.api.failing.add(`/v1/incidents/${incident}/suggestions`)
  await page.reload()
  await page.getByRole('alert').getByText('Could not load what is suggested').waitFor({ timeout: 20_000 })
  await page.getByRole('region', { name: 'Timeline entries' }).waitFor()
})

test.each(schemes)('nothing is wrong with its dialogs, its notes and both timelines, %s', async (scheme) => {
  const { page, axe } = await room({ scheme })
  expect(await axe()).toEqual([])
  for (const [key, name] of [
    ['a', 'Who is to have it'],
    ['r', 'Resolve'],
  ] as const) {
    // prettier-ignore
    await page.keyboard.press(key)
    await page.getByRole('dialog', { name }).waitFor()
    expect(await axe()).toEqual([])
    await page.keyboard.press('Escape')
  }
  await page.getByRole('button', { name: 'Correct severity…' }).click()
  await page.getByRole('dialog', { name: 'How bad it is' }).waitFor()
  expect(await axe()).toEqual([])
  await page.keyboard.press('Escape')
  await page.keyboard.press('t')
  await page.locator('summary').first().click()
  await page.route('**/notes', (route) => route.abort())
  await page.keyboard.press('c')
  await page.keyboard.type('x')
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: 'Write it again' }).waitFor()
  expect(await axe()).toEqual([])
})

test.each([600, 1280, 1440, 1920])('no part of it is wider than the window at %i', async (width) => {
  on.served.api.arrive({
    ...highLatency,
    title: 'x'.repeat(200),
    labels: { alertname: 'y'.repeat(150), z: 'w'.repeat(300) },
  })
  incident = [...on.served.api.world.incidents.keys()].at(-1)!
  const { page } = await room({ width })
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
})

test.each([1280, 1440])('long values end their lines at what separates their parts, at %i', async (width) => {
  longValues(on.served.api)
  const { page } = await room({ width })
  const lines = await page
    .getByRole('list', { name: 'Steps', exact: true })
    .locator('th, td')
    .evaluateAll((cells) => {
      const found: { text: string; lines: number }[] = []
      for (const cell of cells) {
        const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const range = document.createRange()
          range.selectNodeContents(node)
          found.push({ text: node.textContent!, lines: range.getClientRects().length })
        }
      }
      return found
    })
  const [digests, words] = [lines.filter(({ text }) => text.length > 60), lines.filter(({ text }) => text.length <= 60)]
  expect(words.filter(({ lines }) => lines !== 1)).toEqual([])
  expect(words.map(({ text }) => text)).toContain('payments/')
  // A digest is longer than its column, and is broken for want of anything better.
  expect(digests.map(({ lines }) => lines > 1)).toEqual([true, true])
})
