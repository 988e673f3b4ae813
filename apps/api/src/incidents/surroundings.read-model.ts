import { Refused, type Observation } from '@firebreak/flow'
import type { ServiceDirectory } from '@firebreak/kit'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { select } from '../http/select.js'
import type { Changes, Figures } from './incidents.schema.js'

/** What is around an incident: the figures of what it is about, and what changed there. */
export class SurroundingsReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly directory: ServiceDirectory,
    private readonly now: () => Date,
  ) {}

  async figures(id: string): Promise<z.input<typeof Figures>> {
    await this.incident(id)
    return { items: [] }
  }

  async changes(id: string): Promise<z.input<typeof Changes>> {
    const { opened_at, service } = await this.incident(id)
    const ref = service === null ? undefined : this.directory.service(service)?.deployment
    const seen = await select<Observation>(this.source, 'select * from flow.observation where id = $1', [
      `deployment:${ref}`,
    ])
    const items = seen.flatMap(({ id: target, value }) => {
      const last = value['last_change'] as { at: string; after: string; says: string } | null | undefined
      const because = `the service's own Deployment`
      return last ? [{ kind: 'replicas' as const, target, ...last, weight: 0.5, because, run: null }] : []
    })
    const from = new Date(Date.parse(opened_at) - 6 * 3_600_000).toISOString()
    return { items, from, until: this.now().toISOString(), looked_at: seen[0]?.at ?? null }
  }

  private async incident(id: string) {
    const [row] = await select<{ opened_at: string; service: string | null }>(
      this.source,
      'select opened_at, service from flow.incident where id = $1',
      [id],
    )
    if (!row) throw new Refused('not-found', `There is no incident ${id}.`)
    return row
  }
}
