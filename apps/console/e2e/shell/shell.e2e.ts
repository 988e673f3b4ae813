import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AProvider, AUDIENCE, CLIENT } from '../../src/main/account/testing/a-provider.js'
import { launch } from '../browser.js'
import { build, type Built } from '../built.js'
import { TIME } from '../console.js'
import { serve, type Served } from '../serve.js'
import { conformance } from './conformance.js'
import { buildPreload, openShell, type OpenedShell, type ShellOptions } from './shell.js'

let built: Built
let browser: Browser
let preload: string
let served: Served
const opened: OpenedShell[] = []

beforeAll(async () => {
  ;[built, browser, preload] = await Promise.all([build(), launch(), buildPreload()])
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await built?.remove()
})
beforeEach(async () => {
  served = await serve(built.folder)
  served.api.seed()
})
afterEach(async () => {
  const shells = opened.splice(0)
  const troubles = shells.flatMap((shell) => shell.troubles)
  for (const shell of shells) await shell.close()
  await served.close()
  expect(troubles).toEqual([])
})

async function open(options: Partial<ShellOptions> = {}): Promise<OpenedShell> {
  const shell = await openShell({ browser, folder: built.folder, preload, api: served.url, ...options })
  opened.push(shell)
  return shell
}

/** As soon as it is so. */
const soon = <T>(what: () => T) => expect.poll(what, { timeout: 20_000 })
const anIncident = () => [...served.api.world.incidents.keys()].at(-1)!

/** Somebody of the sandbox, signed in in the page. */
async function openAs(person: string, options: Partial<ShellOptions> = {}): Promise<OpenedShell> {
  const shell = await open(options)
  await shell.page.getByRole('button', { name: person }).click()
  await shell.page.getByRole('button', { name: 'Sign out' }).waitFor()
  return shell
}

/** The names of what lies on the device. */
const keptOn = (page: Page): Promise<string[]> =>
  page.evaluate(
    () =>
      new Promise<string[]>((resolve, reject) => {
        const asked = indexedDB.open('firebreak', 1)
        asked.onupgradeneeded = () => void asked.result.createObjectStore('shelf')
        asked.onerror = () => reject(new Error('no database'))
        asked.onsuccess = () => {
          const keys = asked.result.transaction('shelf').objectStore('shelf').getAllKeys()
          keys.onsuccess = () => {
            asked.result.close()
            resolve(keys.result.map(String))
          }
        }
      }),
  )

describe('the bridge, as it was built, in a world of its own', () => {
  let shell: OpenedShell
  let behind: Served
  beforeAll(async () => {
    behind = await serve(built.folder)
    shell = await openShell({ browser, folder: built.folder, preload, api: behind.url })
  })
  afterAll(async () => {
    await shell?.close()
    await behind?.close()
  })

  test.each(conformance)('%s', (_, check) =>
    check({ page: shell.page, go: async (id) => shell.desktop.startAgain(`firebreak://incident/${id}`) }),
  )

  test('SEC-21: a page of somebody else’s finds it, should it ever be there, and is not heard', async () => {
    const { desktop, page } = await open()
    // Past every rule: the rules of navigation are not what this is about.
    await desktop.context.unroute('**/*')
    await page.goto(served.url)
    const answer = await page.evaluate(() => (window as unknown as { firebreak: { info(): unknown } }).firebreak.info())
    expect(answer).toMatchObject({ ok: false, error: { code: 'not-ours' } })
  })
})

describe('the page at app://console', () => {
  test('one signs in, sees what is wrong, hears of what happens as it happens, and signs out', async () => {
    const { desktop, page } = await openAs('Hannah Okafor')
    const row = page.locator('a[href^="/incidents/"]').first()
    await row.waitFor()
    await page.getByText('● live').waitFor()
    // What happens is there without asking for it.
    served.api.arrive({
      title: 'Checkout fails for one in five',
      severity: 'SEV2',
      service: 'checkout',
      class: 'high-api-latency',
    })
    await page.getByRole('button', { name: /\b1 new\b/ }).click()
    await page.getByText('Checkout fails for one in five').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Hannah Okafor' }).waitFor()
    // Another request's 401 may have told the page first.
    await expect.poll(() => desktop.wiped).toBe(1)
  })

  test('SEC-41: no proof of who one is reaches the page: not its storage, its memory, its requests or its answers', async () => {
    const { desktop, page } = await openAs('Hannah Okafor')
    await page.locator('a[href^="/incidents/"]').first().waitFor()
    // The session that the shell holds, as the API knows it.
    const secret = [...served.sessions.keys()].at(-1)!
    expect(secret.length).toBe(43)
    const cdp = await desktop.context.newCDPSession(page)
    let heap = ''
    cdp.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => (heap += chunk))
    await cdp.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
    // The snapshot is one of this page.
    expect(heap).toContain('Hannah Okafor')
    expect(heap).not.toContain(secret)
    expect(await desktop.context.cookies()).toEqual([])
    expect(
      await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie),
    ).not.toContain(secret)
    const seen = await page.evaluate(async () => {
      const answer = await fetch('/v1/me')
      return JSON.stringify([...answer.headers]) + (await answer.text())
    })
    expect(seen).toContain('hannah')
    expect(seen).not.toContain(secret)
  })

  test('SEC-14: what the page stops listening to is closed at the API', async () => {
    const { page } = await openAs('Hannah Okafor')
    await page.getByText('● live').waitFor()
    await soon(() => served.streams().open).toBe(1)
    await page.evaluate(() => {
      const source = new EventSource('/v1/stream')
      Object.assign(window, { source })
    })
    await soon(() => served.streams().open).toBe(2)
    await page.evaluate(() => (window as unknown as { source: EventSource }).source.close())
    await soon(() => served.streams().open).toBe(1)
  })

  test('SEC-53: after the device slept the stream is opened anew, and the page goes on', async () => {
    const { desktop, page } = await openAs('Hannah Okafor')
    await page.getByText('● live').waitFor()
    const before = served.streams().ever
    desktop.wake()
    await soon(() => served.streams().ever).toBe(before + 1)
    await page.getByText('● live').waitFor()
  })
})

test('the open incidents and their rooms are read when the application starts and the API is away, and nobody else finds them', async () => {
  const shell = await openAs('Hannah Okafor')
  const { desktop, page } = shell
  const { id, title } = [...served.api.world.incidents.values()].find(
    ({ state, service }) => state === 'open' && service === 'api',
  )!
  await soon(() => keptOn(page)).toEqual(expect.arrayContaining(['incidents', `room/${id}`]))
  await served.goAway()
  await page.goto(`${desktop.mount}/incidents`)
  await page.getByText('The API cannot be reached').waitFor()
  await page
    .getByText(new RegExp(`^As of ${TIME} .*: not asked again since\\.$`))
    .first()
    .waitFor()
  await page.getByRole('row', { name: title }).getByRole('link').first().press('Enter')
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
  // What happened, and what could have been done: to be read, with its age, and nothing else.
  await page.getByRole('region', { name: 'Timeline entries' }).getByRole('listitem').first().waitFor()
  await page
    .getByText(/^As of /)
    .nth(1)
    .waitFor()
  // Also what was measured, and what had changed: none of it is called old for the time since.
  for (const name of ['What changed', 'Evidence'])
    await page.getByRole('region', { name }).getByText(new RegExp(`^As of ${TIME} .*: not asked again since\\.$`)).waitFor() // prettier-ignore
  await page.getByRole('figure').first().waitFor()
  expect(await page.getByRole('button', { name: 'Acknowledge' }).getAttribute('aria-disabled')).toBe('true')
  await page.keyboard.press('Control+Enter')
  expect(await page.getByRole('button', { name: /^Confirm/ }).count()).toBe(0)

  await served.comeBack()
  await page.getByText('● live').waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sam Lindqvist' }).waitFor()
  expect(await keptOn(page)).toEqual([])
}, 120_000)

test('an incident that nobody has is told by the system, leads to its room, and the notice goes when somebody has it', async () => {
  const { desktop, page } = await openAs('Hannah Okafor')
  await page.locator('a[href^="/incidents/"]').first().waitFor()
  await soon(() => desktop.windows[0]!.count).toBeGreaterThan(0)
  expect(desktop.notices.size).toBe(0)
  const id = served.api.arrive({
    title: 'Checkout is down',
    severity: 'SEV1',
    service: 'checkout',
    class: 'high-api-latency',
  })
  await soon(() => [...desktop.notices.values()].map(({ title }) => title)).toEqual(['SEV1 Checkout is down'])
  desktop.notices.get(id)!.press()
  await page.waitForURL(`**/incidents/${id}`)
  await page.getByRole('button', { name: 'Acknowledge' }).click()
  await soon(() => desktop.notices.size).toBe(0)
})

describe('SEC-40: signing in in the system’s browser', () => {
  let provider: AProvider
  beforeAll(async () => {
    provider = await AProvider.open()
  })
  afterAll(() => provider?.close())

  test('the page says what to do, the browser is opened at the provider, and the page goes on when it comes back', async () => {
    const house = await serve(built.folder, { mode: 'production' })
    try {
      house.api.seed()
      const oidc = { issuer: provider.issuer, clientId: CLIENT, audience: AUDIENCE, scope: 'openid offline_access' }
      const { desktop, page } = await open({ api: house.url, settings: { oidc } })
      await page.goto(`${desktop.mount}/incidents?state=all`)
      await page.getByRole('button', { name: 'Sign in in your browser' }).click()
      await page.getByText('Your browser shows your identity provider.').waitFor()
      await soon(() => desktop.opened).toHaveLength(1)
      // Whoever changes their mind begins again, and the first way back is shut.
      await page.getByRole('button', { name: 'Begin again in the browser' }).click()
      await soon(() => desktop.opened).toHaveLength(2)
      const [first, second] = await Promise.all(desktop.opened.map((address) => provider.visit(address, 'hannah')))
      await expect(fetch(first!)).rejects.toThrow()
      await fetch(second!)
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
      expect(new URL(page.url()).search).toBe('?state=all')
      await page.getByText('● live').waitFor()
    } finally {
      await house.close()
    }
  })
})

describe('nothing leaves', () => {
  test('SEC-13, SEC-30: the page goes nowhere else, and loads nothing else', async () => {
    const { desktop, page, troubles } = await openAs('Hannah Okafor')
    for (const address of [`${served.url}/incidents`, 'https://evil.example/', '/v1/me'])
      await page.evaluate((to) => location.assign(to), address)
    await soon(() => desktop.refused).toHaveLength(3)
    expect(new URL(page.url()).origin).toBe(desktop.mount)
    for (const address of [`${served.url}/v1/me`, 'https://evil.example/x'])
      expect(await page.evaluate((to) => fetch(to).then(() => 'loaded', () => 'refused'), address)).toBe('refused') // prettier-ignore
    expect(desktop.loaded.every((address) => address.startsWith('app://console/'))).toBe(true)
    // The policy refuses them before the session does, and says so.
    expect(
      troubles.splice(0).filter((trouble) => !/connect-src|Content Security Policy|ERR_FAILED/.test(trouble)),
    ).toEqual([])
  })

  test('SEC-31: a link to a host of the house is asked about and opened outside; any other is not', async () => {
    const { desktop, page } = await openAs('Hannah Okafor')
    desktop.presses = () => 0
    await page.evaluate(() => {
      for (const address of ['https://grafana.example/d/1', 'https://evil.example/', 'https://me:pw@grafana.example/'])
        window.open(address, '_blank', 'noopener')
    })
    await soon(() => desktop.opened).toEqual(['https://grafana.example/d/1'])
    await soon(() => desktop.asked.length).toBe(3)
    expect(desktop.context.pages()).toHaveLength(1)
  })
})

describe('SEC-51: links lead to a place', () => {
  test('one with which the shell was started, after signing in', async () => {
    const id = anIncident()
    const { page } = await openAs('Hannah Okafor', { argv: [`firebreak://incident/${id}`] })
    await page.waitForURL(`**/incidents/${id}`)
  })

  test('one while it runs; and the page stays where it is for one that says nothing', async () => {
    const id = anIncident()
    const { desktop, page } = await openAs('Hannah Okafor')
    desktop.startAgain('firebreak://incident/../../v1/me')
    desktop.startAgain(`firebreak://run/${id}/confirm`)
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/incidents')
    desktop.startAgain(`firebreak://incident/${id}`)
    await page.waitForURL(`**/incidents/${id}`)
    expect(desktop.windows[0]!.revealed).toBe(3)
  })
})
