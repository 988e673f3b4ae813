import { testLog } from '@firebreak/audit-store/testing'
import { Dice } from '@firebreak/dev'
import { appendFileSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../src/config.js'
import { MadeApiKey } from '../src/people/api-keys.schema.js'
import { BreakGlassView } from '../src/break-glass/break-glass.schema.js'
import { FreezeView } from '../src/freezes/freezes.schema.js'
import { PlanPage, PlanView } from '../src/plans/plans.schema.js'
import { RecipeView } from '../src/recipes/recipes.schema.js'
import { AProvider, AUDIENCE, CLIENT } from './a-provider.js'
import { gatherAskers, type Asker } from './fuzz/askers.js'
import { Requests, routesIn, VICTIMS, type Description, type Request } from './fuzz/requests.js'
import { Sender } from './fuzz/sending.js'
import { faultsOf, type Canary } from './fuzz/verdict.js'
import { read, slowApi, Stage } from './stage.js'

const SEED = Number(process.env['FIREBREAK_SEED'] ?? 20261126)
const COUNT = Number(process.env['FIREBREAK_FUZZ'] ?? 1_500)
const REPORT = process.env['FIREBREAK_FUZZ_REPORT']
const AT_ONCE = 12

const description = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')) as Description
const routes = routesIn(description)

let provider: AProvider
let stage: Stage
let sender: Sender
let askers: Asker[]
let known: string[]
const canaries: Canary[] = []
const digests = new Map<string, string>()
/** Plans that are there to be decided. */
const OPEN = 24

beforeAll(async () => {
  // Nobody is sent back by a browser here, but for the one whom the tokens are about.
  const callback = 'http://127.0.0.1:4600'
  provider = await AProvider.open(`${callback}/v1/sign-in/callback`)
  const { oidc } = readConfig({
    ...{ DATABASE_URL: 'postgres://none', REDIS_URL: 'redis://none', FIREBREAK_URL: callback },
    ...{ FIREBREAK_OIDC_ISSUER: provider.issuer, FIREBREAK_OIDC_CLIENT_ID: CLIENT.id },
    ...{ FIREBREAK_OIDC_CLIENT_SECRET: CLIENT.secret, FIREBREAK_OIDC_AUDIENCE: AUDIENCE },
  })
  stage = await Stage.set({ config: { oidc, rate: 0 } })
  sender = new Sender(new URL(stage.url))
  askers = (await gatherAskers(stage, provider)).filter(({ name }) => !VICTIMS.some((victim) => victim === name))
  known = await furnish()
}, 120_000)
afterAll(async () => {
  sender.close()
  await provider.close()
  await stage.strike()
})

/** An incident with a plan that was run, a freeze, keys with names that nobody else may read; and their ids. */
async function furnish(): Promise<string[]> {
  const worker = await stage.worker()
  await stage.alert(slowApi()).expect(202)
  const plan = (await read(PlanPage, stage.as('hannah').get('/v1/plans').expect(200))).body.items[0]!
  await worker.planner.make(plan.id)
  const { body } = await read(PlanView, stage.as('hannah').get(`/v1/plans/${plan.id}`).expect(200))
  // Some that are open: what they saw is slow, and a run of theirs begins only if somebody here says yes. Many, for in the
  // end somebody takes each of them back.
  const open: { id: string; digest: string }[] = []
  const wish = { recipe: 'scale-api', labels: { service: 'api' }, reason: 'to be decided' }
  for (let nth = 0; nth < OPEN; nth++) {
    const { id } = (await read(PlanView, stage.as('sam').post('/v1/plans').send(wish).expect(202))).body
    await worker.planner.make(id)
    const made = await read(PlanView, stage.as('hannah').get(`/v1/plans/${id}`).expect(200))
    open.push({ id, digest: made.body.digest! })
  }
  const yes = { digest: body.digest, decision: 'yes' }
  await stage.as('hannah').post(`/v1/plans/${plan.id}/approvals`).send(yes).expect(200)
  await worker.runner.carryOut(plan.id)
  await stage.alert(slowApi({ fingerprint: 'another', labels: { service: 'other' } })).expect(202)
  const frozen = { scopes: ['pipeline:ingest'], reason: 'a break-in' }
  const freeze = (await read(FreezeView, stage.as('theo').post('/v1/freezes').send(frozen).expect(201))).body.id
  for (const { id, digest } of open.slice(0, OPEN / 2)) {
    const glass = { plan: id, digest, over: { freeze }, reason: 'it is what stops it' }
    const pass = await read(BreakGlassView, stage.as('theo').post('/v1/break-glass').send(glass).expect(201))
    digests.set(pass.body.id, digest)
  }
  for (const { id, digest } of open) digests.set(id, digest)
  await stage.as('audrey').post('/v1/audit/exports').send({}).expect(202)
  const [soon, later] = [1, 2].map((days) => new Date(stage.world.now().getTime() + days * 86_400_000).toISOString())
  const window = { scopes: ['queue:batch'], reason: 'a release', starts_at: soon, ends_at: later }
  await stage.as('sam').post('/v1/quiet-windows').send(window).expect(201)
  const recipe = (await read(RecipeView, stage.as('hannah').get('/v1/recipes/scale-api').expect(200))).body
  const graduation = { digest: recipe.digest, to: 'auto', reason: 'it was right' }
  await stage.as('hannah').post('/v1/recipes/scale-api/graduations').send(graduation).expect(201)
  await stage
    .as('hannah')
    .post('/v1/standing-approvals')
    .send({
      ...{
        recipe: 'scale-api',
        digest: recipe.digest,
        targets: ['deployment:prod/api'],
        expires_at: later,
        reason: 'x',
      },
      bounds: { steps: 1, runs: { most: 1, minutes: 60 }, after: { replicas: { at_least: 2, at_most: 8 } } },
    })
    .expect(201)
  await stage.queryAs(
    'fb_worker',
    `insert into flow.observation (id, value, at) values ('deployment:prod/api', '{"replicas":2}', $1)`,
    [stage.world.now().toISOString()],
  )
  await testLog().sequenceAll(stage.database.url('fb_sequencer'))

  for (const person of ['hannah', 'mira', 'theo', 'ines', 'audrey']) {
    const name = `canary-of-${person}-${new Dice(SEED).between(1, 1e9)}`
    const made = await read(MadeApiKey, stage.as(person).post('/v1/api-keys').send({ name }).expect(201))
    canaries.push({ text: name, of: person }, { text: made.body.secret!, of: undefined })
  }
  canaries.push({ text: CLIENT.secret, of: undefined }, { text: new URL(stage.database.url('fb_api')).password || 'fb_api:', of: undefined }) // prettier-ignore
  for (const { headers } of askers) {
    const secret = headers['authorization']?.split(' ')[1] ?? headers['cookie']?.split('=')[1]
    if (secret !== undefined && secret.length > 30) canaries.push({ text: secret, of: undefined })
  }
  const hashes = await stage.queryAs<{ hash: string; session: boolean }>(
    'fb_api',
    'select hash, false as session from flow.api_key union select id, true from flow.session',
  )
  canaries.push(...hashes.map(({ hash, session }) => ({ text: hash, of: undefined, inTheLog: session })))

  const ids: string[] = []
  const tables = [
    'incident',
    'plan',
    'run',
    'loan',
    'freeze',
    'alert',
    'quiet_window',
    'standing_approval',
    'break_glass',
  ]
  for (const table of tables)
    ids.push(...(await stage.query<{ id: string }>(`select id from flow."${table}" limit 12`)).map(({ id }) => id))
  const keys = await stage.queryAs<{ id: string }>('fb_api', `select id from flow.api_key where name like 'canary-%'`)
  const asked = await stage.query<{ id: string }>(`select id from flow.request where kind = 'export' limit 3`)
  return [
    ...ids,
    ...asked.map(({ id }) => id),
    ...['service:api', 'high-api-latency', 'queue:batch', recipe.digest, open[0]!.digest],
    ...keys.map(({ id }) => id),
    ...['hannah', 'mira', 'scale-api', 'deployment:prod/api', 'pipeline:ingest', body.digest!, 'P1', '1', '0'],
    ...['inc_00000000-0000-7000-8000-000000000000', 'because it was slow', 'Bearer', '*'],
  ]
}

interface Bad {
  fault: string
  request: Request
  status: number
  text: string
}

test(`${COUNT} requests, seed ${SEED}: each is answered as it must be`, { timeout: 60_000 + COUNT * 60 }, async () => {
  const requests = new Requests(description, askers, known, new Dice(SEED), digests)
  const bad: Bad[] = []
  const statuses: Record<string, number> = {}
  const met = new Map<string, number>()
  let sent = 0
  const one = async () => {
    while (sent < COUNT && bad.length < 200) {
      sent++
      const request = requests.next()
      const answer = await sender.send(request).catch((error: NodeJS.ErrnoException) => {
        // A server that has said no need not read the rest; one that says nothing and goes is another thing.
        if (error.code === 'EPIPE' || error.code === 'ERR_INVALID_CHAR' || error.code === 'ERR_UNESCAPED_CHARACTERS')
          return undefined
        // What is no request has no method, so the refusal of a HEAD that is none has a body.
        if (request.method === 'HEAD' && error.code?.startsWith('HPE_')) return undefined
        bad.push({ fault: `no answer: ${error.message}`, request, status: 0, text: '' })
        return undefined
      })
      const status = answer?.status ?? 0
      statuses[status] = (statuses[status] ?? 0) + 1
      if (!answer) continue
      const name = `${request.route.method} ${request.route.path}`
      if (status < 400) met.set(name, (met.get(name) ?? 0) + 1)
      // Their own keys are read by whoever looks after keys.
      const keys = request.asker.may.has('key.manage') ? canaries.filter(({ of }) => of === undefined) : canaries
      // The log names a session by its hash, which signs nobody in: "a hash of a cookie" is one of the askers.
      const log = request.route.path === '/v1/audit/entries'
      const allowed = keys.filter(({ inTheLog }) => !(log && inTheLog))
      for (const fault of faultsOf(request, answer, routes, allowed))
        bad.push({ fault, request, status, text: answer.text.slice(0, 500) })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
  if (REPORT)
    appendFileSync(REPORT, `${JSON.stringify({ sent, statuses, met: met.size, of: routes.length, bad: bad.length })}\n`)
  expect(bad.map(told).slice(0, 20)).toEqual([])
  // It came in, too: requests that all stop at the door find nothing.
  expect(statuses[200] ?? 0).toBeGreaterThan(COUNT / 20)
  expect(met.size).toBeGreaterThan(routes.length * (COUNT < 20_000 ? 0.7 : 0.8))
})

const told = ({ fault, request: { asker, bytes, headers, method, url }, status, text }: Bad): string =>
  `${fault} | ${asker.name}: ${method} ${url.slice(0, 200)} ${JSON.stringify({ ...headers, authorization: undefined, cookie: undefined }).slice(0, 300)} ${bytes?.toString('latin1').slice(0, 200) ?? ''} → ${status} ${text}`

test.each([
  ['no HTTP', 'hello\r\n\r\n'],
  ['TLS', Buffer.from('16030100c8010000c40303', 'hex')],
  ['a version of the future', 'GET /v1/me HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n'],
  ['no host', 'GET /v1/me HTTP/1.1\r\n\r\n'],
  ['two hosts', 'GET /v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n'],
  ['two lengths', 'POST /v1/plans HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'],
  [
    'a length and chunks',
    'POST /v1/plans HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/me HTTP/1.1\r\n\r\n',
  ],
  [
    'chunks that are none',
    'POST /v1/plans HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n\r\n',
  ],
  ['a header with NUL', 'GET /v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: a\0b\r\n\r\n'],
  ['a folded header', 'GET /v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: a\r\n b\r\n\r\n'],
  ['a long header', `GET /v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ${'a'.repeat(40_000)}\r\n\r\n`],
  ['many headers', `GET /v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\n${'A: b\r\n'.repeat(5_000)}\r\n`],
  ['a long path', `GET /${'a'.repeat(40_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`],
  ['a path of bytes', Buffer.from('GET /v1/\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n', 'latin1')],
  ['another protocol', 'GET /v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
  ['a tunnel', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
])('what is no request of ours (%s) is refused in words, or not at all', async (_, bytes) => {
  const text = await sender.raw(bytes)
  if (text === '') return
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? []
  expect(Number(status)).toBeGreaterThanOrEqual(400)
  expect(Number(status)).toBeLessThan(500)
  expect(text).toMatch(/content-type: application\/problem\+json/i)
  expect(text).toMatch(/"code":"(malformed|too-large|not-found|not-signed-in)"/)
})

test('what judges them sees each fault', () => {
  const asker: Asker = { name: 'mallory', headers: {}, may: new Set(), person: 'mallory' }
  const ok = { 'x-request-id': 'r', 'x-content-type-options': 'nosniff', 'content-security-policy': 'none' }
  const judge = (change: { status?: number; headers?: Record<string, string>; text?: string; url?: string }) =>
    faultsOf(
      { asker, method: 'GET', url: change.url ?? '/v1/health' },
      { status: change.status ?? 200, headers: change.headers ?? ok, text: change.text ?? '{}' },
      routes,
      [{ text: 'tweet', of: 'hannah' }],
    )
  expect(judge({})).toEqual([])
  expect(judge({ status: 500 })).toContain('500 ')
  expect(judge({ text: 'Error\n    at run (/x/y.ts:1:2)' })).toContain('shows its inside')
  expect(judge({ text: '{"a":"tweet"}' })).toEqual(['has what is hannah’s'])
  expect(judge({ headers: {} })).toEqual(['bears no request id', 'bears no security headers'])
  expect(judge({ status: 400 })).toEqual(['is no problem+json'])
  expect(judge({ url: '/v1/plans' })).toEqual(['gives plan.read to mallory'])
  expect(judge({ url: '/v1/nothing' })).toEqual(['answers where there is nothing'])
})

test('nothing unforeseen happened, nothing was poisoned, and it is well', async () => {
  expect(stage.said).toEqual([])
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  await stage.nobody.get('/v1/health').expect(200)
  await stage.as('hannah').get('/v1/me').expect(200)
})
