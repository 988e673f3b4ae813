import { rights, type Right } from '../../src/http/rights.js'
import { exportSPKI, SignJWT, UnsecuredJWT } from 'jose'
import { createHmac, createPublicKey, generateKeyPairSync, KeyObject } from 'node:crypto'
import { AUDIENCE, CLIENT, type AProvider } from '../a-provider.js'
import { cast } from '../../src/people/cast.js'
import { MadeApiKey } from '../../src/people/api-keys.schema.js'
import { Me } from '../../src/people/people.schema.js'
import { read, type Stage } from '../stage.js'

/** Somebody who sends requests: what they bring, and all that it may open. */
export interface Asker {
  name: string
  headers: Record<string, string>
  /** Rights that an answer may rest on; those of `anyone` besides. */
  may: ReadonlySet<Right>
  /** By a cookie, and not from our own page: then it reads, and writes nothing. */
  onlyReads?: true
  /** Whose words may stand in the answers, where it is a person whom we know. */
  person?: string
}

const names = Object.keys(rights) as Right[]
const rightsOf = (roles: readonly string[], scopes?: readonly Right[]): ReadonlySet<Right> =>
  new Set(
    names.filter((right) => {
      const holders: readonly string[] | string = rights[right]
      const holds = holders === 'signed-in' || (Array.isArray(holders) && roles.some((role) => holders.includes(role)))
      return holds && (scopes?.includes(right) ?? true)
    }),
  )
const NONE: ReadonlySet<Right> = new Set()

/** Everybody: people with keys and cookies, keys that may less, and whoever has something that is not good (any more). */
export async function gatherAskers(stage: Stage, provider: AProvider): Promise<Asker[]> {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  const keyOf = async (person: string, wish: object) =>
    (await read(MadeApiKey, stage.as(person).post('/v1/api-keys').send(wish).expect(201))).body
  const cookieOf = async (person: string) =>
    ((await stage.nobody.post('/v1/sign-in/seeded').send({ person }).expect(200)).headers['set-cookie'] as unknown as string[])[0]!.split(';')[0]! // prettier-ignore

  const expired = await keyOf('hannah', { name: 'an old one', days: 1 })
  const old = await cookieOf('hannah')
  stage.forward(25 * 60 * 60_000)
  const revoked = await keyOf('hannah', { name: 'a lost one' })
  await stage.as('hannah').delete(`/v1/api-keys/${revoked.key.id}`).expect(204)
  const left = await cookieOf('hannah')
  await stage.nobody.post('/v1/sign-out').set({ cookie: left, 'sec-fetch-site': 'same-origin' }).expect(204)
  const narrow = await keyOf('hannah', { name: 'a narrow one', scopes: ['plan.read', 'self.read'] })
  const cookie = await cookieOf('hannah')
  const key = stage.key('hannah')

  // Of the clock that the API goes by, which is a day on.
  const now = Math.floor(stage.world.now().getTime() / 1000)
  const tokens: Tokens = (subject, claims = {}, ...rest) =>
    provider.token(subject, { iat: now, exp: now + 6_000, ...claims }, ...rest)
  const forged = await forgedTokens(stage, provider, tokens, now)
  return [
    ...cast.map(({ id, roles }) => ({ name: id, headers: bearer(stage.key(id)), may: rightsOf(roles), person: id })),
    {
      name: 'hannah by cookie',
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
      may: rightsOf(['sre']),
      person: 'hannah',
    },
    ...[{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, {}].map((more, at) => ({
      ...{ name: `hannah from another site (${at})`, headers: { cookie, ...more } },
      ...{ may: rightsOf(['sre']), onlyReads: true as const, person: 'hannah' },
    })),
    {
      name: 'a narrow key',
      headers: bearer(narrow.secret!),
      may: rightsOf(['sre'], ['plan.read', 'self.read']),
      person: 'hannah',
    },
    { name: 'kim by token', headers: bearer(await tokens('kim')), may: rightsOf(['sre']), person: 'kim' },
    ...Object.entries({
      nobody: {},
      'a key whose time is over': bearer(expired.secret!),
      'a key that was taken back': bearer(revoked.secret!),
      'a key with one letter changed': bearer(key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A')),
      'a key and more': bearer(`${key} ${key}`),
      'a key in small letters': bearer(key.toLowerCase()),
      'a key of another scheme': { authorization: `Basic ${Buffer.from(`hannah:${key}`).toString('base64')}` },
      'a key as a cookie': { cookie: `fb_session=${key}` },
      'a cookie as a key': bearer(cookie.slice('fb_session='.length)),
      'a cookie whose time is over': { cookie: old, 'sec-fetch-site': 'same-origin' },
      'a cookie of somebody who left': { cookie: left, 'sec-fetch-site': 'same-origin' },
      'a hash of a cookie': { cookie: `fb_session=${'0'.repeat(64)}`, 'sec-fetch-site': 'same-origin' },
      'a bad key beside a good cookie': { ...bearer('fbk_none'), cookie, 'sec-fetch-site': 'same-origin' },
    }).map(([name, headers]) => ({ name, headers: headers, may: NONE })),
    ...Object.entries(forged).map(([name, token]) => ({ name: `token: ${name}`, headers: bearer(token), may: NONE })),
  ]
}

type Tokens = AProvider['token']

/** Makes kim known, as an SRE; then everything that looks like a token of theirs and is none. */
async function forgedTokens(stage: Stage, provider: AProvider, tokens: Tokens, now: number) {
  const left = await stage.nobody.get('/v1/sign-in').expect(302)
  const back = new URL(await provider.visit(left.headers['location']!, 'kim'))
  const leaving = (left.headers['set-cookie'] as unknown as string[]).map((line) => line.split(';')[0]).join('; ')
  await stage.nobody
    .get(back.pathname + back.search)
    .set({ cookie: leaving })
    .expect(200)
  const good = await tokens('kim')
  const { id } = (
    await read(
      Me,
      stage.nobody
        .get('/v1/me')
        .set({ authorization: `Bearer ${good}` })
        .expect(200),
    )
  ).body
  await stage.as('ada').post(`/v1/people/${id}/roles`).send({ role: 'sre', reason: 'new here' }).expect(201)

  const claims = { sub: 'kim', iss: provider.issuer, aud: AUDIENCE, iat: now, exp: now + 6_000 }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const [head, body, signature] = good.split('.') as [string, string, string]
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const by = (header: object, key = other) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one', ...header }).sign(key)
  const publicKey = createPublicKey(KeyObject.from(provider.key))
  const pem = await exportSPKI(publicKey)
  const hmac = (secret: string | Buffer, header: object = { alg: 'HS256', kid: 'one' }) => {
    const signed = `${part(header)}.${part(claims)}`
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
  }
  return {
    'of no algorithm': new UnsecuredJWT(claims).encode(),
    ...Object.fromEntries(['none', 'None', 'NONE', 'nOnE', ''].map((alg) => [`alg ${alg}`, `${part({ alg })}.${part(claims)}.`])), // prettier-ignore
    'no algorithm, and the old signature': `${part({ alg: 'none', kid: 'one' })}.${body}.${signature}`,
    'HS256 by the public key': hmac(pem),
    'HS256 by the public key without its lines': hmac(pem.replace(/-----.*?-----|\s/g, '')),
    'HS256 by the public key as DER': hmac(publicKey.export({ type: 'spki', format: 'der' })),
    'HS256 by the public key as JWK': hmac(JSON.stringify(publicKey.export({ format: 'jwk' }))),
    'HS256 by nothing': hmac(''),
    'HS256 by the secret of the client': hmac(CLIENT.secret),
    'a kid that is a path': hmac('', { alg: 'HS256', kid: '/dev/null' }),
    'a kid that is SQL': hmac('x', { alg: 'HS256', kid: "' union select 'x" }),
    'by another key': await by({}),
    'by the key that it brings': await by({ jwk: createPublicKey(other).export({ format: 'jwk' }) }),
    'by the key that lies elsewhere': await by({ jku: 'http://127.0.0.1:9/keys', x5u: 'http://127.0.0.1:9/x' }),
    'by a key that nobody knows': await by({ kid: 'two' }),
    'what must be understood': `${part({ alg: 'RS256', kid: 'one', crit: ['b64'], b64: false })}.${body}.${signature}`,
    'of zeros': `${part({ alg: 'ES256', kid: 'one' })}.${part(claims)}.${Buffer.alloc(64).toString('base64url')}`,
    'without its signature': `${head}.${body}.`,
    'of which half was exchanged': `${head}.${part({ ...claims, sub: 'ada' })}.${signature}`,
    over: await tokens('kim', { exp: now - 1 }),
    'not good yet': await tokens('kim', { nbf: now + 3_600 }),
    'without an end': await tokens('kim', { exp: undefined }),
    'without a subject': await tokens('kim', { sub: undefined }),
    'of a number': await tokens('kim', { sub: 7 }),
    'of a list': await tokens('kim', { sub: ['kim'] }),
    'of an object': await tokens('kim', { sub: { $ne: null } }),
    'for somebody else': await tokens('kim', {}, provider.issuer, 'https://elsewhere.example'),
    'that says who signed in': await tokens('kim', {}, provider.issuer, CLIENT.id),
    'of another provider': await tokens('kim', {}, 'https://evil.example'),
    'of somebody whom nobody knows': await tokens('mallory'),
    'by its name here': await tokens(id),
    'of five parts': `${good}.${body}.${signature}`,
    'of no JSON': `${Buffer.from('{').toString('base64url')}.${body}.${signature}`,
    long: `${head}.${'A'.repeat(5_900)}.${signature}`,
  }
}
