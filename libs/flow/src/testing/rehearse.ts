import { targetsOf, type Hands, type Readers, type Recipe } from '@firebreak/kit'
import type { Actor } from '../actor.js'
import { Approvals } from '../approvals.js'
import { Doorbell } from '../jobs.js'
import { noLimits, type Limits } from '../limits.js'
import { Loans } from '../loans.js'
import { Planner } from '../planner.js'
import { Plans } from '../plans.js'
import { Runner } from '../runner.js'
import { Scopes } from '../scopes.js'
import { Tenures } from '../tenure.js'
import type { Timers } from '../timers.js'
import type { World } from '../world.js'
import { FakeLedger } from './fake-ledger.js'

/** A clock that tests own. `sleep` moves it; nothing waits. */
export class TestClock {
  constructor(private at = Date.parse('2026-11-23T03:07:00.000Z')) {}
  readonly now = (): Date => new Date(this.at)
  forward(ms: number): void {
    this.at += ms
  }
  /** Told of every sleep, so that a test can move the world while somebody waits. */
  onSleep: (ms: number) => void = () => undefined
  readonly timers: Timers = {
    sleep: async (ms) => {
      this.forward(ms)
      this.onSleep(ms)
    },
    every: () => () => undefined,
  }
}

/** Ids in order of making, so that tests can name them. */
export function countingIds(): (prefix: string) => string {
  let last = 0
  return (prefix) => `${prefix}_${String((last += 1)).padStart(6, '0')}`
}

/** A doorbell that writes down who rang. */
export class FakeDoorbell extends Doorbell {
  readonly rings: { queue: string; id: string }[] = []
  override async ring(queue: string, id: string): Promise<void> {
    this.rings.push({ queue, id })
  }
}

export const hannah: Actor = { kind: 'person', id: 'hannah', auth: 'session', roles: ['sre'] }
export const mira: Actor = { kind: 'person', id: 'mira', auth: 'session', roles: ['ml'] }

/** The whole domain on fakes: one house in which a recipe can be planned, approved and run. */
export class House {
  readonly ledger = new FakeLedger()
  readonly clock = new TestClock()
  readonly doorbell = new FakeDoorbell()
  readonly world: World
  readonly recipes: ReadonlyMap<string, Recipe>
  readonly plans: Plans
  readonly approvals: Approvals

  constructor(
    readonly readers: Readers,
    readonly hands: Hands,
    recipes: readonly Recipe[],
    limits: Partial<Limits> = {},
  ) {
    this.world = {
      ledger: this.ledger,
      now: this.clock.now,
      newId: countingIds(),
      scopes: new Scopes(
        readers.directory.services(),
        [{ name: 'ingest', targets: ['deployment:prod/api'] }],
        targetsOf(readers.directory.things()),
      ),
      limits: { ...noLimits, ...limits },
    }
    this.recipes = new Map(recipes.map((recipe) => [recipe.id, recipe]))
    this.plans = new Plans(this.world, this.recipes, this.doorbell)
    this.approvals = new Approvals(this.world, this.doorbell)
    this.knows(hannah, mira)
  }

  /** These people have their roles, for long enough to vote unless it is said since when. */
  knows(...people: readonly (Actor & { since?: string })[]): void {
    for (const { id, roles, since = '2026-01-01T00:00:00.000Z' } of people)
      for (const role of roles) this.ledger.put('roleGrants', { id: `rol_${id}_${role}`, person_id: id, role, since })
  }

  /** A worker. Two of them share the house and nothing else. */
  worker(name = 'worker-1', watchedClock = 1) {
    const me: Actor = { kind: 'process', id: name, auth: 'process', roles: [] }
    const tenures = new Tenures(this.world, name, { seconds: 4 })
    return {
      planner: new Planner(this.world, this.recipes, this.readers, me, { planExpiresMinutes: 30 }, this.doorbell),
      runner: new Runner(this.world, this.recipes, this.readers, this.hands, tenures, this.clock.timers, me, {
        verifyEveryMs: 1_000,
        attempts: 3,
        watchedClock,
      }),
      loans: new Loans(this.world, this.readers, this.hands, tenures, this.clock.timers, me),
    }
  }

  /** From the wish to an approved plan. Answers the plan's id. */
  async approved(
    recipe: string,
    labels: Record<string, string>,
    params: Record<string, never> | object = {},
  ): Promise<string> {
    const request = await this.plans.request(hannah, {
      recipe,
      params: params as Record<string, never>,
      labels,
      reason: 'a test',
    })
    const plan = await this.worker().planner.make(request.id)
    if (plan?.state !== 'proposed') throw new Error(`the plan is ${plan?.state}: ${plan?.because}`)
    await this.approvals.decide(hannah, request.id, { digest: plan.digest!, decision: 'yes', note: '' })
    return request.id
  }

  /** The types of the log's entries, in order. */
  get story(): string[] {
    return this.ledger.log.map(({ type }) => type)
  }
}
