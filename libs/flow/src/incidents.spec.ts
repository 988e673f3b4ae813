import type { Role } from '@firebreak/kit'
import { describe, expect, test } from 'vitest'
import { processActor } from './actor.js'
import { entry } from './audit.js'
import { Incidents, whyNotReopen, type IncidentChange } from './incidents.js'
import type { Refused } from './refused.js'
import { Reopening } from './reopening.js'
import type { Incident } from './rows.js'
import { FakeDoorbell, hannah } from './testing/rehearse.js'
import { addReplicas, scalingHouse } from './testing/scaling-house.js'

const HOLDERS: readonly Role[] = ['sre', 'ml', 'security']
const api = processActor('api')
const codeOf = (work: Promise<unknown>) => work.then(() => 'done', (error: unknown) => (error as Refused).code) // prettier-ignore

/** An incident of half an hour ago, and people: Hannah and Sam are SREs, Audrey audits, Alf was an SRE. */
async function room(incident: Partial<Incident> = {}) {
  const { house } = scalingHouse()
  const { world, ledger } = house
  const now = () => world.now().toISOString()
  const row: Incident = {
    ...{ id: 'inc_1', state: 'open', version: 1, class: 'high-api-latency', severity: 'SEV2', owner: null },
    ...{
      title: 'It is slow',
      service: 'api',
      environment: 'prod',
      group_key: 'g',
      opened_at: now(),
      resolved_at: null,
    },
    ...incident,
  }
  const told = (about: string) => entry(api, about, 'incident.opened', about, { outcome: 'ok', detail: {} })
  await ledger.write(async (books) => {
    const people = ['hannah', 'sam', 'audrey', 'alf', 'grafana']
    await books.lock({ stream: ['incident:inc_1', 'incident:inc_2', ...people.map((id) => `person:${id}`)] })
    // As a record has come to be: it begins open, and passes from state to state.
    await books.incidents.add({ ...row, state: 'open' })
    for (const state of row.state === 'closed'
      ? (['resolved', 'closed'] as const)
      : row.state === 'open'
        ? []
        : [row.state])
      // prettier-ignore
      await books.incidents.change('inc_1', { state })
    books.audit.append(told('incident:inc_1'))
    const roles = { hannah: 'sre', sam: 'sre', audrey: 'auditor', alf: 'sre', grafana: 'sre' } as const
    for (const [id, role] of Object.entries(roles)) {
      const [stream, grant] = [`person:${id}`, `rol_${id}`]
      if (!(await books.people.get(id)))
        await books.people.add({ id, kind: id === 'grafana' ? 'service' : 'person', name: id } as never)
      books.audit.append(entry(api, stream, 'person.added', stream))
      const revoked =
        id === 'alf' ? { revoked_at: now(), revoked_by: 'hannah' } : { revoked_at: null, revoked_by: null }
      await books.roleGrants.add({ id: grant, person_id: id, role, since: now(), by: null, ...revoked })
      books.audit.append(entry(api, stream, 'role.granted', `role_grant:${grant}`))
    }
  })
  const incidents = new Incidents(world)
  const doorbell = new FakeDoorbell()
  const rules = { suggestionsFor: () => [addReplicas], resolveWindowMinutes: 30 }
  const reopening = new Reopening(world, rules, doorbell)
  const reopen = (reason: string, versions?: number[]) => reopening.reopen(hannah, 'inc_1', reason, versions)
  const log = () => ledger.log.slice(-1)[0]!
  const change = (wish: IncidentChange, versions?: number[]) =>
    incidents.change(hannah, 'inc_1', wish, HOLDERS, versions)
  const count = () => ledger.log.length
  return { house, incidents, change, reopen, doorbell, log, count, told }
}

describe('an owner', () => {
  test('is whoever takes an open one: that is acknowledging it', async () => {
    const { change, log } = await room()
    expect(await change({ owner: 'hannah' })).toMatchObject({ state: 'acknowledged', owner: 'hannah', version: 2 })
    expect(log()).toMatchObject({ type: 'incident.acknowledged', actor: { id: 'hannah' } })
  })

  test('is somebody else, too; whom it was given to has not said yet that they have it', async () => {
    const { change, log, incidents } = await room()
    expect(await change({ owner: 'sam' })).toMatchObject({ state: 'open', owner: 'sam', version: 2 })
    expect(log()).toMatchObject({ type: 'incident.changed', detail: { owner: 'sam', version: 2 } })
    const sam = { ...hannah, id: 'sam' }
    expect(await incidents.acknowledge(sam, 'inc_1')).toMatchObject({ state: 'acknowledged', owner: 'sam' })
    // Over from one to the other: it stays acknowledged.
    expect(await change({ owner: 'hannah' })).toMatchObject({ state: 'acknowledged', owner: 'hannah' })
  })

  test('who is it already is not told of again', async () => {
    const { change, count } = await room({ state: 'acknowledged', owner: 'sam' })
    const before = count()
    expect(await change({ owner: 'sam' })).toMatchObject({ version: 1 })
    expect(count()).toBe(before)
  })

  test.each([
    ['audrey', 'out-of-range'],
    ['alf', 'out-of-range'],
    ['grafana', 'out-of-range'],
    ['nobody-there', 'out-of-range'],
  ])('is never %s', async (owner, code) => {
    const { change } = await room()
    expect(await codeOf(change({ owner }))).toBe(code)
  })

  test.each(['resolved', 'closed'] as const)('does not change when it is %s', async (state) => {
    const { change } = await room({ state, owner: 'sam' })
    expect(await codeOf(change({ owner: 'hannah' }))).toBe('superseded')
  })
})

describe('a severity', () => {
  test('is corrected with a reason, also when it is resolved', async () => {
    const { change, log } = await room({ state: 'resolved' })
    expect(await codeOf(change({ severity: 'SEV1' }))).toBe('malformed')
    expect(await change({ severity: 'SEV1', reason: 'customers saw it' })).toMatchObject({ severity: 'SEV1' })
    expect(log()).toMatchObject({
      type: 'incident.changed',
      reason: 'customers saw it',
      detail: { severity: 'SEV1', version: 2 },
    })
  })

  test('of a closed one stays', async () => {
    const { change } = await room({ state: 'closed' })
    expect(await codeOf(change({ severity: 'SEV1', reason: 'x' }))).toBe('superseded')
  })

  test('that somebody else was quicker about is refused', async () => {
    const { change } = await room({ version: 4 })
    expect(await codeOf(change({ severity: 'SEV1', reason: 'x' }, [3]))).toBe('precondition')
    expect(await change({ severity: 'SEV1', reason: 'x' }, [4])).toMatchObject({ version: 5 })
  })

  test('and an owner are refused together, or done together', async () => {
    const { change, house } = await room()
    expect(await codeOf(change({ owner: 'sam', severity: 'SEV1' }))).toBe('malformed')
    expect(await house.ledger.read((books) => books.incidents.get('inc_1'))).toMatchObject({ owner: null, version: 1 })
    expect(await change({ owner: 'sam', severity: 'SEV1', reason: 'x' })).toMatchObject({ owner: 'sam', version: 3 })
  })
})

describe('a resolved one', () => {
  test('is opened again within the window, with its owner, and a plan is asked for by the house', async () => {
    const { incidents, reopen, house, doorbell } = await room({ state: 'acknowledged', owner: 'sam' })
    await incidents.resolve(hannah, 'inc_1', 'it is fast')
    house.clock.forward(29 * 60_000)
    expect(await codeOf(reopen('x', [1]))).toBe('precondition')
    expect(await reopen('it is slow again')).toMatchObject({ state: 'open', owner: 'sam', resolved_at: null })
    expect(house.ledger.log.filter(({ type }) => type === 'incident.reopened')).toMatchObject([
      { reason: 'it is slow again', actor: { id: 'hannah' } },
    ])
    const asked = await house.ledger.read((books) => books.requests.where({ kind: 'plan', incident_id: 'inc_1' }))
    expect(asked).toMatchObject([{ subject: 'add-replicas', by: 'api' }])
    expect(doorbell.rings).toEqual([{ queue: 'plan', id: asked[0]!.id }])

    // Open, it is not opened; and while that plan is open, none is asked for.
    expect(await codeOf(reopen('again'))).toBe('superseded')
    await incidents.resolve(hannah, 'inc_1', 'it is fast')
    await reopen('once more')
    expect(doorbell.rings).toHaveLength(1)
  })

  test('is not, when the window is over, and is told what to do instead', async () => {
    const { incidents, reopen, house } = await room()
    await incidents.resolve(hannah, 'inc_1', 'it is fast')
    house.clock.forward(30 * 60_000)
    await expect(reopen('x')).rejects.toThrow('its next alert opens another incident')
  })

  test('is not, while the same problem has another', async () => {
    const { incidents, reopen, house, told } = await room()
    await incidents.resolve(hannah, 'inc_1', 'it is fast')
    await house.ledger.write(async (books) => {
      await books.lock({ stream: ['incident:inc_2'] })
      const first = (await books.incidents.get('inc_1'))!
      await books.incidents.add({ ...first, id: 'inc_2', state: 'open', resolved_at: null })
      books.audit.append(told('incident:inc_2'))
    })
    await expect(reopen('x')).rejects.toThrow('work on inc_2')
  })
})

test('a screen says of each state why it is not opened again', () => {
  const now = new Date('2026-11-23T03:30:00Z')
  const why = (state: Incident['state'], resolved_at: string | null = null) =>
    whyNotReopen({ state, resolved_at }, 30, now)?.reason
  expect(why('open')).toContain('nothing to open again')
  expect(why('closed', '2026-11-23T03:20:00Z')).toContain('closed for good')
  expect(why('resolved', '2026-11-23T02:59:00Z')).toContain('more than 30 min ago')
  expect(why('resolved', '2026-11-23T03:20:00Z')).toBeUndefined()
})
