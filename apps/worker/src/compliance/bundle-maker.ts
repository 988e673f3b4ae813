import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeBundle } from '@firebreak/audit-export'
import { entriesBetween, newestCheckpoint } from '@firebreak/audit-store'
import { BundleMaker } from '@firebreak/flow'
import type { DataSource } from 'typeorm'

/** Writes evidence bundles as files `exports/<id>.tar` under the blob folder. A file of that name is whole, or is not there. */
export class FileBundleMaker extends BundleMaker {
  constructor(
    private readonly source: DataSource,
    private readonly blobs: string,
  ) {
    super()
  }

  override async make(exportId: string, fence: number): ReturnType<BundleMaker['make']> {
    const log = this.source.manager
    const checkpoint = await newestCheckpoint(log)
    if (!checkpoint) throw new Error('No checkpoint has been published yet: is the sequencer running?')
    const folder = join(this.blobs, 'exports')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const unfinished = join(folder, `${exportId}.tar.part-${fence}`)
    const file = await open(unfinished, 'w', 0o600)
    try {
      const made = await writeBundle(
        {
          entries: () => entriesBetween(log, 0, checkpoint.size),
          checkpoint: checkpoint.cosigned,
          size: checkpoint.size,
        },
        (chunk) => file.appendFile(chunk),
      )
      await file.sync()
      await file.close()
      await rename(unfinished, join(folder, `${exportId}.tar`))
      return { entries: made.entries, size: made.bytes, sha256: made.sha256, checkpoint_size: checkpoint.size }
    } catch (error) {
      await file.close().catch(() => undefined)
      await rm(unfinished, { force: true })
      throw error
    }
  }
}
