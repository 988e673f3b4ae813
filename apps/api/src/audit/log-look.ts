import { selected } from '@firebreak/audit-export'
import type { ExportFilter } from '@firebreak/audit-log'
import { newestCheckpoint } from '@firebreak/audit-store'
import { LogLook } from '@firebreak/flow'
import type { DataSource } from 'typeorm'

/** How many places of the log are looked at while somebody waits for the answer. */
const PLACES = 50_000

/** Looks into the log as far as a checkpoint covers it: its end first, where most of what people ask for stands. */
export class CoveredLogLook extends LogLook {
  constructor(private readonly source: DataSource) {
    super()
  }

  override async finds(filter: ExportFilter): Promise<boolean | undefined> {
    const { size } = (await newestCheckpoint(this.source)) ?? { size: 0 }
    if (size === 0) return undefined
    const { from = 0, to = size } = filter.positions ?? {}
    const end = Math.min(size, to)
    const first = Math.max(from, end - PLACES)
    for await (const _ of selected(this.source, { filter, from: first, size: end })) return true
    return first > from ? undefined : false
  }
}
