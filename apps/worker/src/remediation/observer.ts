import type { JsonObject, Readers } from '@firebreak/kit'
import { reasonOf, time, type World } from '@firebreak/flow'
import type { House } from '@firebreak/house'

/**
 * Looks at the watched systems and writes down what it saw, with the time: what screens show of them is this, and
 * says how old it is. A target that could not be looked at keeps its old observation, which then shows its age.
 */
export class Observer {
  constructor(
    private readonly world: World,
    private readonly readers: Readers,
    private readonly house: House,
    private readonly unseen: (target: string, why: string) => void,
  ) {}

  /** One look at everything. Answers how many targets were seen. */
  async look(): Promise<number> {
    const seen = new Map<string, JsonObject>()
    for (const namespace of this.house.observe.namespaces)
      await this.try(`namespace:${namespace}`, () => this.workloads(namespace, seen))
    for (const service of this.readers.directory.services())
      await this.try(`service:${service.name}`, async () => {
        const p95 = await this.readers.metrics.value(service.metrics.p95_ms)
        const rate =
          service.metrics.requests_per_second && (await this.readers.metrics.value(service.metrics.requests_per_second))
        seen.set(`service:${service.name}`, {
          p95_ms: p95 === undefined ? null : Math.round(p95),
          p95_threshold_ms: service.p95_threshold_ms,
          requests_per_second: typeof rate === 'number' ? Math.round(rate) : null,
        })
      })
    await this.write(seen)
    return seen.size
  }

  private async workloads(namespace: string, seen: Map<string, JsonObject>): Promise<void> {
    for (const found of await this.readers.cluster.deployments(namespace)) {
      const autoscaler = await this.readers.cluster.autoscalerOf(found.ref)
      seen.set(`deployment:${found.ref}`, {
        replicas: found.replicas,
        ready: found.ready,
        updated: found.updated,
        resource_version: found.resource_version,
        autoscaler: autoscaler
          ? {
              name: autoscaler.ref,
              min: autoscaler.min,
              max: autoscaler.max,
              current: autoscaler.current,
              desired: autoscaler.desired,
            }
          : null,
      })
    }
  }

  private async try(target: string, look: () => Promise<void>): Promise<void> {
    try {
      await look()
    } catch (error) {
      this.unseen(target, reasonOf(error))
    }
  }

  private async write(seen: Map<string, JsonObject>): Promise<void> {
    if (seen.size === 0) return
    const at = time(this.world.now())
    await this.world.ledger.write(async (books) => {
      await books.lock({ key: ['observe'] })
      const known = new Set((await books.observations.where({ id: [...seen.keys()] })).map(({ id }) => id))
      for (const [id, value] of seen) {
        if (known.has(id)) await books.observations.change(id, { value, at })
        else await books.observations.add({ id, value, at })
      }
    })
  }
}
