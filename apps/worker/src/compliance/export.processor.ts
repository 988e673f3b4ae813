import { Exports } from '@firebreak/flow'
import { queueKey } from '@firebreak/queue'
import { Process, Processor } from '@nestjs/bull'
import { Inject } from '@nestjs/common'
import type { Job } from 'bull'
import { Jobs } from '../job.js'

/** Makes the exports that somebody asked for. */
@Processor(queueKey('export'))
export class ExportProcessor {
  constructor(
    @Inject(Exports) private readonly exports: Exports,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Process({ concurrency: 1 })
  make(job: Job<unknown>): Promise<string> {
    return this.jobs.take('export', job, (id) => this.exports.make(id))
  }
}
