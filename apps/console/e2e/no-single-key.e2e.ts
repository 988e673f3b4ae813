import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { MockApi } from '../mock-api/mock.js'
import { paths } from '../src/renderer/paths.js'
import { settled } from './console.js'
import { onTheMock } from './fixtures.js'

const on = onTheMock({ patient: true })

/** What a single key may do: it says who has an incident, or asks for a plan, which only reads. */
const HARMLESS = /^POST \/v1\/(incidents\/[\w-]+\/acknowledge|plans|sign-in\/seeded)$/

/** What runs, is lent, or was said yes to. */
const production = ({ world: { plans, runs, loans } }: MockApi) => ({
  plans: [...plans.values()].map(({ id, state, approvals }) => [id, state, approvals.length]),
  runs: [...runs.values()].map(({ id, state, steps }) => [id, state, steps.map((step) => step.state)]),
  loans: [...loans.values()].map(({ id, state, until }) => [id, state, until]),
})

/** Every page there is, each as it looks when there is much to be done on it. */
function pagesOf({ world }: MockApi): Record<keyof typeof paths, string> {
  const idOf = <T extends { id: string }>(all: Iterable<T>, is: (one: T) => boolean) => [...all].find(is)!.id
  return {
    ...paths,
    incident: `/incidents/${idOf(world.incidents.values(), (one) => one.plans.length > 0 && one.class === 'high-api-latency')}`,
    run: `/runs/${idOf(world.runs.values(), ({ state }) => state === 'needs-a-person')}`,
    loans: `/loans?loan=${idOf(world.loans.values(), ({ state }) => state === 'out')}`,
    plan: `/plans/${idOf(world.plans.values(), ({ state, requested_by }) => state === 'proposed' && requested_by.id !== 'hannah')}`,
    recipe: '/recipes/requeue-failed-jobs?queue=batch&reason=they+spelt+it+wrong',
    queue: '/queues/batch',
    runbookPage: '/runbook/batch-failures',
  }
}

/** Every key that this page has, as the registry writes it. Those that follow one another go by themselves. */
async function keysOf(page: Page): Promise<string[]> {
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Keys' })
  await sheet.waitFor()
  const keys = await sheet.locator('dt .unseen').allInnerTexts()
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'detached' })
  return [...new Set(keys)].filter((key) => !key.includes(' ') && key !== 'Escape')
}

test('on no page does any one key change production', async () => {
  const before = production(on.served.api)
  const { page } = await on.open({ as: 'Hannah Okafor', path: '/incidents' })
  let pressed = 0
  for (const path of Object.values(pagesOf(on.served.api))) {
    await page.goto(path)
    await settled(page)
    const keys = await keysOf(page)
    for (const key of keys) {
      const at = page.url()
      await page.keyboard.press(key.replace('Mod+', 'Control+'))
      await page.waitForTimeout(20)
      // Out of a field, a dialog, or what is armed.
      await page.keyboard.press('Escape')
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
      if (page.url() !== at) {
        await page.goto(path)
        await settled(page)
      }
      pressed++
    }
  }
  expect(pressed).toBeGreaterThan(80)
  // They did arrive: one of them says who has an incident.
  expect(on.served.told.some((one) => one.endsWith('/acknowledge'))).toBe(true)
  expect(on.served.told.filter((one) => !HARMLESS.test(one))).toEqual([])
  const after = production(on.served.api)
  // Plans may have been asked for: none of those that were there has come any further.
  expect({ ...after, plans: after.plans.slice(0, before.plans.length) }).toEqual(before)
}, 240_000)
