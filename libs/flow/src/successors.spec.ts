import {
  generateKey,
  KEY_TYPE,
  formatCheckpoint,
  formatNote,
  formatVkey,
  sha256,
  signNote,
  utf8,
} from '@firebreak/audit-log'
import { beforeEach, expect, test } from 'vitest'
import type { Actor } from './actor.js'
import { entry } from './audit.js'
import { Refused } from './refused.js'
import { noLimits } from './limits.js'
import { Scopes } from './scopes.js'
import { LogState, Successors, successionOf, successorState } from './successors.js'
import { FakeLedger } from './testing/fake-ledger.js'

const key = generateKey('log.example/1', sha256(utf8('TEST-ONLY one')), KEY_TYPE.log)
const ROOT = sha256(utf8('a root'))

class FakeLog extends LogState {
  vkeys = [formatVkey(key)]
  published = 5
  leaves = 7
  keys = async () => this.vkeys
  reach = async () => ({ published: this.published, leaves: this.leaves })
  rootAt = async () => ROOT
}

let ledger: FakeLedger
let log: FakeLog
let successors: Successors
let now: Date
let made: number

beforeEach(async () => {
  ledger = new FakeLedger()
  log = new FakeLog()
  now = new Date('2026-11-23T12:00:00Z')
  made = 0
  const newId = (prefix: string) => `${prefix}_${++made}`
  successors = new Successors({ ledger, now: () => now, newId, scopes: new Scopes([], []), limits: noLimits }, log)
  await ledger.write(async (books) => {
    await books.lock({ stream: ['person:all'] })
    for (const [id, since] of [
      ['theo', '2026-11-01T00:00:00.000Z'],
      ['ines', '2026-11-22T12:00:00.000Z'],
      ['viktor', '2026-11-22T12:00:00.001Z'],
    ] as const) {
      await books.roleGrants.add({ id: `rol_${id}`, person_id: id, role: 'security', since })
      books.audit.append(entry(person('api'), 'person:all', 'role.granted', `role_grant:rol_${id}`))
    }
  })
})

const person = (id: string): Actor => ({ kind: 'person', id, auth: 'session', roles: ['security'] })
const note = (size: number) => {
  const text = formatCheckpoint({ origin: key.name, size, root: ROOT })
  return formatNote({ text, signatures: [signNote(text, key)] })
}
const wish = (size = 9) => ({ checkpoint: note(size), new_origin: 'log.example/2', reason: 'gone', rotations: [] })
const code = (work: Promise<unknown>) => work.then(() => 'done', (error: unknown) => (error as Refused).code) // prettier-ignore
const say = async (by: Actor, id: string, decision: 'yes' | 'no' = 'yes') => {
  const request = (await ledger.read((books) => books.requests.get(id)))!
  const digest = ledger.log.find(({ about }) => about === `request:${id}`)!.detail!['digest'] as string
  expect(request.id).toBe(id)
  return code(successors.decide(by, id, { digest, decision, note: '' }))
}

test('a role of exactly a day votes; a younger one does not yet', async () => {
  const { id } = await successors.ask(person('theo'), wish())
  expect(await say(person('theo'), id)).toBe('own-plan')
  expect(await say(person('ines'), id)).toBe('done')
  expect(await say(person('viktor'), id)).toBe('role-too-young')
  now = new Date(now.getTime() + 1)
  expect(await say(person('viktor'), id)).toBe('done')
  expect(await say({ ...person('bot'), kind: 'service' }, id)).toBe('service-cannot-approve')
  expect(await say(person('hannah'), id)).toBe('not-your-role')
  const request = (await ledger.read((books) => books.requests.get(id)))!
  const votes = await ledger.read((books) => books.votes.where({ request_id: id }))
  expect(successorState(successionOf(request), votes, log.vkeys)).toBe('approved')
  expect(ledger.log.map(({ type }) => type).slice(3)).toEqual([
    'successor.requested',
    'successor.approved',
    'successor.approved',
  ])
})

test('one no ends it', async () => {
  const { id } = await successors.ask(person('theo'), wish())
  expect(await say(person('ines'), id, 'no')).toBe('done')
  now = new Date(now.getTime() + 86_400_000)
  expect(await say(person('viktor'), id)).toBe('already-decided')
})

test.each([
  [4, 'stale'],
  [5, 'done'],
  [7, 'done'],
  [500, 'done'],
])('with 5 published and 7 in their places, a checkpoint of %i: %s', async (size, expected) => {
  expect(await code(successors.ask(person('theo'), wish(size)))).toBe(expected)
})

test('what stands in its place here is compared', async () => {
  log.rootAt = async () => sha256(utf8('another'))
  expect(await code(successors.ask(person('theo'), wish(7)))).toBe('out-of-scope')
  expect(await code(successors.ask(person('theo'), wish(8)))).toBe('done')
})

test('a log that has not begun has nothing to succeed', async () => {
  log.vkeys = []
  expect(await code(successors.ask(person('theo'), wish()))).toBe('not-found')
})
