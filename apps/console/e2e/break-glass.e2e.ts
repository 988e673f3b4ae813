import type { Locator } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { BreakGlass, Plan } from '../src/renderer/api/view.js'
import { pressable } from './console.js'
import { launched } from './fixtures.js'
import { personAt, type Person } from './journeys/person.js'
import { onTheMock, onTheWhole, type Place } from './journeys/places.js'

const launch = launched()
const SCALE = /Scale deployment prod\/api/
const WHY = 'Nothing else frees the queue behind it, and the freeze ends at six.'

/* One asks, another grants, the plan runs under the freeze, a third reviews: by the keyboard alone, on both APIs. */
describe.each([
  ['on the mock', onTheMock],
  ['on the real API, with its worker and sandbox', onTheWhole],
])('%s', (_, begin) => {
  let place: Place
  const here: Person[] = []
  beforeAll(async () => void (place = await begin(launch.built)), 180_000)
  afterAll(() => place?.close(), 60_000)
  afterEach(async () => {
    for (const person of here.splice(0)) await person.leave()
  })
  const come = async (as: string, path: string) => {
    const person = await personAt(launch.browser, place, as, path)
    here.push(person)
    return person
  }
  const note = ({ page }: Person) => page.getByRole('region', { name: 'Break-glass' })
  const enter = async (person: Person, target: Locator) => {
    await person.reach(target)
    await person.press('Enter')
  }

  test('the glass is broken: asked for by one, granted by another, used by the run, reviewed by a third', async () => {
    await place.quiet()
    const freeze = await place.freeze('data leaves at night')
    await place.slow()
    const hannah = await come('Hannah Okafor', '/approvals')
    await hannah.reachRow(SCALE)
    await hannah.page.getByText(/Frozen by .*data leaves at night/).waitFor()
    await hannah.page.getByText('Frozen: the freeze is named below').waitFor()
    const id = new URL(hannah.page.url()).searchParams.get('plan')!.replaceAll('"', '')
    const read = async <T>(path: string) => (await hannah.page.request.get(path)).json() as Promise<T>
    // Who may not ask sees that it could be, and whose it is; the key opens nothing.
    await hannah.page.getByText('Only Security can ask for that.').waitFor()
    await hannah.press('B')
    expect(await hannah.page.getByRole('dialog').count()).toBe(0)

    const theo = await come('Theo Brandt', `/plans/${id}`)
    await pressable(theo.page, 'Break the glass…').waitFor()
    await theo.press('B')
    const dialog = theo.page.getByRole('dialog', { name: 'Break the glass' })
    await dialog.getByText('Inês Carvalho or Viktor Marek').or(dialog.getByText('Viktor Marek or Inês Carvalho')).waitFor() // prettier-ignore
    const { digest } = await read<Plan>(`/v1/plans/${id}`)
    const says = await dialog.innerText()
    for (const part of [SCALE, digest!.slice(0, 13), freeze, 'data leaves at night', 'everybody', 'within 24 hours'])
      expect(says).toMatch(part)
    expect(await theo.axe()).toEqual([])
    await theo.reach(dialog.getByLabel('For how many minutes'))
    await theo.press('Control+a')
    await theo.write('61')
    await dialog.getByText('For 1 to 60 minutes, in whole minutes.').waitFor()
    await theo.press('Control+a')
    await theo.write('20')
    await theo.reach(dialog.getByLabel('Why nothing else will do'))
    // Without a reason nothing is sent.
    await theo.press('Control+Enter')
    expect(theo.sent().filter((one) => one.includes('break-glass'))).toEqual([])
    await theo.write(WHY)
    await theo.press('Control+Enter')
    await note(theo).getByText('Break-glass: asked for').waitFor()
    expect(theo.sent().filter((one) => one.includes('break-glass'))).toEqual(['POST /v1/break-glass'])
    await dialog.waitFor({ state: 'detached' })
    // Whoever asked is where it stands.
    await note(theo).and(theo.page.locator(':focus')).waitFor()
    expect(await theo.page.getByRole('button', { name: 'Break the glass…' }).count()).toBe(0)

    const ines = await come('Inês Carvalho', '/approvals')
    await enter(ines, ines.page.getByRole('link', { name: `Theo Brandt wants to pass the freeze ${freeze}` }))
    await note(ines).getByText(WHY).waitFor()
    await enter(ines, pressable(ines.page, 'Grant it'))
    await pressable(ines.page, /^Confirm: Let this plan pass the freeze .*, once, within 20 min: Scale deployment/).waitFor() // prettier-ignore
    await ines.press('Enter')
    await note(ines).getByText('Inês Carvalho granted it').waitFor()

    // The freeze holds this plan no more. Everybody who looks at it sees until when; and who approves it may, now.
    await note(theo)
      .getByText(/It holds for another .*, until/)
      .waitFor()
    await theo.page.getByText(/Frozen by/).waitFor({ state: 'detached' })
    expect(await theo.axe()).toEqual([])
    expect(await hannah.arm('A')).toMatch(/^Confirm: Scale deployment/)
    await hannah.press('Enter')
    await hannah.page.getByText(/It is carried out, as/).waitFor()
    const { run } = await read<Plan>(`/v1/plans/${id}`)
    const { items } = await read<{ items: BreakGlass[] }>(`/v1/break-glass?plan=${id}`)
    expect(items).toMatchObject([{ state: 'used', freeze, minutes: 20, reason: WHY, use: { run } }])
    await note(theo).getByText('Break-glass: used, its review is due').waitFor()

    const viktor = await come('Viktor Marek', '/approvals')
    await enter(viktor, viktor.page.getByRole('link', { name: `Theo Brandt passed the freeze ${freeze}: review it` }))
    await enter(viktor, note(viktor).getByRole('button', { name: 'It was justified…' }))
    await viktor.write('It did free the queue.')
    await viktor.press('Control+Enter')
    await note(viktor).getByText('Viktor Marek found it justified').waitFor()
  }, 240_000)
})
