import type { Role } from '@firebreak/kit'
import { beforeEach, expect, test } from 'vitest'
import { processActor, type Actor } from './actor.js'
import { entry } from './audit.js'
import type { Refused } from './refused.js'
import { grantsOf, Roles } from './roles.js'
import { noLimits } from './limits.js'
import { Scopes } from './scopes.js'
import { FakeLedger } from './testing/fake-ledger.js'

const NOW = '2026-11-23T12:00:00.000Z'
let ledger: FakeLedger
let roles: Roles

const person = (id: string): Actor => ({ kind: 'person', id, auth: 'session', roles: ['admin'] })
const [ada, abel] = [person('ada'), person('abel')]
const rolesOf = async (id: string) => (await ledger.read((books) => grantsOf(books, id))).map(({ role }) => role)
const code = (work: Promise<unknown>) => work.then(() => 'done', (error: unknown) => (error as Refused).code) // prettier-ignore
const told = () => ledger.log.map(({ type, actor, about }) => `${actor.id} ${type} ${about}`)

beforeEach(async () => {
  let made = 0
  ledger = new FakeLedger()
  const newId = (prefix: string) => `${prefix}_${++made}`
  roles = new Roles({ ledger, now: () => new Date(NOW), newId, scopes: new Scopes([], []), limits: noLimits })
  await ledger.write(async (books) => {
    await books.lock({ stream: ['person:all'] })
    for (const [id, kind, role] of [
      ['ada', 'person', 'admin'],
      ['hannah', 'person', undefined],
      ['abel', 'person', undefined],
      ['robot', 'service', undefined],
    ] as const) {
      await books.people.add({ id, kind, name: id })
      books.audit.append(entry(processActor('api'), 'person:all', 'person.added', `person:${id}`))
      if (!role) continue
      await books.roleGrants.add({ id: `rol_${id}`, person_id: id, role, since: '2026-11-01T00:00:00.000Z' })
      books.audit.append(entry(processActor('api'), 'person:all', 'role.granted', `role_grant:rol_${id}`))
    }
  })
  ledger.log = []
})

test('an administrator gives a role, from now on, and the log says who gave it and why', async () => {
  await roles.grant(ada, 'hannah', 'sre', 'on call from Monday')
  const [grant] = await ledger.read((books) => grantsOf(books, 'hannah'))
  expect(grant).toMatchObject({ role: 'sre', since: NOW, by: 'ada' })
  expect(ledger.log).toMatchObject([
    { stream: 'person:hannah', type: 'role.granted', actor: { id: 'ada' }, reason: 'on call from Monday' },
  ])
})

test('given twice it is one role, as old as it was', async () => {
  await roles.grant(ada, 'hannah', 'sre', 'x')
  await roles.grant(ada, 'hannah', 'sre', 'y')
  expect(await rolesOf('hannah')).toEqual(['sre'])
  expect(told()).toHaveLength(1)
})

test.each<[string, string, Exclude<Role, 'service'>, string]>([
  ['themselves', 'ada', 'sre', 'own-plan'],
  ['a service', 'robot', 'sre', 'out-of-range'],
  ['nobody that is there', 'ghost', 'sre', 'not-found'],
])('nobody gives a role to %s', async (_, id, role, refusal) => {
  expect(await code(roles.grant(ada, id, role, 'x'))).toBe(refusal)
  expect(ledger.log).toEqual([])
})

test('taken back it is gone at once, twice is once, and given again it is young', async () => {
  await roles.grant(ada, 'hannah', 'sre', 'x')
  await roles.revoke(ada, 'hannah', 'sre', 'moved on')
  await roles.revoke(ada, 'hannah', 'sre', 'moved on')
  expect(await rolesOf('hannah')).toEqual([])
  await roles.grant(ada, 'hannah', 'sre', 'back')
  expect(await rolesOf('hannah')).toEqual(['sre'])
  expect(told()).toEqual([
    'ada role.granted role_grant:rol_1',
    'ada role.revoked role_grant:rol_1',
    'ada role.granted role_grant:rol_2',
  ])
})

test('the last administrator stays; of two who take each other’s role, the second is none any more', async () => {
  expect(await code(roles.revoke(ada, 'ada', 'admin', 'enough'))).toBe('out-of-range')
  await roles.grant(ada, 'abel', 'admin', 'deputy')
  expect(
    await Promise.all([code(roles.revoke(ada, 'abel', 'admin', 'no')), code(roles.revoke(abel, 'ada', 'admin', 'no'))]),
  ).toEqual(['done', 'not-your-role'])
  expect([await rolesOf('ada'), await rolesOf('abel')]).toEqual([['admin'], []])
})

test('who was an administrator gives nothing any more, whatever their request said at the door', async () => {
  expect(await code(roles.grant(abel, 'hannah', 'admin', 'x'))).toBe('not-your-role')
  expect(await code(roles.addService(abel, { name: 'x' }))).toBe('not-your-role')
})

test('a service is added with its own role, once by the name that the provider has for it', async () => {
  const identity = { issuer: 'https://id.example', subject: 'ci' }
  const id = await roles.addService(ada, { name: 'CI', identity })
  expect(await rolesOf(id)).toEqual(['service'])
  expect(await code(roles.addService(ada, { name: 'CI again', identity }))).toBe('already-decided')
  expect(await code(roles.grant(ada, id, 'sre', 'x'))).toBe('out-of-range')
})
