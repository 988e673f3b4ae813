import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { createPublicKey } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../src/config.js'
import { problem } from '../src/http/view.js'
import { Me } from '../src/people/people.schema.js'
import { AProvider, AUDIENCE, CLIENT } from './a-provider.js'
import { read, Stage } from './stage.js'

let provider: AProvider
let stage: Stage
beforeAll(async () => {
  const address = `http://127.0.0.1:${await freePort()}`
  provider = await AProvider.open(`${address}/v1/sign-in/callback`)
  const { oidc } = readConfig({
    ...{ DATABASE_URL: 'postgres://none', REDIS_URL: 'redis://none', FIREBREAK_URL: address },
    ...{ FIREBREAK_OIDC_ISSUER: provider.issuer, FIREBREAK_OIDC_CLIENT_ID: CLIENT.id },
    ...{
      FIREBREAK_OIDC_CLIENT_SECRET: CLIENT.secret,
      FIREBREAK_OIDC_AUDIENCE: AUDIENCE,
    },
  })
  stage = await Stage.set({ config: { mode: 'production', oidc } })
})
afterAll(async () => {
  await provider.close()
  await stage.strike()
})

const cookieIn = ({ headers }: { headers: Record<string, unknown> }, name: string) =>
  (headers['set-cookie'] as string[]).find((line) => line.startsWith(`${name}=`))!
const valueOf = (cookie: string) => cookie.split(';')[0]!

/** From "sign in" to where the provider sends the browser back to. */
async function goAway(person: string, to = '/incidents') {
  const left = await stage.nobody.get('/v1/sign-in').query({ to }).expect(302)
  const leaving = cookieIn(left, 'fb_sign_in')
  const back = new URL(await provider.visit(left.headers['location']!, person))
  return { leaving, back: back.pathname + back.search, address: new URL(left.headers['location']!) }
}

async function signIn(person: string, to?: string) {
  const { leaving, back } = await goAway(person, to)
  const arrived = await stage.nobody
    .get(back)
    .set({ cookie: valueOf(leaving) })
    .expect(200)
  return { arrived, session: cookieIn(arrived, 'fb_session') }
}

test('somebody signs in at the provider and comes back to the page that they asked for', async () => {
  const { leaving, back, address } = await goAway('kim', '/incidents/inc_1?tab=plans')
  expect(address.searchParams.get('code_challenge_method')).toBe('S256')
  expect(address.searchParams.get('response_type')).toBe('code')
  expect(leaving).toMatch(/; Path=\/v1\/sign-in; HttpOnly; SameSite=Lax$/)
  // The browser that came back from another site brings no Strict cookie; the answer is a page that goes on from here.
  const arrived = await stage.nobody
    .get(back)
    .set({ cookie: valueOf(leaving) })
    .expect(200)
  expect(arrived.text).toContain('content="0;url=/incidents/inc_1?tab=plans"')
  expect(arrived.headers['content-security-policy']).not.toContain('sandbox')
  expect(cookieIn(arrived, 'fb_sign_in')).toMatch(/^fb_sign_in=; .*Expires=Thu, 01 Jan 1970/)
  const session = cookieIn(arrived, 'fb_session')
  expect(session).toMatch(/; HttpOnly; SameSite=Strict$/)
  const { body } = await read(
    Me,
    stage.nobody
      .get('/v1/me')
      .set({ cookie: valueOf(session) })
      .expect(200),
  )
  expect(body).toMatchObject({ name: 'kim of the provider', kind: 'person', roles: [], mode: 'production' })
})

test('whoever comes for the first time is there, by the name that the provider tells, and has no role', async () => {
  const { session } = await signIn('lou')
  const { body } = await read(
    problem,
    stage.nobody
      .get('/v1/incidents')
      .set({ cookie: valueOf(session) })
      .expect(403),
  )
  expect(body.detail).toContain('you have no role')
  const people = await stage.query<object>(`select kind, name, issuer, subject from flow.person where subject = 'lou'`)
  expect(people).toEqual([{ kind: 'person', name: 'lou of the provider', issuer: provider.issuer, subject: 'lou' }])
})

test('the same person is the same person, also when they come for the first time twice at once', async () => {
  const trips = await Promise.all([goAway('twin'), goAway('twin')])
  await Promise.all(
    trips.map(({ back, leaving }) =>
      stage.nobody
        .get(back)
        .set({ cookie: valueOf(leaving) })
        .expect(200),
    ),
  )
  await signIn('twin')
  expect(await stage.query(`select from flow.person where subject = 'twin'`)).toHaveLength(1)
  const opened = await stage.query(
    `select from audit.entry e join flow.person p on e.stream_id = 'person:' || p.id where p.subject = 'twin' and e.type = 'session.opened'`,
  )
  expect(opened).toHaveLength(3)
})

test.each([
  ['//evil.example', '/'],
  ['https://evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/"><script>', '/'],
  ['javascript:alert(1)', '/'],
  ['/runs?a=1&b=2', '/runs?a=1&amp;b=2'],
])('asked to come back to %s it goes to %s', async (to, where) => {
  const { arrived } = await signIn('kim', to)
  expect(arrived.text).toContain(`content="0;url=${where}"`)
})

test('what another browser began, was changed on the way, or comes a second time, signs nobody in', async () => {
  const mine = await goAway('kim')
  const other = await goAway('mallory')
  const arrive = (back: string, leaving?: string) =>
    read(
      problem,
      stage.nobody
        .get(back)
        .set(leaving ? { cookie: valueOf(leaving) } : {})
        .expect(401),
    )
  for (const [back, leaving] of [
    // A link that somebody was sent: signs them in as the one who sent it.
    [other.back, mine.leaving],
    [other.back, undefined],
    [mine.back.replace(/state=[^&]+/, 'state=x'), mine.leaving],
    [mine.back.replace(/code=[^&]+/, 'code=x'), mine.leaving],
    [mine.back.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.example'), mine.leaving],
    ['/v1/sign-in/callback', mine.leaving],
    [
      `/v1/sign-in/callback?error=access_denied&state=${new URLSearchParams(mine.back.split('?')[1]).get('state')}`,
      mine.leaving,
    ],
    [mine.back, 'fb_sign_in=bm90IGpzb24'],
  ] as const) {
    const { body } = await arrive(back, leaving)
    expect(body.code).toBe('not-signed-in')
  }
  const again = await goAway('kim')
  await stage.nobody
    .get(again.back)
    .set({ cookie: valueOf(again.leaving) })
    .expect(200)
  // The provider takes a code once.
  await arrive(again.back, again.leaving)
})

test('a token of the provider signs in whom the record knows, with the roles that stand there', async () => {
  await signIn('tess')
  const bearer = { authorization: `Bearer ${await provider.token('tess', { roles: ['admin'] })}` }
  const { body } = await read(problem, stage.nobody.get('/v1/incidents').set(bearer).expect(403))
  expect(body.detail).toContain('you have no role')
  await stage.nobody
    .get('/v1/me')
    .set({ authorization: `Bearer ${await provider.token('nobody-yet')}` })
    .expect(401)
})

test('forged, foreign and old tokens sign nobody in', async () => {
  await signIn('tess')
  const good = await provider.token('tess')
  await stage.nobody
    .get('/v1/incidents')
    .set({ authorization: `Bearer ${good}` })
    .expect(403)
  const stranger = (await generateKeyPair('RS256')).privateKey
  const { d, p, q, dp, dq, qi, ...open } = await exportJWK(provider.key)
  void [d, p, q, dp, dq, qi]
  const pem = createPublicKey({ key: open, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const now = Math.floor(Date.now() / 1000)
  const claims = { sub: 'tess', iss: provider.issuer, aud: AUDIENCE, iat: now, exp: now + 600 }
  const [head, body, mark] = good.split('.') as [string, string, string]
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const tokens: Record<string, string> = {
    'no signature': new UnsecuredJWT(claims).encode(),
    'alg none with the old signature': `${part({ alg: 'none' })}.${body}.${mark}`,
    'the public key as a secret': await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(pem)),
    'a key of somebody else': await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(stranger),
    'a key that comes along': await new SignJWT(claims)
      .setProtectedHeader({
        alg: 'RS256',
        jwk: await exportJWK((await generateKeyPair('RS256', { extractable: true })).publicKey),
      })
      .sign(stranger),
    'another body under the signature': `${head}.${part({ ...claims, sub: 'kim' })}.${mark}`,
    'another issuer': await provider.token('tess', {}, 'https://evil.example'),
    'another audience': await provider.token('tess', {}, provider.issuer, 'https://other.example'),
    'an ID token': await provider.token('tess', {}, provider.issuer, CLIENT.id),
    'one that is over': await provider.token('tess', { exp: now - 1 }),
    'one that begins later': await provider.token('tess', { nbf: now + 600 }),
    'one without an end': await provider.token('tess', { exp: undefined }),
    'one of nobody': await provider.token('tess', { sub: undefined }),
  }
  for (const [what, token] of Object.entries(tokens)) {
    const { status } = await stage.nobody.get('/v1/incidents').set({ authorization: `Bearer ${token}` })
    expect({ what, status }).toEqual({ what, status: 401 })
  }
})

test('a tool gets its own token, and is somebody as soon as the record knows it', async () => {
  const authorization = `Bearer ${await provider.tokenOfTool()}`
  await stage.nobody.get('/v1/me').set({ authorization }).expect(401)
})

test('a provider that is away is said to be away, and asked again', async () => {
  const address = stage.url
  const { oidc } = readConfig({
    ...{ DATABASE_URL: 'postgres://none', REDIS_URL: 'redis://none', FIREBREAK_URL: address },
    ...{ FIREBREAK_OIDC_ISSUER: `http://127.0.0.1:${await freePort()}`, FIREBREAK_OIDC_CLIENT_ID: CLIENT.id },
    ...{ FIREBREAK_OIDC_CLIENT_SECRET: CLIENT.secret },
  })
  const other = await Stage.set({ config: { oidc }, database: { ...stage.database, stop: async () => undefined } })
  try {
    for (const _ of [1, 2]) {
      void _
      const { body, headers } = await read(problem, other.nobody.get('/v1/sign-in').expect(503))
      expect(body.code).toBe('overloaded')
      expect(headers['retry-after']).toBeDefined()
    }
  } finally {
    await other.strike()
  }
})

test('no secret was said', () => {
  expect(stage.said.join('\n')).not.toContain(CLIENT.secret)
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((done) => void server.close(() => done()))
  return port
}
