import { FakeLedger } from '@firebreak/flow/testing'
import { noLimits, Scopes } from '@firebreak/flow'
import { expect, test } from 'vitest'
import { Sessions } from './sessions.js'

let made = 0
const world = () => ({
  ledger: new FakeLedger(),
  now: () => new Date('2026-11-23T03:00:00Z'),
  newId: (prefix: string) => `${prefix}_${String(++made).padStart(4, '0')}`,
  scopes: new Scopes([], []),
  limits: noLimits,
})
const from = { id: 'req-00000001', ip: '192.0.2.7' }
const named = (subject: string) => ({ issuer: 'https://id.example', subject, name: subject })

test('whom the configuration names becomes the first administrator, and the log says so', async () => {
  const ground = world()
  const sessions = new Sessions(ground, 'ann')
  expect((await sessions.openKnown(named('bob'), from)).caller.roles).toEqual([])
  expect((await sessions.openKnown(named('ann'), from)).caller.roles).toEqual(['admin'])
  expect((await sessions.openKnown(named('ann'), from)).caller.roles).toEqual(['admin'])
  expect(ground.ledger.log.filter(({ type }) => type === 'role.granted')).toHaveLength(1)
})

test('while there is one, being named gives nothing', async () => {
  const ground = world()
  await new Sessions(ground, 'ann').openKnown(named('ann'), from)
  expect((await new Sessions(ground, 'bob').openKnown(named('bob'), from)).caller.roles).toEqual([])
})

test('the same name at another provider is somebody else', async () => {
  const sessions = new Sessions(world())
  const { caller: one } = await sessions.openKnown(named('ann'), from)
  const { caller: other } = await sessions.openKnown({ ...named('ann'), issuer: 'https://other.example' }, from)
  expect(other.id).not.toBe(one.id)
})

test('a name with control characters keeps nobody out', async () => {
  const { caller } = await new Sessions(world()).openKnown(
    { ...named('ann'), name: `A\u0000nn${'x'.repeat(500)}` },
    from,
  )
  expect(caller.name).toHaveLength(200)
})
