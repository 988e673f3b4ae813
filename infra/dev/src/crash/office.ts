import { randomUUIDv7 } from 'node:crypto'
import {
  Approvals,
  entry,
  Interventions,
  LoanRequests,
  Plans,
  processActor,
  queues,
  noLimits,
  Scopes,
  time,
  type Actor,
  type QueueName,
  type World,
} from '@firebreak/flow'
import type { Recipe } from '@firebreak/kit'
import { BullDoorbell, queueKey, queueOptions } from '@firebreak/queue'
import { openStore, PostgresLedger } from '@firebreak/store'
import Queue from 'bull'
import type { Database } from './database.js'

/** The API's part, played by its own domain code, with one person of the on-call team. */
export interface Office {
  ledger: PostgresLedger
  plans: Plans
  approvals: Approvals
  loans: LoanRequests
  interventions: Interventions
  hannah: Actor
  close(): Promise<void>
}

export async function openOffice(
  database: Database,
  redisUrl: string,
  recipes: ReadonlyMap<string, Recipe>,
): Promise<Office> {
  const source = await openStore(database.url('fb_api'), {
    applicationName: 'the part of the api',
    poolSize: 3,
  }).initialize()
  const ledger = new PostgresLedger(source, { now: () => new Date() })
  const world: World = {
    ledger,
    now: () => new Date(),
    newId: (prefix) => `${prefix}_${randomUUIDv7()}`,
    scopes: new Scopes([], []),
    limits: noLimits,
  }
  const bells = queues.map((queue): [QueueName, Queue.Queue] => {
    const bell = new Queue(queueKey(queue), queueOptions(redisUrl))
    bell.on('error', () => undefined)
    return [queue, bell]
  })
  const doorbell = new BullDoorbell(new Map(bells), () => undefined)
  const hannah: Actor = { kind: 'person', id: 'hannah', auth: 'session', roles: ['sre'] }
  await ledger.write(async (books) => {
    const [stream, api] = ['person:hannah', processActor('api')]
    const grant = { id: world.newId('rol'), person_id: 'hannah', role: 'sre' as const, since: time(world.now()) }
    await books.lock({ stream: [stream] })
    await books.people.add({ id: 'hannah', kind: 'person', name: 'Hannah', issuer: null, subject: null })
    await books.roleGrants.add(grant)
    const { person_id, role, since } = grant
    books.audit.append(
      entry(api, stream, 'person.added', stream, { outcome: 'ok', detail: { person_id } }),
      entry(api, stream, 'role.granted', `role_grant:${grant.id}`, {
        outcome: 'ok',
        detail: { person_id, role, since },
      }),
    )
  })
  return {
    ledger,
    plans: new Plans(world, recipes, doorbell),
    approvals: new Approvals(world, doorbell),
    loans: new LoanRequests(world, doorbell),
    interventions: new Interventions(world, doorbell),
    hannah,
    async close() {
      await Promise.all(bells.map(([, bell]) => bell.close(true).catch(() => undefined)))
      await source.destroy().catch(() => undefined)
    },
  }
}
