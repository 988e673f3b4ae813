import { Interventions } from '@firebreak/flow'
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { z } from 'zod'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import type { Caller } from '../people/callers.js'
import { RunsReadModel } from './runs.read-model.js'
import { CancelRun, ResolveUnknown, RunPage, RunQuery, RunView } from './runs.schema.js'

@ApiTags('runs')
@Controller('v1/runs')
export class RunsController {
  constructor(
    @Inject(RunsReadModel) private readonly screens: RunsReadModel,
    @Inject(Interventions) private readonly interventions: Interventions,
  ) {}

  @Get()
  @Needs('run.read')
  @Answers('Runs, newest first.', RunPage)
  list(@By() by: Caller, @Query({ schema: RunQuery }) query: z.infer<typeof RunQuery>) {
    return this.screens.page(query, by)
  }

  @Get(':id')
  @Needs('run.read')
  @Answers('One run with its journal.', RunView)
  one(@By() by: Caller, @Param('id') id: string) {
    return this.screens.one(id, by)
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @Needs('run.cancel')
  @Answers('Asks the run to stop at its next boundary; with `undo` it takes back what it changed.', RunView, 202)
  async cancel(
    @By() by: Caller,
    @Param('id') id: string,
    @Body({ schema: CancelRun }) wish: z.infer<typeof CancelRun>,
  ) {
    await this.interventions.cancel(by, id, wish)
    return this.screens.one(id, by)
  }

  @Post(':id/resolve-unknown')
  @HttpCode(202)
  @Needs('run.resolve')
  @Answers('Answers a run that needs a person: what is there, or that it was put right by hand.', RunView, 202)
  async resolve(
    @By() by: Caller,
    @Param('id') id: string,
    @Body({ schema: ResolveUnknown }) { reason, ...answer }: z.infer<typeof ResolveUnknown>,
  ) {
    await this.interventions.answer(by, id, answer, reason)
    return this.screens.one(id, by)
  }
}
