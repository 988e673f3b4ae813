import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Surface } from '../../src/bridge/surface.js'
import { API_CLIENT, AProvider, AUDIENCE, CLIENT } from '../../src/main/account/testing/a-provider.js'
import { launch } from '../browser.js'
import { build, type Built } from '../built.js'
import { startWhole, type Whole } from '../whole.js'
import { buildPreload, openShell } from './shell.js'

let built: Built
let browser: Browser
let preload: string
let whole: Whole
let provider: AProvider

/** Everything as `npm start` starts it, and a provider that the API and the shell both know. */
beforeAll(async () => {
  ;[built, browser, preload] = await Promise.all([build(), launch(), buildPreload()])
  whole = await startWhole(built, async (url) => {
    provider = await AProvider.open({ api: `${url}/v1/sign-in/callback` })
    return {
      FIREBREAK_URL: url,
      FIREBREAK_OIDC_ISSUER: provider.issuer,
      FIREBREAK_OIDC_CLIENT_ID: API_CLIENT.id,
      FIREBREAK_OIDC_CLIENT_SECRET: API_CLIENT.secret,
      FIREBREAK_OIDC_AUDIENCE: AUDIENCE,
    }
  })
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await whole?.close()
  await provider?.close()
  await built?.remove()
}, 180_000)

test('signed in, an incident seen as it opens, and the session nowhere in the page', async () => {
  const shell = await openShell({ browser, folder: built.folder, preload, api: whole.url })
  const { page } = shell
  page.setDefaultTimeout(60_000)
  await page.getByRole('button', { name: 'Hannah Okafor' }).click()
  await page.getByText('● live').waitFor()
  await fetch(`${whole.sandbox}/break/exfiltration`, { method: 'POST' })
  await page
    .locator('a', { hasText: 'Data may be leaving' })
    .or(page.getByRole('button', { name: /\bnew\b/ }))
    .first()
    .waitFor()
  const notices = () => [...shell.desktop.notices.values()].map(({ title }) => title)
  await expect.poll(notices, { timeout: 20_000 }).toEqual([expect.stringMatching(/^SEV1 .*Data may be leaving/)])
  expect(await page.evaluate(() => document.cookie)).toBe('')
  expect(await shell.desktop.context.cookies()).toEqual([])
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Hannah Okafor' }).waitFor()
  expect(shell.troubles).toEqual([])
  await shell.close()
}, 150_000)

test('by a token of the provider: the API knows who was there once, and nobody by a token alone', async () => {
  const oidc = { issuer: provider.issuer, clientId: CLIENT, audience: AUDIENCE, scope: 'openid offline_access' }
  const shell = await openShell({ browser, folder: built.folder, preload, api: whole.url, settings: { oidc } })
  const { desktop, page } = shell
  const signIn = async () => {
    desktop.opened = []
    const ended = page.evaluate(() => (window as unknown as { firebreak: Surface }).firebreak.signIn())
    await expect.poll(() => desktop.opened, { timeout: 20_000 }).toHaveLength(1)
    await fetch(await provider.visit(desktop.opened[0]!, 'kim'))
    return ended
  }
  expect(await signIn()).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining('sign in once') as string },
  })

  const left = await fetch(`${whole.url}/v1/sign-in`, { redirect: 'manual' })
  const back = await provider.visit(left.headers.get('location')!, 'kim')
  const cookie = left.headers.getSetCookie()[0]!.split(';')[0]!
  expect((await fetch(back, { headers: { cookie } })).status).toBe(200)

  expect(await signIn()).toEqual({ ok: true, value: null })
  const me = await page.evaluate(async () => (await fetch('/v1/me')).json() as Promise<object>)
  expect(me).toMatchObject({ name: 'kim', kind: 'person', roles: [] })
  await shell.close()
}, 150_000)
