import { Controller, Get, Inject, Param, Query } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { z } from 'zod'
import { Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import { RunsReadModel } from './runs.read-model.js'
import { RunPage, RunQuery, RunView } from './runs.schema.js'

@ApiTags('runs')
@Controller('v1/runs')
export class RunsController {
  constructor(@Inject(RunsReadModel) private readonly screens: RunsReadModel) {}

  @Get()
  @Needs('run.read')
  @Answers('Runs, newest first.', RunPage)
  list(@Query({ schema: RunQuery }) query: z.infer<typeof RunQuery>) {
    return this.screens.page(query)
  }

  @Get(':id')
  @Needs('run.read')
  @Answers('One run with its journal.', RunView)
  one(@Param('id') id: string) {
    return this.screens.one(id)
  }
}
