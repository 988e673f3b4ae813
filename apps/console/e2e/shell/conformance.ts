import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { Surface } from '../../src/bridge/surface.js'

/** What a page is opened in: the Chromium of these tests, or Electron's own program. */
export interface Opened {
  page: Page
  /** Sends the page somewhere, as a link does. */
  go(id: string): Promise<void>
}

const told = <T>(page: Page, ask: (firebreak: Surface) => T | Promise<T>): Promise<T> =>
  page.evaluate<T>(`(${ask.toString()})(window.firebreak)`)

/** What the shell relies on in a context bridge and its preload: true in the harness, and to be true in Electron. */
export const conformance: [says: string, check: (opened: Opened) => Promise<void>][] = [
  [
    'SEC-20: the page finds one frozen object that it cannot put another in place of',
    async ({ page }) => {
      const found = await page.evaluate(() => {
        const { firebreak } = window as unknown as { firebreak: Surface }
        const { writable, configurable } = Object.getOwnPropertyDescriptor(window, 'firebreak')!
        try {
          Object.assign(firebreak, { info: () => 'mine' })
        } catch {
          // In a strict script.
        }
        return {
          frozen: Object.isFrozen(firebreak),
          writable,
          configurable,
          mine: String(firebreak.info).includes('mine'),
        }
      })
      assert.deepEqual(found, { frozen: true, writable: false, configurable: false, mine: false })
    },
  ],
  [
    'SEC-22: with exactly these names',
    async ({ page }) => {
      const names = await told(page, (firebreak) =>
        Object.entries(firebreak)
          .map(([name, value]) => `${name}: ${typeof value}`)
          .sort(),
      )
      assert.deepEqual(names, [
        'incidents: function',
        'info: function',
        'onGo: function',
        'signIn: function',
        'version: number',
      ])
    },
  ],
  [
    'SEC-03: nothing of Node or Electron is in the page',
    async ({ page }) => {
      const leaked = await page.evaluate(
        () =>
        ['require', 'process', 'module', 'exports', 'Buffer', 'global', 'ipcRenderer', 'electron', 'contextBridge', '__dirname', '__ipc', '__hear', '__settle'].filter((name) => name in window), // prettier-ignore
      )
      assert.deepEqual(leaked, [])
    },
  ],
  [
    'a question goes through the preload to the shell and back',
    async ({ page }) => {
      const info = await told(page, (firebreak) => firebreak.info())
      assert.equal(info.ok && typeof info.value.version, 'string')
    },
  ],
  [
    'SEC-21: what has not the shape comes back as a no, in data',
    async ({ page }) => {
      const answer = await told(page, (firebreak) => firebreak.incidents([{ id: '../x' }] as never))
      assert.deepEqual(!answer.ok && answer.error.code, 'malformed')
    },
  ],
  [
    'a function among the data is refused',
    async ({ page }) => {
      const refusal = await told(page, (firebreak) =>
        firebreak.incidents([{ id: 'a', severity: 'SEV1', title: () => 'x', acknowledged: false }] as never).then(
          () => 'taken',
          (error: Error) => error.message,
        ),
      )
      assert.match(refusal, /could not be cloned/)
    },
  ],
  [
    'SEC-23: a listener hears the place and nothing else, and after it stopped, nothing',
    async ({ page, go }) => {
      await page.evaluate(() => {
        const { firebreak } = window as unknown as { firebreak: Surface }
        const heard: unknown[][] = []
        const stop = firebreak.onGo((...args) => void heard.push(args))
        Object.assign(window, { heard, stop })
      })
      const heard = () => page.evaluate(() => JSON.stringify((window as unknown as { heard: unknown }).heard))
      await go('inc_heard')
      await page.waitForFunction(() => (window as unknown as { heard: unknown[] }).heard.length > 0)
      await page.evaluate(() => (window as unknown as { stop(): void }).stop())
      await go('inc_late')
      await told(page, (firebreak) => firebreak.info())
      assert.equal(await heard(), '[[{"kind":"incident","id":"inc_heard"}]]')
    },
  ],
  [
    'SEC-20: a frame within the page gets none of it',
    async ({ page }) => {
      const inside = await page.evaluate(() => {
        const frame = document.createElement('iframe')
        document.body.append(frame)
        const there = 'firebreak' in frame.contentWindow!
        frame.remove()
        return there
      })
      assert.equal(inside, false)
    },
  ],
  [
    'SEC-24: what the page does to its own prototypes does not reach the preload',
    async ({ page }) => {
      const answer = await page.evaluate(async () => {
        const stolen: string[] = []
        const kept = { push: Array.prototype.push, then: Promise.prototype.then, parse: JSON.parse, stringify: JSON.stringify } // prettier-ignore
        Array.prototype.push = function (...args: unknown[]) {
          stolen.concat(String(args))
          return kept.push.apply(this, args)
        }
        JSON.parse = () => ({ ok: true, value: 'forged' })
        JSON.stringify = () => '"forged"'
        Promise.prototype.then = function (this: Promise<unknown>, ...args: Parameters<typeof kept.then>) {
          return kept.then.apply(this, args)
        } as typeof kept.then
        Object.defineProperty(Object.prototype, 'channel', { value: 'evil', configurable: true })
        try {
          return await (window as unknown as { firebreak: Surface }).firebreak.info()
        } finally {
          Array.prototype.push = kept.push
          Promise.prototype.then = kept.then
          JSON.parse = kept.parse
          JSON.stringify = kept.stringify
          delete (Object.prototype as { channel?: unknown }).channel
        }
      })
      assert.equal(answer.ok && typeof answer.value.api, 'string')
    },
  ],
]
