import { expect, test } from 'vitest'
import { createFirebreakClient, type Shape } from './index.js'

const plan = { id: 'pln_1', state: 'proposed' }

/** A server that answers always the same and remembers what it was asked. */
function answering(status: number, body: unknown) {
  const asked: Request[] = []
  const fetch = async (request: Request) => {
    asked.push(request)
    const type = status < 400 ? 'application/json' : 'application/problem+json'
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': type } })
  }
  return { asked, fetch: fetch as typeof globalThis.fetch }
}

test('asks where it was told to, with the key that it was given', async () => {
  const { asked, fetch } = answering(200, plan)
  const client = createFirebreakClient({ baseUrl: 'http://127.0.0.1:4600', key: 'fbk_x', fetch })
  const { data } = await client.GET('/v1/plans/{id}', { params: { path: { id: 'pln_1' } } })
  const state: Shape<'Plan'>['state'] | undefined = data?.state
  expect(state).toBe('proposed')
  expect(asked[0]!.url).toBe('http://127.0.0.1:4600/v1/plans/pln_1')
  expect(asked[0]!.headers.get('authorization')).toBe('Bearer fbk_x')
})

test('sends no key where there is none: the session is a cookie', async () => {
  const { asked, fetch } = answering(200, { items: [], next: null })
  await createFirebreakClient({ baseUrl: 'http://127.0.0.1:4600', fetch }).GET('/v1/incidents', {
    params: { query: { state: 'active' } },
  })
  expect(asked[0]!.url).toBe('http://127.0.0.1:4600/v1/incidents?state=active')
  expect(asked[0]!.headers.has('authorization')).toBe(false)
})

test('a refusal is a problem with its code, and wrong calls do not compile', async () => {
  const { fetch } = answering(409, { code: 'stale', status: 409, detail: 'Read it again.' })
  const client = createFirebreakClient({ baseUrl: 'http://127.0.0.1:4600', fetch })
  const { error } = await client.POST('/v1/plans/{id}/approvals', {
    params: { path: { id: 'pln_1' } },
    body: { digest: `sha256:${'0'.repeat(64)}`, decision: 'yes' },
  })
  expect(error?.code).toBe('stale')
  const params = { path: { id: 'pln_1' } }
  const maybe = { digest: '', decision: 'maybe' } as const
  // @ts-expect-error a decision is yes or no
  void client.POST('/v1/plans/{id}/approvals', { params, body: maybe })
  // @ts-expect-error there is no such route
  void client.GET('/v1/nothing')
})
