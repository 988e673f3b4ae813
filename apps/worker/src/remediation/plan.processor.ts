import { Planner } from '@firebreak/flow'
import { queueKey } from '@firebreak/queue'
import { Process, Processor } from '@nestjs/bull'
import { Inject } from '@nestjs/common'
import type { Job } from 'bull'
import { idOf } from '../job.js'

/** Makes plans, and closes those whose time is over. Planning only reads; it has a queue apart, so that runs never wait for it. */
@Processor(queueKey('plan'))
export class PlanProcessor {
  constructor(@Inject(Planner) private readonly planner: Planner) {}

  @Process({ concurrency: 4 })
  async plan(job: Job<unknown>): Promise<string> {
    const id = idOf(job)
    return (await this.planner.make(id))?.state ?? (await this.planner.close(id)) ?? 'nothing to do'
  }
}
