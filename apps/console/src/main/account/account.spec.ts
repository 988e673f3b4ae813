import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Account } from './account.js'
import { Provider } from './provider.js'
import { AProvider, AUDIENCE, CLIENT } from './testing/a-provider.js'
import { FakeBox } from './testing/boxes.js'
import { Vault } from './vault.js'

let real: AProvider
let folder: string
let box: FakeBox
let now: number
let knows: boolean | Error
/** What the browser does with the address that it was opened with. */
let browser: (address: string) => Promise<string | undefined>
let opened: URL[]
/** Every request to the provider. */
let asked: string[]
let away: boolean

beforeAll(async () => {
  real = await AProvider.open()
  folder = mkdtempSync(join(tmpdir(), 'firebreak-account-'))
})
afterAll(async () => {
  await real.close()
  rmSync(folder, { recursive: true, force: true })
})
let path: string
let n = 0
beforeEach(() => {
  path = join(folder, String(n++), 'signed-in.json')
  ;[now, knows, away, opened, asked] = [Date.now(), true, false, [], []]
  box = new FakeBox()
  browser = (address) => real.visit(address, 'hannah')
})

/** As each start of the shell makes it. */
function started() {
  const provider = new Provider(
    { issuer: real.issuer, clientId: CLIENT, audience: AUDIENCE, scope: 'openid profile offline_access' },
    async (url, init) => {
      asked.push(new URL(url).pathname)
      if (away) throw new TypeError('fetch failed')
      return fetch(url, init as RequestInit)
    },
    () => now,
  )
  return new Account({
    provider,
    vault: new Vault(box, path, real.issuer),
    now: () => now,
    openBrowser: async (address) => {
      opened.push(new URL(address))
      // It is somewhere else, and goes its own way.
      void browser(address).then(async (back) => back !== undefined && (await fetch(back)))
      return true
    },
    knows: async () => {
      if (knows instanceof Error) throw knows
      return knows
    },
  })
}
const claims = async (account: Account) => {
  const credential = await account.credential()
  return credential?.kind === 'bearer' ? decodeJwt(credential.token) : undefined
}

describe('SEC-40: signing in in the system’s browser', () => {
  test('code flow with PKCE, at a real provider, and a token for the API', async () => {
    const account = started()
    expect(await account.credential()).toBeUndefined()
    await account.signIn()
    expect(await claims(account)).toMatchObject({ sub: 'hannah', aud: AUDIENCE, iss: real.issuer })
    const { searchParams } = opened[0]!
    expect(searchParams.get('response_type')).toBe('code')
    expect(searchParams.get('code_challenge_method')).toBe('S256')
    expect(searchParams.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(searchParams.get(name)!.length, name).toBeGreaterThan(30)
    expect(searchParams.has('client_secret')).toBe(false)
  })

  test('each time all of it is new', async () => {
    const account = started()
    for (let time = 0; time < 2; time++) await account.signIn()
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(opened[0]!.searchParams.get(name)).not.toBe(opened[1]!.searchParams.get(name))
  })

  test.each([
    ['a code that was changed', (back: string) => back.replace(/code=[^&]+/, 'code=x')],
    ['another issuer', (back: string) => back.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.example')],
    ['a refusal', (back: string) => `${back.split('?')[0]}?error=access_denied&state=${new URL(back).searchParams.get('state')}&iss=${encodeURIComponent(real.issuer)}`], // prettier-ignore
  ])('%s signs nobody in', async (_, change) => {
    browser = async (address) => change(await real.visit(address, 'mallory'))
    const account = started()
    await expect(account.signIn()).rejects.toThrow('The identity provider did not sign you in')
    expect(await account.credential()).toBeUndefined()
  })

  test('the code of a sign-in that another program began signs nobody in', async () => {
    const verifierless = started()
    let theirs = ''
    browser = async (address) => {
      theirs = await real.visit(address, 'mallory')
      return undefined
    }
    void verifierless.signIn().catch(() => {})
    await expect.poll(() => theirs).not.toBe('')
    // Mallory’s code, brought to us with our own state.
    browser = async (address) => {
      const back = new URL(await real.visit(address, 'hannah'))
      back.searchParams.set('code', new URL(theirs).searchParams.get('code')!)
      return back.href
    }
    const account = started()
    await expect(account.signIn()).rejects.toThrow('did not sign you in')
    verifierless.cancel()
  })

  test('begun again, the first is over; cancelled, it says so', async () => {
    const account = started()
    browser = async () => undefined
    const first = account.signIn()
    await expect.poll(() => opened.length).toBe(1)
    const second = account.signIn()
    await expect(first).rejects.toThrow('cancelled')
    await expect.poll(() => opened.length).toBe(2)
    account.cancel()
    await expect(second).rejects.toThrow('cancelled')
  })

  test('somebody whom the API has never seen is told what to do, and is not signed in', async () => {
    knows = false
    const account = started()
    await expect(account.signIn()).rejects.toThrow('sign in once on its page')
    expect(await account.credential()).toBeUndefined()
  })

  test('an API that does not answer is said to be that, and nobody is signed in', async () => {
    knows = new TypeError('fetch failed')
    const account = started()
    await expect(account.signIn()).rejects.toThrow(/Firebreak does not answer/)
    expect(await account.credential()).toBeUndefined()
  })

  test('a provider that is away is said, and tried again the next time', async () => {
    away = true
    const account = started()
    await expect(account.signIn()).rejects.toThrow('does not answer')
    away = false
    await account.signIn()
    expect(await claims(account)).toMatchObject({ sub: 'hannah' })
  })
})

describe('staying signed in', () => {
  test('the next start is signed in, without a browser', async () => {
    await started().signIn()
    opened = []
    expect(await claims(started())).toMatchObject({ sub: 'hannah' })
    expect(opened).toEqual([])
  })

  test('where there is no keyring the next start is not', async () => {
    box.becomes('basic_text')
    const account = started()
    await account.signIn()
    expect(await claims(account)).toMatchObject({ sub: 'hannah' })
    expect(account.keeps().signedIn).toBe(false)
    expect(await started().credential()).toBeUndefined()
  })

  test('a token that ends soon is renewed before it is sent, once for all who ask', async () => {
    const account = started()
    await account.signIn()
    const first = await account.credential()
    expect(await account.credential()).toEqual(first)
    now += 590_000
    asked = []
    const many = await Promise.all(Array.from({ length: 20 }, () => account.credential()))
    expect(asked).toEqual(['/token'])
    expect(new Set(many.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(many[0]).not.toEqual(first)
  })

  test('a provider that is away for a while signs nobody out', async () => {
    await started().signIn()
    away = true
    const account = started()
    await expect(account.credential()).rejects.toThrow('does not answer')
    away = false
    expect(await claims(account)).toMatchObject({ sub: 'hannah' })
  })

  test('signed out is out: here, at the provider, and at the next start', async () => {
    const account = started()
    await account.signIn()
    asked = []
    await account.heard('/v1/sign-out', 'POST', new Response(null, { status: 204 }))
    expect(await account.credential()).toBeUndefined()
    expect(await started().credential()).toBeUndefined()
    await expect.poll(() => asked).toContain('/token/revocation')
  })
})

describe('the session of a sandbox', () => {
  const answer = (cookie: string, status = 200) => new Response('{}', { status, headers: { 'set-cookie': cookie } })
  const good = `fb_session=${'a'.repeat(43)}`

  test('is kept here, for as long as the shell runs, and given up when the API knows it no more', async () => {
    const account = started()
    await account.heard('/v1/sign-in/seeded', 'POST', answer(`${good}; Path=/; HttpOnly; SameSite=Strict`))
    expect(await account.credential()).toEqual({ kind: 'session', cookie: good })
    expect(await started().credential()).toBeUndefined()
    expect(await account.renewed({ kind: 'session', cookie: good })).toBeUndefined()
    expect(await account.credential()).toBeUndefined()
  })

  test.each([
    good,
    `${good}; Path=/; HttpOnly; SameSite=Strict`,
    `other=1; Path=/, ${good}; Path=/; HttpOnly`,
    `${good}; Expires=Thu, 26 Nov 2026 23:00:00 GMT, other=1`,
  ])('%s is one', async (cookies) => {
    const account = started()
    await account.heard('/v1/sign-in/seeded', 'POST', answer(cookies))
    expect(await account.credential()).toEqual({ kind: 'session', cookie: good })
  })

  test.each([
    ['/v1/sign-in/seeded', 'POST', answer(`x${good}`)],
    ['/v1/sign-in/seeded', 'POST', answer(`other=${good}`)],
    ['/v1/me', 'POST', answer(good)],
    ['/v1/sign-in/seeded', 'GET', answer(good)],
    ['/v1/sign-in/seeded', 'POST', answer(good, 404)],
    ['/v1/sign-in/seeded', 'POST', answer('other=x')],
    ['/v1/sign-in/seeded', 'POST', answer('fb_session=short')],
  ])('%s by %s begins none otherwise', async (path, method, response) => {
    const account = started()
    await account.heard(path, method, response)
    expect(await account.credential()).toBeUndefined()
  })
})
