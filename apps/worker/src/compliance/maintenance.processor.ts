import { SelfChecks } from '@firebreak/flow'
import { queueKey } from '@firebreak/queue'
import { Process, Processor } from '@nestjs/bull'
import { Inject } from '@nestjs/common'
import type { Job } from 'bull'
import { Jobs } from '../job.js'

/** Does what the house wants done again and again: so far, the nightly check of the audit log. */
@Processor(queueKey('maintenance'))
export class MaintenanceProcessor {
  constructor(
    @Inject(SelfChecks) private readonly checks: SelfChecks,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Process({ concurrency: 1 })
  run(job: Job<unknown>): Promise<string> {
    return this.jobs.take('maintenance', job, (id) => this.checks.run(id))
  }
}
