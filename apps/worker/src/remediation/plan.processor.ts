import { Planner } from '@firebreak/flow'
import { queueKey } from '@firebreak/queue'
import { Process, Processor } from '@nestjs/bull'
import { Inject } from '@nestjs/common'
import type { Job } from 'bull'
import { Jobs } from '../job.js'

/** Makes plans, and closes those whose time is over. Planning only reads; it has a queue apart, so that runs never wait for it. */
@Processor(queueKey('plan'))
export class PlanProcessor {
  constructor(
    @Inject(Planner) private readonly planner: Planner,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Process({ concurrency: 4 })
  plan(job: Job<unknown>): Promise<string> {
    const work = async (id: string) =>
      (await this.planner.make(id))?.state ?? (await this.planner.close(id)) ?? 'nothing to do'
    return this.jobs.take('plan', job, work)
  }
}
