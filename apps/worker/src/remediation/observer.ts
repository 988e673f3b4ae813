import { isDeepStrictEqual } from 'node:util'
import type { JsonObject, Readers } from '@firebreak/kit'
import { reasonOf, time, type Figure, type Observation, type Timers, type World } from '@firebreak/flow'
import type { House } from '@firebreak/house'
import { deploymentsOf, SeenFigures } from './seen-figures.js'
import { withHistory } from './history.js'
import { SeenQueues } from './seen-queues.js'
import { SeenServices, type Seen } from './seen-services.js'
import { seenModel, seenOcr, thingDifferences } from './seen-things.js'
import { deploymentHistory, seenDeployments, seenQuotas } from './seen-workloads.js'

/** More than any house has. */
const MOST_FIGURES = 100_000

/**
 * Looks at the watched systems and writes down what it saw, with the time at which it looked: what screens show of them is
 * this, and says how old it is. A target that could not be looked at keeps its old observation, which then shows its age.
 */
export class Observer {
  private readonly queues: SeenQueues
  private readonly services: SeenServices
  private readonly figures: SeenFigures

  constructor(
    private readonly world: World,
    private readonly readers: Readers,
    private readonly house: House,
    timers: Pick<Timers, 'sleep'>,
    private readonly unseen: (target: string, why: string) => void,
  ) {
    this.queues = new SeenQueues(readers.queues, () => world.now())
    const clock = { now: () => world.now(), sleep: (ms: number) => timers.sleep(ms) }
    this.services = new SeenServices(readers.metrics, readers.directory.services(), clock, unseen)
    this.figures = new SeenFigures(readers.metrics, readers.directory, () => world.now())
  }

  /** One look at everything. Answers how many targets were seen. */
  async look(): Promise<number> {
    const { cluster, directory } = this.readers
    // Beside everything else: the monitoring system may be slow, and nothing but what it says waits for it.
    const services = this.services.look()
    const seen = new Map<string, Seen>()
    for (const namespace of this.house.observe.namespaces) {
      await this.try(`deployments of ${namespace}`, async (at) => {
        for (const [target, value] of await seenDeployments(cluster, namespace)) seen.set(target, { value, at })
      })
      await this.try(`namespace:${namespace}`, async (at) => {
        seen.set(`namespace:${namespace}`, { value: await seenQuotas(cluster, namespace), at })
      })
    }
    for (const queue of directory.things().queues)
      await this.try(`queue:${queue.name}`, async (at) => {
        seen.set(`queue:${queue.name}`, { value: await this.queues.look(queue), at })
      })
    const due = this.figures.due()
    if (due.length > 0) await this.lookAtThings(seen)
    for (const [target, service] of await services) seen.set(target, service)
    await this.write(seen)
    if (due.length > 0) await this.try('figures', () => this.readFigures(due, seen))
    return seen.size
  }

  private async try(target: string, look: (at: string) => Promise<void>): Promise<void> {
    try {
      await look(time(this.world.now()))
    } catch (error) {
      this.unseen(target, reasonOf(error))
    }
  }

  /** What changes seldom is asked for with the figures, and not at every look. */
  private async lookAtThings(seen: Map<string, Seen>): Promise<void> {
    const { models, ocr } = this.readers.directory.things()
    for (const model of models)
      await this.try(`model:${model.name}`, async (at) => {
        seen.set(`model:${model.name}`, { value: await seenModel(this.readers.registry, model), at })
      })
    for (const route of ocr)
      await this.try(`ocr:${route.name}`, async (at) => {
        seen.set(`ocr:${route.name}`, { value: await seenOcr(this.readers.cluster, route), at })
      })
  }

  private async readFigures(due: ReturnType<SeenFigures['due']>, seen: ReadonlyMap<string, Seen>): Promise<void> {
    const before = await this.world.ledger.read((books) => books.figures.where({}))
    const { figures, gone, troubles } = await this.figures.look(due, before, await this.withRestarts(seen))
    for (const why of troubles) this.unseen('figures', why)
    await this.world.ledger.write(async (books) => {
      await books.lock({ key: ['figures'] })
      const there = new Set(await books.figures.ids({}, { after: '', limit: MOST_FIGURES }))
      const write = ({ id, ...row }: Figure) =>
        there.has(id) ? books.figures.change(id, { value: row.value, at: row.at }) : books.figures.add({ id, ...row })
      await Promise.all(figures.map(write))
      if (gone.length > 0) await books.figures.remove(...gone)
    })
  }

  /** What was seen, with how often the pods of each Deployment of the house have started again. */
  private async withRestarts(seen: ReadonlyMap<string, Seen>): Promise<Map<string, JsonObject>> {
    const more = new Map([...seen].map(([target, { value }]) => [target, value]))
    for (const ref of deploymentsOf(this.readers.directory)) {
      const target = `deployment:${ref}`
      const known = more.get(target)
      if (known)
        await this.try(`pods of ${ref}`, async () => {
          const pods = await this.readers.cluster.podsOf(ref)
          more.set(target, { ...known, restarts: pods.reduce((sum, { restarts }) => sum + restarts, 0) })
        })
    }
    return more
  }

  /**
   * What is as it was keeps its row but for the time: its value may be long, and would be written anew at every look.
   * Several workers look; what one saw before another did is not written over what that one saw.
   */
  private async write(seen: ReadonlyMap<string, Seen>): Promise<void> {
    if (seen.size === 0) return
    await this.world.ledger.write(async (books) => {
      await books.lock({ key: ['observe'] })
      const known = new Map((await books.observations.where({ id: [...seen.keys()] })).map((row) => [row.id, row]))
      const now = time(this.world.now())
      const same = new Map<string, string[]>()
      for (const [id, { value: looked, at }] of seen) {
        const before = known.get(id)
        // Behind what the clock says now: whoever's clock is ahead must not keep the others from writing.
        if (before && before.at > at && before.at <= now) continue
        const value = rememberedOf(id, before, looked, at)
        if (!before) await books.observations.add({ id, value, at })
        else if (isDeepStrictEqual(before.value, value)) same.set(at, [...(same.get(at) ?? []), id])
        else await books.observations.change(id, { value, at })
      }
      for (const [at, ids] of same) await books.observations.changeAll(ids, { at })
    })
  }
}

/** What was seen of a target, with what changed of it before, where somebody wants to know that. */
function rememberedOf(id: string, before: Observation | undefined, looked: JsonObject, at: string): JsonObject {
  if (id.startsWith('deployment:')) return deploymentHistory(before, looked, at)
  return /^(model|ocr):/.test(id) ? withHistory(before, looked, at, thingDifferences) : looked
}
