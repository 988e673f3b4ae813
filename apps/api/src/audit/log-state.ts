import { formatVkey } from '@firebreak/audit-log'
import { logKeys, newestCheckpoint, rootOf } from '@firebreak/audit-store'
import { LogState } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import { select } from '../http/select.js'

/** The log as this database has it, signed or not. */
export class PostgresLogState extends LogState {
  constructor(private readonly source: DataSource) {
    super()
  }

  override async keys(): Promise<string[]> {
    return (await logKeys(this.source)).map(({ key }) => formatVkey(key))
  }

  override async reach(): Promise<{ published: number; leaves: number }> {
    const [row] = await select<{ leaves: string }>(
      this.source,
      'select coalesce(max(position) + 1, 0) as leaves from audit.leaf',
    )
    return { published: (await newestCheckpoint(this.source))?.size ?? 0, leaves: Number(row?.leaves ?? 0) }
  }

  override async rootAt(size: number): Promise<Uint8Array> {
    return rootOf(this.source, size, (await this.reach()).leaves)
  }
}
