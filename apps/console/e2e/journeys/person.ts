import type { Browser, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { openConsole, type ConsolePage } from '../console.js'
import type { Place } from './places.js'

/** Somebody at a keyboard, with one page of the console, and nothing to point with. */
export interface Person {
  page: Page
  /** Presses of this person so far. A field that is written into is one: nobody counts letters. */
  presses(): number
  /** Presses one key, or one with its modifiers, as Playwright names them. */
  press(...keys: string[]): Promise<void>
  /** Writes where the focus is. It must be in a field: else these letters would be commands. */
  write(text: string): Promise<void>
  /** Goes on by one key until the focus is there. */
  reach(target: Locator, by?: string): Promise<void>
  /** Goes to the row of this name, of a list that may still hold it back: what arrives waits behind `n`. */
  reachRow(name: RegExp): Promise<void>
  /** Arms by this key, and answers what the armed button says. A second press is a second press from then on. */
  arm(key: string): Promise<string>
  axe: ConsolePage['axe']
  /** What the page has sent so far beside questions: `POST /v1/plans`, in its order. */
  sent(): string[]
  /** Ends it. Nothing may have gone wrong in the page, and nobody may have pointed. */
  leave(): Promise<void>
}

/** What a journey has: where it plays, and people who come. They leave when it ends, and then nothing may have gone wrong. */
export interface Journey {
  readonly place: Place
  come(as: string, path?: string): Promise<Person>
}

/** So often a key is pressed to get somewhere, at most. */
const FAR = 120

/** @param patience milliseconds until something that should be there is missed */
export async function personAt(
  browser: Browser,
  { url, patience }: Pick<Place, 'url' | 'patience'>,
  as: string,
  path: string,
): Promise<Person> {
  const console = await openConsole(browser, url, { path, width: 1440 })
  const { page } = console
  page.setDefaultTimeout(patience)
  const sent: string[] = []
  page.on('request', (request) => {
    if (request.method() !== 'GET') sent.push(`${request.method()} ${new URL(request.url()).pathname}`)
  })
  let written = 0
  let letters = 0
  const has = (target: Locator) =>
    target.evaluateAll((all) => all.some((one) => one === document.activeElement)).catch(() => false)
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  const reach = async (target: Locator, by = 'Tab') => {
    await target.first().waitFor()
    for (let far = 0; !(await has(target)); far++) {
      expect(far, `${String(target)} is not reached by ${by}`).toBeLessThan(FAR)
      await press(by)
    }
  }

  await reach(page.getByRole('button', { name: as }))
  await press('Enter')
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
  return {
    ...{ page, press, reach, axe: console.axe, sent: () => [...sent] },
    // A field takes one, whatever is written into it.
    presses: () => console.presses() - letters + written,
    write: async (text) => {
      expect(await page.evaluate(() => /^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName ?? ''))).toBe(true)
      await page.keyboard.type(text)
      letters += text.length
      written++
    },
    reachRow: async (name) => {
      const link = page.getByRole('row', { name }).filter({ hasNotText: 'has left this list' }).getByRole('link')
      const more = page.getByRole('button', { name: /\bnew\b/ })
      await link.or(more).first().waitFor()
      // Others may have come before it: what is new is shown until it is there.
      while (!(await link.first().isVisible())) {
        await more.waitFor()
        await press('n')
        await page.waitForTimeout(100)
      }
      for (let far = 0; !(await has(link.first())); far++) {
        expect(far, `no row ${String(name)} is reached`).toBeLessThan(FAR)
        await press('j')
      }
    },
    arm: async (key) => {
      const armed = page.getByRole('button', { name: /^Confirm:/ })
      await page.locator(`main [aria-keyshortcuts="${key}"][aria-disabled="false"]`).first().waitFor()
      await press(key)
      await armed.and(page.locator('[aria-disabled="false"]')).waitFor()
      return armed.innerText()
    },
    leave: async () => {
      const { troubles } = console
      const clicks = console.clicks()
      await console.close()
      expect({ troubles, clicks }).toEqual({ troubles: [], clicks: 0 })
    },
  }
}
