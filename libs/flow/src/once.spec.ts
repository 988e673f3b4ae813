import { beforeEach, expect, test } from 'vitest'
import { Freezes } from './freezes.js'
import { Once, OnceLedger } from './once.js'
import { noLimits } from './limits.js'
import { Scopes } from './scopes.js'
import { FakeLedger } from './testing/fake-ledger.js'

const hannah = { kind: 'person', id: 'hannah', auth: 'session', roles: ['security'] } as const
const KEY = 'a'.repeat(64)
const ASKED = 'b'.repeat(64)
const at = new Date('2026-11-23T03:07:00.000Z')

let record: FakeLedger
let made: number
beforeEach(() => {
  record = new FakeLedger()
  made = 0
})

/** One call: declares a freeze under a key, in a process of its own. */
async function call(digest = ASKED) {
  const once = new Once(KEY, digest, await record.read((books) => books.idempotency.get(KEY)))
  const ledger = new OnceLedger(
    record,
    () => at,
    () => once,
  )
  const newId = (prefix: string) => once.newId(() => `${prefix}_${++made}`)
  const freezes = new Freezes({ ledger, now: () => at, newId, scopes: new Scopes([], []), limits: noLimits })
  return freezes.declare(hannah, { scopes: ['deployment:prod/api'], reason: 'a break-in' })
}
const declared = () => record.log.filter(({ type }) => type === 'freeze.declared').length

test('a call that died before its answer is gone through again, and does nothing twice', async () => {
  const first = await call()
  expect(await call()).toEqual(first)
  expect(declared()).toBe(1)
})

test('another request under the key is refused', async () => {
  await call()
  await expect(call('c'.repeat(64))).rejects.toMatchObject({ code: 'key-reused' })
})

test('of two calls at once one does it, and the other is told to come again', async () => {
  const ends = await Promise.allSettled([call(), call()])
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'in-progress' } })
  expect(declared()).toBe(1)
})

test('what was refused or failed has used nothing up', async () => {
  record.beforeCommit = () => {
    throw new Error('the record is away')
  }
  await expect(call()).rejects.toThrow('the record is away')
  record.beforeCommit = () => undefined
  await call()
  expect(declared()).toBe(1)
})

test('it is kept for a day', async () => {
  await call()
  expect(await record.read((books) => books.idempotency.get(KEY))).toMatchObject({
    at: '2026-11-23T03:07:00.000Z',
    expires_at: '2026-11-24T03:07:00.000Z',
    ids: ['frz_1'],
    answer: null,
  })
})
