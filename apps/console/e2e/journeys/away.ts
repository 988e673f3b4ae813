import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { TIME } from '../console.js'
import type { Journey } from './person.js'

interface Listed {
  id: string
}
/** What the API has now, as somebody who is signed in is told. */
const told = async <T>(page: Page, path: string): Promise<T> => (await (await page.request.get(path)).json()) as T

const rowsOf = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('main tbody a[href^="/incidents/"]')].map((link) =>
      link.getAttribute('href')!.split('/').at(-1)!,
    ),
  )
const activeOf = async (page: Page) => (await told<{ items: Listed[] }>(page, '/v1/incidents?state=active&limit=200')).items.map(({ id }) => id) // prettier-ignore

const oneLine = (text: string) => text.replace(/\s+/g, ' ')
const linesOf = async (page: Page): Promise<string[]> =>
  (await page.getByRole('region', { name: 'Timeline entries' }).getByRole('listitem').allInnerTexts()).map((line) =>
    // Its place in the log comes a moment after it.
    oneLine(line).replace(/ ?(#\d+|not yet)$/, ''),
  )

export function away(on: Journey): void {
  test('7 and 9: the API is away for a minute, what is known and the runbook are read, and all of it comes back', async () => {
    const wrong = await on.place.wrong()
    const [hannah, sam] = [await on.come('Hannah Okafor'), await on.come('Sam Lindqvist')]
    await sam.reachRow(wrong)
    await hannah.reachRow(wrong)
    await hannah.press('Enter')
    await hannah.page.getByRole('button', { name: 'Everything', exact: true }).waitFor()
    await hannah.press('t')
    await hannah.page.getByRole('button', { name: 'Everything', exact: true, pressed: true }).waitFor()
    const room = new URL(hannah.page.url()).pathname
    // The device keeps it, a few seconds after they came.
    await hannah.page.getByText('● live', { exact: true }).waitFor()
    await expect.poll(() => keptOf(hannah.page), { timeout: 60_000 }).toContain(`room/${room.split('/').at(-1)}`)
    const { items: pages } = await told<{ items: unknown[] }>(sam.page, '/v1/runbook')
    const kept = async () => (await keptOf(sam.page)).filter((name) => name.startsWith('runbook')).length
    await expect.poll(kept, { timeout: 60_000 }).toBe(pages.length + 1)
    await hannah.arm('Control+Enter')
    await hannah.press('Enter')
    await hannah.page.getByRole('list', { name: 'Steps of the run' }).waitFor()
    const before = await linesOf(hannah.page)

    const sent = () => [...hannah.sent(), ...sam.sent()]
    const already = sent()
    await on.place.apiGoes()
    const gone = performance.now()
    const other = await on.place.wrongToo()
    for (const { page } of [hannah, sam]) {
      await page.getByText(new RegExp(`The API has not answered since ${TIME}`)).waitFor({ timeout: 30_000 })
      await page.getByText(/^As of .*not asked again since/).first().waitFor() // prettier-ignore
    }
    // What was known can be read, and nothing can be done about it.
    expect((await linesOf(hannah.page)).slice(0, before.length)).toEqual(before)
    expect((await rowsOf(sam.page)).length).toBeGreaterThan(0)
    await sam.press('Enter')
    await sam.page.getByRole('region', { name: 'Timeline entries' }).getByRole('listitem').first().waitFor()
    for (const { page, press } of [hannah, sam]) {
      await press('Control+Enter', 'e', 'A')
      expect(await page.getByRole('button', { name: /^Confirm:/ }).count()).toBe(0)
    }
    // 9: the runbook, with its age, and whom to call.
    await sam.press('g', 'b')
    await sam.reachRow(/^Batch failures/)
    await sam.press('Enter')
    await sam.page.getByText(/^▲ The API does not answer\. This is as the device kept it/).waitFor()
    await sam.page.getByRole('heading', { level: 2, name: 'Mitigation' }).waitFor()
    expect(await sam.axe()).toEqual([])
    await sam.press('g', 'i')
    await sam.page.getByRole('heading', { level: 1, name: 'Incidents' }).waitFor()

    await sleep(Math.max(0, on.place.minute - (performance.now() - gone)))
    await on.place.apiComes()
    for (const { page } of [hannah, sam]) await page.getByText('● live', { exact: true }).waitFor({ timeout: 30_000 })

    // Nothing was tried, and nothing had waited.
    expect(sent()).toEqual(already)
    // Nothing is lost and nothing is there twice, of before, of meanwhile, and of after.
    await sam.reachRow(other)
    const rows = async () => {
      if (await sam.page.getByRole('button', { name: /\bnew\b/ }).isVisible()) await sam.press('n')
      return (await rowsOf(sam.page)).sort()
    }
    await expect.poll(rows, { timeout: 30_000 }).toEqual((await activeOf(sam.page)).sort())
    await hannah.page.getByText(/The run (succeeded|failed)|verified/).first().waitFor() // prettier-ignore
    const says = async () => (await told<{ items: { says: string }[] }>(hannah.page, `/v1${room}/timeline?limit=200`)).items.map(({ says }) => oneLine(says)) // prettier-ignore
    const differs = async () => {
      const [lines, log] = [await linesOf(hannah.page), await says()]
      return [...log.filter((text, at) => !lines[at]?.includes(text)), ...lines.slice(log.length)]
    }
    await expect.poll(differs, { timeout: 30_000 }).toEqual([])
    expect((await linesOf(hannah.page)).length).toBeGreaterThan(before.length)
  }, 300_000)
}

/** The names of what lies on the device. */
const keptOf = (page: Page): Promise<string[]> =>
  page.evaluate(
    () =>
      new Promise<string[]>((resolve, reject) => {
        const asked = indexedDB.open('firebreak')
        asked.onerror = () => reject(new Error('no database'))
        asked.onsuccess = () => {
          const keys = asked.result.transaction('shelf').objectStore('shelf').getAllKeys()
          keys.onsuccess = () => resolve(keys.result.map(String))
        }
      }),
  )
