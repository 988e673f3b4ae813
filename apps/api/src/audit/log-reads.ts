import { canonical, decodeEntry, text, type JsonValue } from '@firebreak/audit-log'
import { append, lockStreams, type Draft } from '@firebreak/audit-store'
import { entry, type Actor } from '@firebreak/flow'
import { newUuid } from '@firebreak/store'
import type { DataSource } from 'typeorm'

/** Whoever reads on with the same filter for so long is told of once. */
const WINDOW_MS = 5 * 60_000
/** More filters than anybody uses in five minutes; beyond, a read is told of twice rather than not at all. */
const LOOKED_AT = 50

/**
 * Reads of the log stand in the log: one entry a person and filter in five minutes, before the answer goes out. The
 * newest entries of the person's stream are looked at under its lock, so that many API processes tell it once, too.
 */
export class LogReads {
  /** What this process knows to be told, by person and filter: until when. */
  private readonly told = new Map<string, number>()

  constructor(
    private readonly source: DataSource,
    private readonly now: () => Date,
  ) {}

  async tell(by: Actor, route: string, filter: Record<string, string | number>): Promise<void> {
    const now = this.now()
    const wanted = text(canonical({ filter, route }))
    const key = `${by.id} ${wanted}`
    if ((this.told.get(key) ?? 0) > now.getTime()) return
    const stream = `reads:${by.id}`
    const since = await this.source.transaction('READ COMMITTED', async (tx) => {
      await lockStreams(tx, [stream])
      const newest: { body: Uint8Array }[] = await tx.query(
        'select body from audit.entry where stream_id = $1 order by stream_seq desc limit $2',
        [stream, LOOKED_AT],
      )
      for (const { body } of newest) {
        const { detail, ts, type } = decodeEntry(body)
        const age = now.getTime() - Date.parse(ts)
        if (type === 'log.read' && age < WINDOW_MS && text(canonical(detail as JsonValue)) === wanted)
          return Date.parse(ts)
      }
      const draft = entry(by, stream, 'log.read', stream, { outcome: 'ok', detail: { filter, route } })
      await append(tx, [draft as unknown as Draft], { now, newId: newUuid })
      return now.getTime()
    })
    for (const [known, until] of this.told) if (until <= now.getTime()) this.told.delete(known)
    this.told.set(key, since + WINDOW_MS)
  }
}
