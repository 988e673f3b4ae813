import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CHANNELS, type OpenIncident, type Outcome } from '../bridge/surface.js'
import { FakeBox } from './account/testing/boxes.js'
import { FakeDesktop, type FakeWindow } from './desktop/fake.js'
import { startShell } from './shell.js'

let folder: string
let desktop: FakeDesktop
let logged: string[]
let now: number
let api: Server
let origin: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-shell-'))
  desktop = new FakeDesktop(folder, new FakeBox())
  logged = []
  now = 0
  api = createServer((request, response) => {
    const headers =
      request.url === '/v1/sign-in/seeded' ? { 'set-cookie': `fb_session=${'a'.repeat(43)}; HttpOnly` } : {}
    response.writeHead(200, headers).end(JSON.stringify({ cookie: request.headers.cookie ?? null }))
  })
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  api.close()
})

const start = (...argv: string[]) =>
  startShell({
    ...{ desktop, preload: '/app/preload.cjs', argv: ['firebreak', ...argv], now: () => now },
    settings: { api: origin, oidc: undefined, links: ['grafana.example'], allowSwitches: [] },
    files: { html: '<!doctype html>', assets: new Map() },
    log: (line) => void logged.push(line),
  })
const window = (): FakeWindow => desktop.windows[0]!
const invoke = (channel: string, ...args: unknown[]) =>
  desktop.wire.invoke(channel, args, { url: 'app://console/', isMainFrame: true }) as Promise<Outcome<unknown>>
const call = (path: string, init?: RequestInit) => desktop.answer!(new Request(`app://console${path}`, init))

describe('SEC-50: one shell', () => {
  test('a second one tells the first, and opens nothing', async () => {
    desktop.first = false
    expect(await start()).toBeUndefined()
    expect(desktop.ended).toBe(true)
    expect(desktop.windows).toEqual([])
  })

  test('the first shows itself, and goes where the second was to go', async () => {
    await start()
    await invoke(CHANNELS.listen)
    desktop.startAgain('--x', 'firebreak://incident/inc_1')
    expect(window().revealed).toBe(1)
    expect(window().sent).toEqual([{ channel: CHANNELS.go, payload: { kind: 'incident', id: 'inc_1' } }])
    desktop.startAgain()
    expect(window().revealed).toBe(2)
    expect(window().sent).toHaveLength(1)
  })
})

describe('SEC-51: links', () => {
  test('with which it was started: once, to the page that listens', async () => {
    await start('firebreak://incident/inc_1')
    expect(await invoke(CHANNELS.listen)).toEqual({ ok: true, value: { kind: 'incident', id: 'inc_1' } })
    expect(await invoke(CHANNELS.listen)).toEqual({ ok: true, value: null })
  })

  test('that macOS hands over before there is a window', async () => {
    desktop.ready = async () => desktop.link('firebreak://plan/pln_1')
    await start()
    expect(await invoke(CHANNELS.listen)).toEqual({ ok: true, value: { kind: 'plan', id: 'pln_1' } })
  })

  test('while the page is loaded anew wait for it', async () => {
    await start()
    await invoke(CHANNELS.listen)
    window().leave()
    desktop.startAgain('firebreak://run/run_1')
    expect(window().sent).toEqual([])
    expect(await invoke(CHANNELS.listen)).toEqual({ ok: true, value: { kind: 'run', id: 'run_1' } })
  })
})

describe('SEC-30, SEC-31, SEC-32: the rules are on all contents', () => {
  beforeEach(() => start())

  test.each(['app://console/', 'app://console/incidents/inc_1?x=1'])('a page goes to %s', (address) => {
    for (const contents of [window().contents, desktop.contents()]) expect(contents.goes(address)).toBe(true)
  })
  test.each([
    'https://grafana.example/',
    'http://127.0.0.1/',
    'file:///etc/passwd',
    'app://evil/',
    'app://console@evil/',
    'app://console/v1/me',
    'app://console/v1/sign-in?to=/',
    'app://console/assets/x.js',
    'about:blank',
    'data:text/html,x',
    'javascript:1',
    'blob:app://console/x',
    'chrome://gpu',
    'firebreak://run/x',
    '',
  ])('and not to %j', (address) => {
    for (const contents of [window().contents, desktop.contents()]) expect(contents.goes(address)).toBe(false)
  })

  test('no window and no webview comes of anything; a link to a host of the house is asked about', async () => {
    desktop.presses = () => 0
    for (const contents of [window().contents, desktop.contents()]) {
      expect(contents.webviews).toBe(false)
      expect(contents.opens('https://grafana.example/d/1')).toBe(false)
    }
    await expect.poll(() => desktop.opened).toHaveLength(2)
    expect(desktop.asked[0]!.message).toBe('Open grafana.example in the browser?')
  })

  test('any other is refused, and said, and in the log', async () => {
    window().contents.opens('javascript:alert(1)')
    window().contents.opens('https://evil.example/')
    await expect.poll(() => logged).toHaveLength(2)
    expect(desktop.opened).toEqual([])
    expect(desktop.asked.map(({ message }) => message)).toEqual(logged)
  })
})

describe('SEC-13, SEC-16: the session', () => {
  beforeEach(() => start())

  test('two permissions, for our page', () => {
    const asks = (name: string, address = 'app://console/') => desktop.rules!.permission(name, address)
    for (const name of ['notifications', 'clipboard-sanitized-write']) {
      expect(asks(name)).toBe(true)
      for (const address of ['https://evil.example/', '', 'app://evil', 'null']) expect(asks(name, address)).toBe(false)
    }
    for (const name of [
      'clipboard-read',
      'media',
      'geolocation',
      'usb',
      'hid',
      'serial',
      'midi',
      'display-capture',
      'fileSystem',
      'fullscreen',
      'pointerLock',
      'openExternal',
      'window-management',
      'local-fonts',
      'idle-detection',
      'unknown',
    ])
      // prettier-ignore
      expect(asks(name), name).toBe(false)
  })

  test('what it may load is its own', () => {
    const may = desktop.rules!.mayLoad
    for (const address of ['app://console/v1/me', 'blob:app://console/1', 'data:image/png;base64,x'])
      expect(may(address), address).toBe(true)
    for (const address of [
      origin,
      'https://evil.example/',
      'ws://evil.example',
      'file:///x',
      'blob:https://evil/1',
      'data:text/html,x',
      'app://evil/',
      'devtools://x',
    ])
      // prettier-ignore
      expect(may(address), address).toBe(false)
  })

  test('what it may save is what the page made, and evidence', () => {
    const may = desktop.rules!.mayDownload
    expect(may('blob:app://console/1')).toBe(true)
    expect(may('app://console/v1/audit/exports/exp_1/download')).toBe(true)
    for (const address of [
      'app://console/v1/me',
      'app://console/',
      'https://evil.example/x.exe',
      'data:text/html,x',
      'blob:https://evil/1',
    ])
      // prettier-ignore
      expect(may(address), address).toBe(false)
  })
})

test('SEC-41: in a sandbox one signs in in the page, and the session stays on this side; signing out ends it', async () => {
  await start()
  const signedIn = await call('/v1/sign-in/seeded', { method: 'POST', body: '{"person":"hannah"}' })
  expect(signedIn.headers.has('set-cookie')).toBe(false)
  expect(await (await call('/v1/me')).json()).toEqual({ cookie: `fb_session=${'a'.repeat(43)}` })
  await invoke(CHANNELS.incidents, [])
  await call('/v1/sign-out', { method: 'POST' })
  expect(await (await call('/v1/me')).json()).toEqual({ cookie: null })
  expect(desktop.wiped).toBe(1)
})

test('what the page is told of its host', async () => {
  await start()
  expect(await invoke(CHANNELS.info)).toEqual({
    ok: true,
    value: {
      ...{ version: '0.1.0', platform: 'linux', api: new URL(origin).host, signsIn: false },
      keeps: { signedIn: false, because: 'In a sandbox one signs in anew at each start.' },
    },
  })
  expect(await invoke(CHANNELS.signIn)).toMatchObject({ ok: false, error: { code: 'failed' } })
})

test('a notice leads to its incident, the window counts, and both go when it is over', async () => {
  await start()
  const incident: OpenIncident = { id: 'inc_1', severity: 'SEV1', title: 'API is slow', acknowledged: false }
  await invoke(CHANNELS.incidents, [])
  await invoke(CHANNELS.incidents, [incident])
  expect(window().count).toBe(1)
  desktop.notices.get('inc_1')!.press()
  expect(window().revealed).toBe(1)
  expect(await invoke(CHANNELS.listen)).toEqual({ ok: true, value: { kind: 'incident', id: 'inc_1' } })
  await invoke(CHANNELS.incidents, [{ ...incident, acknowledged: true }])
  expect([desktop.notices.size, window().count]).toEqual([0, 0])
})

test('SEC-06: a page that crashes is loaded anew when somebody wants that; the third time the safe page comes', async () => {
  await start()
  desktop.presses = () => 0
  for (let times = 0; times < 3; times++) {
    window().crash(times === 1 ? 'stands still' : 'crashed')
    await expect.poll(() => window().loaded).toHaveLength(times + 2)
    now += 60_000
  }
  expect(window().loaded).toEqual(['app://console/', 'app://console/', 'app://console/', 'app://console/safe'])
  expect(desktop.asked).toHaveLength(2)
  const safe = await call('/safe')
  const words = await safe.text()
  expect(words).toContain(origin)
  // It comes in the dark as often as the page does.
  expect(words).toContain('content="dark light"')
})

test('SEC-52: the window is where it was', async () => {
  await start()
  window().at = { x: 100, y: 50, width: 1400, height: 900 }
  window().close()
  desktop.windows = []
  desktop = new FakeDesktop(folder, new FakeBox())
  await start()
  expect(window().options).toMatchObject({ x: 100, y: 50, width: 1400, height: 900 })
  expect(JSON.parse(readFileSync(join(folder, 'window.json'), 'utf8'))).toEqual(window().options && { x: 100, y: 50, width: 1400, height: 900 }) // prettier-ignore
  writeFileSync(join(folder, 'window.json'), '{"x":')
  desktop = new FakeDesktop(folder, new FakeBox())
  await start()
  expect(window().options).toMatchObject({ width: 1280, height: 800 })
})
