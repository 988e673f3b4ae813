import { describe, expect, test } from 'vitest'
import type { RunRecord } from '../mock-api/world.js'
import { confirm, pressable, type OpenOptions } from './console.js'
import { onTheMock, schemes } from './fixtures.js'

const on = onTheMock({ patient: true })
const open = (path: string, options: OpenOptions = {}) => on.open({ path, as: 'Hannah Okafor', ...options })
const runs = () => [...on.served.api.world.runs.values()]
const runOf = (recipe: string) => runs().find((run) => run.recipe.id === recipe)!

describe('runs', () => {
  test.each(schemes)('are listed from the tail, a page at a time, and filtered by the URL, %s', async (scheme) => {
    const { page, axe } = await open('/runs', { scheme })
    await page.getByRole('row', { name: /needs a person/ }).waitFor()
    expect(await page.getByRole('row').count()).toBe(51)
    expect(await axe()).toEqual([])
    const first = await page.getByRole('row').nth(1).innerText()
    await page.getByRole('button', { name: 'Show older' }).click()
    await page.getByText('There are no older ones.').waitFor()
    expect(await page.getByRole('row').count()).toBe(runs().length + 1)
    // What is older comes behind: nothing above it has moved, and nothing waits.
    expect(await page.getByRole('row').nth(1).innerText()).toBe(first)
    expect(await page.getByRole('button', { name: /new/ }).count()).toBe(0)

    await page.getByLabel('State').selectOption('needs-a-person')
    await expect.poll(() => page.getByRole('row').count()).toBe(2)
    expect(new URL(page.url()).search).toBe('?state=needs-a-person')
    await page.getByLabel('State').selectOption('frozen')
    await page.getByText('No run is “frozen”. The filter hides the others.').waitFor()
    await page.getByRole('link', { name: 'Show all' }).first().click()
    await page.getByRole('row', { name: /needs a person/ }).waitFor()
  })

  test('one that starts meanwhile waits above the list, and moves no row', async () => {
    const { page } = await open('/runs')
    await page.getByRole('row', { name: /needs a person/ }).waitFor()
    const box = await page.getByRole('row').nth(1).boundingBox()
    const [id, older] = [...on.served.api.world.runs][0]!
    const run: RunRecord = {
      ...older,
      id: `${id}9`,
      state: 'running',
      started_at: new Date().toISOString(),
      ended_at: null,
    }
    on.served.api.world.runs.set(run.id, run)
    on.served.api.log(null, 'run.started', `run:${run.id}`, 'worker', 'started')
    await page.getByRole('button', { name: /1 new/ }).waitFor()
    expect(await page.getByRole('row').nth(1).boundingBox()).toEqual(box)
    await page.keyboard.press('n')
    await page.getByRole('row', { name: /running/ }).waitFor()
  })

  test('none at all is another sentence than none behind a filter', async () => {
    on.served.api.world.runs.clear()
    const { page } = await open('/runs')
    await page.getByText('No run yet.').waitFor()
  })

  test('the list fails alone, in the API’s words, and can be asked again', async () => {
    on.served.api.failing.add('/v1/runs')
    const { page } = await open('/runs')
    await page.getByText('Could not load the runs').waitFor({ timeout: 20_000 })
    on.served.api.failing.clear()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('row', { name: /needs a person/ }).waitFor()
  })

  test.each(schemes)('many jobs are one step, and those that failed are named, %s', async (scheme) => {
    const { page, axe } = await open(`/runs/${runOf('requeue-failed-jobs').id}`, { scheme })
    await page.getByText('9 done, 2 failed, 1 left as it is of 12').waitFor()
    await page.getByText('job 41 failed again: NoSuchKey: incomming/2026/41.png').waitFor()
    expect(await axe()).toEqual([])
    // What has ended asks for nothing.
    expect(await page.getByRole('button', { name: /^Stop/ }).count()).toBe(0)
  })
})

describe('a run that nobody knows the end of', () => {
  const stuck = () => runs().find(({ state }) => state === 'needs-a-person')!

  test.each(schemes)('is answered by who looked: armed and confirmed, %s', async (scheme) => {
    const one = await open(`/runs/${stuck().id}`, { scheme })
    const { page, axe } = one
    const answer = page.getByRole('button', { name: 'Answer' })
    await answer.waitFor()
    expect(await answer.getAttribute('aria-disabled')).toBe('true')
    await page.getByText('Say first what you found.').waitFor()
    expect(await axe()).toEqual([])
    await page.getByLabel('It is in place: go on').check()
    await page.getByLabel('How you know').fill('its pods are new')
    await answer.click()
    await page.getByRole('button', { name: /^Confirm: It is in place: go on: Restart deployment prod\/ocr-primary, in SANDBOX/ }).waitFor() // prettier-ignore
    expect(await axe()).toEqual([])
    await confirm(one.page)
    await page.getByRole('heading', { level: 1 }).getByText('verified').waitFor()
    expect(runOf('restart-ocr').steps[1]!.state).toBe('done')
  })

  test('another answer than the armed one disarms', async () => {
    const { page } = await open(`/runs/${stuck().id}`)
    await page.getByLabel('It is in place: go on').check()
    await page.getByLabel('How you know').fill('looked')
    await page.getByRole('button', { name: 'Answer' }).click()
    await page.getByRole('button', { name: /^Confirm:/ }).waitFor()
    await page.getByLabel('It is not in place').check()
    await page.getByRole('button', { name: 'Answer' }).waitFor()
    expect(stuck().state).toBe('needs-a-person')
  })

  test('is not answered by an auditor, who reads why not and who may', async () => {
    const { page, axe } = await open(`/runs/${stuck().id}`, { as: 'Audrey Whitfield' })
    await page.getByText(/run.resolve is for sre, ml, security; you are auditor.*Who may: sre, ml, security/).waitFor()
    expect(await page.getByRole('radio').count()).toBe(0)
    expect(await axe()).toEqual([])
  })
})

describe('a run that is over', () => {
  test.each(schemes)('is taken back by a plan of its own, which both of them tell of, %s', async (scheme) => {
    const { id } = runOf('quarantine-input')
    const { page, axe } = await open(`/runs/${id}`, { scheme })
    const back = page.getByRole('region', { name: 'The way back' })
    await back.getByRole('button', { name: 'Take it back…' }).click()
    await page.getByLabel('Why it is taken back').fill('it can be read after all')
    expect(await axe()).toEqual([])
    await page.keyboard.press('Control+Enter')
    await page.getByRole('heading', { level: 1, name: 'Take back: Set corrupted inputs aside' }).waitFor()
    await page.getByText('Move incoming/2026/scan-0047.png back').first().waitFor()
    expect(await axe()).toEqual([])
    await page.getByRole('link', { name: 'The run that it takes back' }).click()
    await back.getByRole('link', { name: 'this plan' }).waitFor()
    // It is asked for once.
    expect(await back.getByRole('button').count()).toBe(0)
  })

  test('one that left nothing behind, or only lent, offers no way back', async () => {
    const { page } = await open(`/runs/${runOf('pin-model').id}`)
    await page.getByRole('list', { name: 'Steps of the run' }).waitFor()
    expect(await page.getByRole('region', { name: 'The way back' }).count()).toBe(0)
  })
})

describe('a run that goes on', () => {
  /** One in the middle of its second step. */
  const going = () => {
    const run = runOf('restart-ocr')
    Object.assign(run, { state: 'running', because: null })
    Object.assign(run.steps[1]!, { state: 'intended', because: null })
    return run
  }

  test('is stopped at its next boundary, without undo', async () => {
    const run = going()
    const one = await open(`/runs/${run.id}`)
    const { page } = one
    await page.getByLabel('Stop it: why').fill('the wrong engine')
    await page.getByRole('button', { name: 'Stop, and leave what is done' }).click()
    await confirm(one.page)
    await page.getByRole('heading', { level: 1 }).getByText('stopped').waitFor()
    expect(run.steps.map(({ state }) => state)).toEqual(['done', 'done'])
  })

  test('is stopped and takes back what it did, which the armed button says step by step', async () => {
    const run = going()
    const one = await open(`/runs/${run.id}`)
    const { page } = one
    await page.getByLabel('Stop it: why').fill('the wrong engine')
    await page.getByRole('button', { name: 'Stop, and take back what is done' }).click()
    await page.getByRole('button', { name: /has no undo; then Put the OCR engine back into the rotation/ }).waitFor()
    await confirm(one.page)
    await page.getByRole('heading', { level: 1 }).getByText('undone').waitFor()
    expect(run.steps.map(({ state }) => state)).toEqual(['undone', 'undone'])
  })
})

describe('loans', () => {
  test.each(schemes)('what runs degraded now is listed, the first to come back first, %s', async (scheme) => {
    const { page, axe } = await open('/loans', { scheme })
    await page.getByText('2 targets run otherwise than usual, for now. 1 should have come back already').waitFor()
    expect(await page.getByRole('row').nth(1).innerText()).toContain('Overdue')
    expect(await axe()).toEqual([])
    await page.getByRole('link', { name: 'given back' }).click()
    await page.getByRole('row', { name: /Given back/ }).waitFor()
    expect(await axe()).toEqual([])
  })

  test.each(schemes)(
    'one is given back: armed, confirmed, and seen to come back, by keys alone, %s',
    async (scheme) => {
      const one = await open('/loans', { scheme })
      const { page, axe } = one
      await page.getByRole('row', { name: /ocr:documents/ }).waitFor()
      await page.keyboard.press('j')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Give back now' }).waitFor()
      await page.getByLabel('Why now, or why for longer').focus()
      await page.keyboard.type('the primary engine reads again')
      expect(await axe()).toEqual([])
      await page.getByRole('button', { name: 'Give back now' }).focus()
      await page.keyboard.press('Enter')
      await pressable(page, /^Confirm: Send documents to the primary engine again, in SANDBOX, now/).waitFor()
      await page.keyboard.press('Enter')
      await page.getByRole('row', { name: /has left this list/ }).waitFor()
      expect([...on.served.api.world.loans.values()].filter(({ state }) => state === 'out')).toEqual([])
    },
  )

  test('one is renewed for as many minutes as were said, which its plan bounds', async () => {
    const one = await open('/loans')
    const { page } = one
    await page.getByRole('link', { name: /ocr:documents/ }).click()
    await page.getByLabel('Why now, or why for longer').fill('until the morning')
    await page.getByLabel('Minutes, when renewed').fill('90')
    await page.getByRole('button', { name: 'Renew for 90 min' }).click()
    await confirm(one.page)
    await page.getByText('hannah renewed it.').waitFor()
  })

  test('an auditor sees them, and why nothing can be asked', async () => {
    const { page } = await open('/loans', { as: 'Audrey Whitfield' })
    await page.getByRole('link', { name: /ocr:documents/ }).click()
    await page.getByText(/loan.return is for sre, ml, security; you are auditor/).waitFor()
    expect(await page.getByLabel('Why now, or why for longer').count()).toBe(0)
  })
})
