import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PREFERENCES } from '../../src/main/window/options.js'
import { build, type Built } from '../built.js'
import { serve, type Served } from '../serve.js'
import { conformance } from './conformance.js'
import { findElectron, whereLooked } from './find-electron.js'
import { buildShell } from './shell.js'

/*
 * The lane that needs Electron's own program. Where there is none it skips itself, by name and counted; a release that must
 * not go without it sets REQUIRE_ELECTRON=1.
 */

const program = findElectron()
const required = process.env['REQUIRE_ELECTRON'] === '1'
const lane = describe.skipIf(program === undefined && !required)

lane(`in Electron’s own program${program === undefined ? ` (there is none in ${whereLooked()})` : ''}`, () => {
  let built: Built
  let served: Served
  let userData: string
  let app: ElectronApplication
  let page: Page

  const launch = (...args: string[]) =>
    _electron.launch({
      executablePath: program!,
      // Root has no sandbox in Chromium. A package refuses both switches; this is none.
      args: [join(built.folder, 'shell', 'main.mjs'), `--user-data-dir=${userData}`, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...args], // prettier-ignore
      env: { ...(process.env as Record<string, string>), FIREBREAK_URL: served.url },
    })

  beforeAll(async () => {
    if (program === undefined) throw new Error(`REQUIRE_ELECTRON is 1, and there is no Electron in ${whereLooked()}`)
    built = await build()
    await buildShell(join(built.folder, 'shell'), 'main', 'preload')
    served = await serve(built.folder)
    served.api.seed()
    userData = await mkdtemp(join(tmpdir(), 'firebreak-electron-'))
    app = await launch()
    page = await app.firstWindow()
    await page.getByRole('button', { name: 'Hannah Okafor' }).click()
    await page.getByText('● live').waitFor()
  }, 180_000)
  afterAll(async () => {
    await app?.close()
    await served?.close()
    await built?.remove()
    if (userData) await rm(userData, { recursive: true, force: true })
  })

  const secondStart = async (...args: string[]) => (await launch(...args).catch(() => undefined))?.close()

  test.each(conformance)('%s', (_, check) => check({ page, go: (id) => secondStart(`firebreak://incident/${id}`) }))

  test('SEC-01, SEC-10: the window is as it was asked for, and its page lives at app://console', async () => {
    expect(page.url()).toMatch(/^app:\/\/console\//)
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const { webContents } = BrowserWindow.getAllWindows()[0]!
      return (webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }).getLastWebPreferences()
    })
    for (const name of ['sandbox', 'contextIsolation', 'nodeIntegration', 'webSecurity', 'webviewTag'] as const)
      expect(preferences[name], name).toBe(PREFERENCES[name])
  })

  test('SEC-12: the policy stands, and nothing of the page breaks it', async () => {
    const policy = await page.evaluate(async () => (await fetch('/')).headers.get('content-security-policy'))
    expect(policy).toContain("connect-src 'self'")
    const outside = await page.evaluate((to) => fetch(to).then(() => 'loaded', () => 'refused'), served.url) // prettier-ignore
    expect(outside).toBe('refused')
  })

  test('SEC-14: a stream ends at the API within a second after the page let go of it', async () => {
    const before = served.streams().open
    await page.evaluate(() => Object.assign(window, { source: new EventSource('/v1/stream') }))
    await expect.poll(() => served.streams().open).toBe(before + 1)
    await page.evaluate(() => (window as unknown as { source: EventSource }).source.close())
    await expect.poll(() => served.streams().open, { timeout: 1_000 }).toBe(before)
  })

  test('SEC-30, SEC-31: it goes nowhere, and opens no window', async () => {
    await page.evaluate(() => {
      location.assign('https://evil.example/')
      window.open('https://evil.example/')
    })
    await page.waitForTimeout(500)
    expect(page.url()).toMatch(/^app:\/\/console\//)
    expect(app.windows()).toHaveLength(1)
  })

  test('SEC-50, SEC-51: a second start leads the first to its link, and is no second window', async () => {
    const id = [...served.api.world.incidents.keys()].at(-1)!
    await secondStart(`firebreak://incident/${id}`)
    await page.waitForURL(`**/incidents/${id}`)
    expect(app.windows()).toHaveLength(1)
  })

  test('the port to Electron keeps what its fake keeps', async () => {
    const folder = join(built.folder, 'shell')
    await buildShell(folder, 'contract')
    const { stdout } = await promisify(execFile)(program!, [join(folder, 'contract.mjs'), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])]) // prettier-ignore
    expect(stdout.match(/^not ok .*$/gm) ?? []).toEqual([])
    expect(stdout).toMatch(/^ok /m)
  })
})
