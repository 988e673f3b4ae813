import axe from 'axe-core'
import type { Browser, Locator, Page } from 'playwright-core'

/** A page of the console in a real browser, and what went wrong in it. */
export interface ConsolePage {
  page: Page
  /** What broke the page's policy, was thrown, or was written as an error. Empty, or a test has failed. */
  troubles: string[]
  /** Presses so far: each click and each key, a key with its modifiers counting once. */
  presses(): number
  /** How often a pointer was pressed. */
  clicks(): number
  /** What axe-core finds against WCAG 2.2 A and AA, one line each. */
  axe(): Promise<string[]>
  close(): Promise<void>
}

export interface OpenOptions {
  /** Where to begin. */
  path?: string
  /** Who signs in, by the name on the button: `Hannah Okafor`. Nobody, when left out. */
  as?: string
  scheme?: 'light' | 'dark'
  width?: number
}

/**
 * Opens the console that is served at `baseUrl`, by whatever API: the mock one of these tests, or the real one in the
 * sandbox.
 */
export async function openConsole(browser: Browser, baseUrl: string, options: OpenOptions = {}): Promise<ConsolePage> {
  const { path = '/', as, scheme = 'dark', width = 1280 } = options
  const context = await browser.newContext({
    baseURL: baseUrl,
    colorScheme: scheme,
    locale: 'en-GB',
    timezoneId: 'Europe/Kyiv',
    viewport: { width, height: 800 },
  })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const troubles: string[] = []
  let presses = 0
  let clicks = 0
  await page.exposeFunction('told', (kind: 'press' | 'trouble', what: string) => {
    if (kind === 'trouble') troubles.push(what)
    else presses++
    if (what === 'pointerdown') clicks++
  })
  await page.addInitScript(watch)
  page.on('pageerror', (error) => troubles.push(`thrown: ${error.message}`))
  page.on('console', (message) => {
    // The browser writes a line for every answer that is a no; the page shows those itself.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      troubles.push(message.text())
  })

  await page.goto(path)
  if (as !== undefined) {
    await page.getByRole('button', { name: as }).click()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    presses = clicks = 0
  }
  return {
    page,
    troubles,
    presses: () => presses,
    clicks: () => clicks,
    axe: () => check(page),
    close: () => context.close(),
  }
}

/** The button of this name, when a press would do something. */
export const pressable = (page: Page, name: string | RegExp): Locator =>
  page.getByRole('button', { name }).and(page.locator('[aria-disabled="false"]'))

/** A time as a page says it: with its day before it where that is not today, and so shortly after midnight. */
export const TIME = String.raw`(?:\d{1,2} \w{3,4} )?\d\d:\d\d:\d\d`

/** Presses what is armed, as soon as a second press is a second press. */
export const confirm = (page: Page): Promise<void> => pressable(page, /^Confirm:/).click()

/** Until the page has its heading, and nothing of it is still loading. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1').waitFor()
  await page.waitForFunction(() => document.querySelector('main [aria-busy="true"]') === null)
}

/** Runs in the page, before its own scripts. */
function watch(): void {
  const told = (globalThis as unknown as { told(kind: string, what: string): void }).told
  document.addEventListener('securitypolicyviolation', (event) =>
    told('trouble', `policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
  )
  const pressed = (event: Event) => {
    const modifier = event instanceof KeyboardEvent && ['Control', 'Meta', 'Shift', 'Alt'].includes(event.key)
    if (event.isTrusted && !modifier) told('press', event.type)
  }
  window.addEventListener('keydown', pressed, true)
  window.addEventListener('pointerdown', pressed, true)
}

async function check(page: Page): Promise<string[]> {
  // Evaluated by the browser's debugger, which the page's policy does not bind.
  await page.evaluate(axe.source)
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
    return axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    })
  })
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, any }) => `${id}: ${target.join(' ')} ${any[0]?.message ?? ''}`),
  )
}
