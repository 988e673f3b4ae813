import { digest, entry, processActor, time, type PlanBody } from '@firebreak/flow'
import type { JsonObject } from '@firebreak/kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newSecret, sha256 } from '../src/people/callers.js'
import { PlanPage, PlanView } from '../src/plans/plans.schema.js'
import { read, slowApi, Stage } from './stage.js'

const CROWD = 99
const QUORUM = 2

let stage: Stage
let worker: Awaited<ReturnType<Stage['worker']>>
/** Everybody's key by id; the first of them asked for the plan. */
const keys = new Map<string, string>()

beforeAll(async () => {
  stage = await Stage.set()
  worker = await stage.worker()
  await stage.alert(slowApi()).expect(202)
  for (let n = 0; n <= CROWD; n++) await addPerson(`sre-${n}`)
})
afterAll(() => stage.strike())

test.each(['T2', 'T3'] as const)(
  'two hundred approvals of one %s plan at once count once a person, and never for who asked',
  async (tier) => {
    const plan = await aPlan(tier)
    const { to_type } = (await read(PlanView, stage.as('hannah').get(`/v1/plans/${plan.id}`).expect(200))).body
    // Everybody twice at the same moment, and the one who asked among them.
    const answers = await Promise.all(
      [...keys, ...keys].map(async ([person, key]) => ({ person, ...(await decide({ ...plan, to_type }, key)) })),
    )
    expect(answers).toHaveLength(2 * (CROWD + 1))
    for (const { person, status, code } of answers)
      expect({ person, status, code }).toEqual(
        person === 'sre-0' ? { person, status: 403, code: 'own-plan' } : { person, status: 200, code: undefined },
      )

    const approvals = await stage.query<{ by: string }>('select "by" from flow.approval where plan_id = $1', [plan.id])
    expect(approvals.map(({ by }) => by).sort()).toEqual([...keys.keys()].filter((id) => id !== 'sre-0').sort())
    const entries = await stage.query(`select from audit.entry where stream_id = $1 and type = 'approval.given'`, [
      `plan:${plan.id}`,
    ])
    expect(entries).toHaveLength(CROWD)
    const { body } = await read(PlanView, stage.as('hannah').get(`/v1/plans/${plan.id}`).expect(200))
    expect(body).toMatchObject({ state: 'approved', quorum: { needed: QUORUM, given: CROWD } })
  },
)

/** A yes. Whoever is told that the record is too busy (503, Retry-After) asks again, as clients do: twice is once. */
async function decide({ id, digest, to_type }: { id: string; digest: string; to_type: string | null }, key: string) {
  for (;;) {
    const answer = await stage.nobody
      .post(`/v1/plans/${id}/approvals`)
      .set({ authorization: `Bearer ${key}` })
      .send({ digest, decision: 'yes', ...(to_type === null ? {} : { typed: to_type }) })
    if (answer.status !== 503) return { status: answer.status, code: (answer.body as { code?: string }).code }
  }
}

/** What the planner made for the alert, as a plan of this tier that `sre-0` asked for. */
async function aPlan(tier: 'T2' | 'T3'): Promise<{ id: string; digest: string }> {
  const [made] = (await read(PlanPage, stage.as('hannah').get('/v1/plans').expect(200))).body.items.slice(-1)
  await worker.planner.make(made!.id)
  const like = (await stage.world.ledger.read((books) => books.plans.get(made!.id)))!
  const id = stage.world.newId('pln')
  const stream = `plan:${id}`
  const by = 'sre-0'
  const approval = { tier, roles: ['sre' as const], people: QUORUM }
  const body: PlanBody = { ...like.body!, id, requested_by: by, approval }
  const plan = {
    ...like,
    id,
    requested_by: by,
    body,
    digest: digest(body as unknown as JsonObject),
    tier,
    quorum: QUORUM,
  }
  await stage.world.ledger.write(async (books) => {
    await books.lock({ stream: [stream] })
    const request = { id, kind: 'plan' as const, subject: like.recipe_id, body: {}, incident_id: null, by, reason: '' }
    await books.requests.add({ ...request, at: time(stage.world.now()) })
    books.audit.append(entry(processActor('api'), stream, 'plan.requested', `request:${id}`))
  })
  await worker.world.ledger.write(async (books) => {
    await books.lock({ stream: [stream] })
    await books.plans.add(plan)
    books.audit.append(entry(processActor('worker-1'), stream, 'plan.proposed', `plan:${id}`))
  })
  return { id, digest: plan.digest }
}

async function addPerson(id: string): Promise<void> {
  const { ledger, newId, now } = stage.world
  const api = processActor('api')
  const stream = `person:${id}`
  const key = newSecret('fbk_')
  keys.set(id, key)
  const at = '2026-01-01T00:00:00.000Z'
  await ledger.write(async (books) => {
    await books.lock({ stream: [stream] })
    const [grant, keyId] = [newId('rol'), newId('key')]
    await books.people.add({ id, kind: 'person', name: id })
    await books.roleGrants.add({ id: grant, person_id: id, role: 'sre', since: at })
    await books.apiKeys.add({
      ...{ id: keyId, person_id: id, hash: sha256(key), name: 'crowd', prefix: key.slice(0, 12), scopes: null },
      ...{ created_at: time(now()), expires_at: null, last_used: null, revoked_at: null },
    })
    books.audit.append(
      entry(api, stream, 'person.added', stream),
      entry(api, stream, 'role.granted', `role_grant:${grant}`, { detail: { person_id: id, role: 'sre', since: at } }),
      entry(api, stream, 'key.created', `api_key:${keyId}`, { detail: { key_id: keyId, person_id: id } }),
    )
  })
}
