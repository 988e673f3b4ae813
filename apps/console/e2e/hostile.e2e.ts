import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { nav } from '../src/renderer/nav.js'
import { outside } from '../src/renderer/paths.js'
import { settled } from './console.js'
import { onTheMock } from './fixtures.js'
import { hostileAddresses, hostileTexts, poison } from './hostile.js'

const on = onTheMock({ patient: true })

/** From here on the API answers with `text` wherever others write. Answers how many fields were written, so far. */
async function poisoned(page: Page, text: string): Promise<() => number> {
  let written = 0
  await page.route('**/v1/**', async (route) => {
    const path = new URL(route.request().url()).pathname
    // Who one is and what one hears stays: without them there is no page to look at.
    if (route.request().method() !== 'GET' || path === '/v1/stream' || path === '/v1/me') return route.fallback()
    const response = await route.fetch()
    if (!response.headers()['content-type']?.includes('json') || !response.ok()) return route.fulfill({ response })
    const { answer, fields } = poison(await response.json(), text)
    written += fields
    return route.fulfill({ response, json: answer })
  })
  return () => written
}

describe('SEC-60: what others write', () => {
  test('there are more than a hundred ways to try it, and as many addresses', () => {
    expect(new Set(hostileTexts).size).toBeGreaterThan(100)
    expect(new Set(hostileAddresses).size).toBeGreaterThan(100)
  })

  test('none of them runs or leaves, in any field of any page', async () => {
    const { page } = await on.open({ as: 'Hannah Okafor' })
    const left: string[] = []
    page.on('request', (request) => {
      if (!request.url().startsWith(on.served.url)) left.push(request.url())
    })
    page.on('dialog', (dialog) => {
      left.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    const all = hostileTexts.join('\n')
    const written = await poisoned(page, all)
    const seen: Record<string, number> = {}
    const look = async (name: string) => {
      await settled(page)
      const main = page.locator('body')
      // One long text: what is shown of it is shown as it is.
      seen[name] = (await main.innerText()).split('<img src=x onerror=').length - 1
      expect(await main.locator('iframe, object, embed, base, form[action], svg script, [onerror], [onload], [onfocus]').count()).toBe(0) // prettier-ignore
      expect(await page.evaluate(() => 'broken' in globalThis)).toBe(false)
    }
    for (const { to, name } of nav) {
      await page.goto(to)
      await look(name)
      const first = page.locator('main tbody tr a').first()
      if ((await first.count()) === 0) continue
      await first.click()
      await look(`${name}, the first`)
    }
    expect(written()).toBeGreaterThan(300)
    // It did reach the screens: else nothing was tried.
    expect(Object.values(seen).filter((times) => times > 0).length).toBeGreaterThan(8)
    expect(left).toEqual([])
  })

  test('no address but one of the web is a place to go to', () => {
    for (const address of hostileAddresses) {
      const found = outside(address)
      expect(found === undefined || /^https?:$/.test(new URL(found.href).protocol), address).toBe(true)
    }
    expect(outside('https://user:secret@elsewhere.invalid/')).toBeUndefined()
  })
})
