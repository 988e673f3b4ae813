import { Runner } from '@firebreak/flow'
import { queueKey } from '@firebreak/queue'
import { Process, Processor } from '@nestjs/bull'
import { Inject, type BeforeApplicationShutdown } from '@nestjs/common'
import type { Job } from 'bull'
import { Jobs } from '../job.js'

/** Takes approved plans from the queue. What can go wrong in a remediation is in `Runner`; this file knows Bull. */
@Processor(queueKey('run'))
export class RunProcessor implements BeforeApplicationShutdown {
  private readonly stopping = new AbortController()

  constructor(
    @Inject(Runner) private readonly runner: Runner,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Process({ concurrency: 4 })
  run(job: Job<unknown>): Promise<string> {
    return this.jobs.take('run', job, (id) => this.runner.carryOut(id, this.stopping.signal))
  }

  /** The run stops at its next boundary and gives its tenure back: another worker goes on at once. */
  beforeApplicationShutdown(): void {
    this.stopping.abort()
  }
}
