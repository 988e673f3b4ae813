import type { JsonObject, Readers } from '@firebreak/kit'
import { reasonOf, time, type Figure, type World } from '@firebreak/flow'
import type { House } from '@firebreak/house'
import { deploymentsOf, SeenFigures } from './seen-figures.js'
import { withHistory } from './history.js'
import { SeenQueues } from './seen-queues.js'
import { seenModel, seenOcr, thingDifferences } from './seen-things.js'
import { deploymentHistory, seenDeployments, seenQuotas } from './seen-workloads.js'

/** More than any house has. */
const MOST_FIGURES = 100_000

/**
 * Looks at the watched systems and writes down what it saw, with the time: what screens show of them is this, and
 * says how old it is. A target that could not be looked at keeps its old observation, which then shows its age.
 */
export class Observer {
  private readonly queues: SeenQueues
  private readonly figures: SeenFigures

  constructor(
    private readonly world: World,
    private readonly readers: Readers,
    private readonly house: House,
    private readonly unseen: (target: string, why: string) => void,
  ) {
    this.queues = new SeenQueues(readers.queues, () => world.now())
    this.figures = new SeenFigures(readers.metrics, readers.directory, () => world.now())
  }

  /** One look at everything. Answers how many targets were seen. */
  async look(): Promise<number> {
    const { cluster, directory, metrics } = this.readers
    const seen = new Map<string, JsonObject>()
    for (const namespace of this.house.observe.namespaces) {
      await this.try(`deployments of ${namespace}`, async () => {
        for (const [target, value] of await seenDeployments(cluster, namespace)) seen.set(target, value)
      })
      await this.try(`namespace:${namespace}`, async () => {
        seen.set(`namespace:${namespace}`, await seenQuotas(cluster, namespace))
      })
    }
    for (const { name, deployment, environment, max_replicas, p95_threshold_ms, metrics: of } of directory.services())
      await this.try(`service:${name}`, async () => {
        const p95 = await metrics.value(of.p95_ms)
        const rate = of.requests_per_second && (await metrics.value(of.requests_per_second))
        seen.set(`service:${name}`, {
          ...{ deployment, environment, max_replicas, p95_threshold_ms },
          p95_ms: p95 === undefined ? null : Math.round(p95),
          requests_per_second: typeof rate === 'number' ? Math.round(rate) : null,
        })
      })
    for (const queue of directory.things().queues)
      await this.try(`queue:${queue.name}`, async () => {
        seen.set(`queue:${queue.name}`, await this.queues.look(queue))
      })
    const due = this.figures.due()
    if (due.length > 0) await this.lookAtThings(seen)
    await this.write(seen)
    if (due.length > 0) await this.try('figures', () => this.readFigures(due, seen))
    return seen.size
  }

  private async try(target: string, look: () => Promise<void>): Promise<void> {
    try {
      await look()
    } catch (error) {
      this.unseen(target, reasonOf(error))
    }
  }

  /** What changes seldom is asked for with the figures, and not at every look. */
  private async lookAtThings(seen: Map<string, JsonObject>): Promise<void> {
    const { models, ocr } = this.readers.directory.things()
    for (const model of models)
      await this.try(`model:${model.name}`, async () => {
        seen.set(`model:${model.name}`, await seenModel(this.readers.registry, model))
      })
    for (const route of ocr)
      await this.try(`ocr:${route.name}`, async () => {
        seen.set(`ocr:${route.name}`, await seenOcr(this.readers.cluster, route))
      })
  }

  private async readFigures(due: ReturnType<SeenFigures['due']>, seen: Map<string, JsonObject>): Promise<void> {
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
  private async withRestarts(seen: Map<string, JsonObject>): Promise<Map<string, JsonObject>> {
    const more = new Map(seen)
    for (const ref of deploymentsOf(this.readers.directory)) {
      const target = `deployment:${ref}`
      const known = seen.get(target)
      if (known)
        await this.try(`pods of ${ref}`, async () => {
          const pods = await this.readers.cluster.podsOf(ref)
          more.set(target, { ...known, restarts: pods.reduce((sum, { restarts }) => sum + restarts, 0) })
        })
    }
    return more
  }

  private async write(seen: Map<string, JsonObject>): Promise<void> {
    if (seen.size === 0) return
    const at = time(this.world.now())
    await this.world.ledger.write(async (books) => {
      await books.lock({ key: ['observe'] })
      const known = new Map((await books.observations.where({ id: [...seen.keys()] })).map((row) => [row.id, row]))
      for (const [id, looked] of seen) {
        const before = known.get(id)
        const value = id.startsWith('deployment:')
          ? deploymentHistory(before, looked, at)
          : /^(model|ocr):/.test(id)
            ? withHistory(before, looked, at, thingDifferences)
            : looked
        if (before) await books.observations.change(id, { value, at })
        else await books.observations.add({ id, value, at })
      }
    })
  }
}
