import { Loans } from '@firebreak/flow'
import { queueKey } from '@firebreak/queue'
import { Process, Processor } from '@nestjs/bull'
import { Inject } from '@nestjs/common'
import type { Job } from 'bull'
import { Jobs } from '../job.js'

/** Gives back what is due. */
@Processor(queueKey('loan'))
export class LoanProcessor {
  constructor(
    @Inject(Loans) private readonly loans: Loans,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Process({ concurrency: 2 })
  giveBack(job: Job<unknown>): Promise<string> {
    return this.jobs.take('loan', job, (id) => this.loans.giveBack(id))
  }
}
