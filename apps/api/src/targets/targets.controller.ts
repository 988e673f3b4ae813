import { Controller, Get, Inject, Param, Query } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { z } from 'zod'
import { Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import { paging } from '../http/view.js'
import { FigurePage, Figures } from '../incidents/incidents.schema.js'
import { ObservationView, TargetPage } from '../runs/runs.schema.js'
import { TargetsReadModel } from './targets.read-model.js'

export const TargetQuery = z.strictObject({
  /** What stands before the colon: `deployment`, `service`, `queue`, `model`, `ocr`, `namespace`. */
  kind: z
    .string()
    .regex(/^[a-z][a-z-]{0,49}$/, 'a kind: lower-case letters and -')
    .optional(),
  ...paging,
})

export const FigureQuery = z.strictObject({
  /** Its name among the figures of a target: `p95_ms`. */
  name: z.string().regex(/^[a-z][a-z0-9_]{0,49}$/, 'a name: lower-case letters, digits and _'),
  ...paging,
})

@ApiTags('targets')
@Controller('v1/targets')
export class TargetsController {
  constructor(@Inject(TargetsReadModel) private readonly screens: TargetsReadModel) {}

  @Get()
  @Needs('target.read')
  @Answers(
    'Targets that the worker has seen, by name, with what it last saw and how long ago; figures over time are told with an incident, or of one target.',
    TargetPage,
  )
  list(@Query({ schema: TargetQuery }) query: z.infer<typeof TargetQuery>) {
    return this.screens.page(query)
  }

  @Get('figures')
  @Needs('target.read')
  @Answers(
    'One figure of every target that has it, by target: the last hour, as the highest of each two minutes.',
    FigurePage,
  )
  figuresNamed(@Query({ schema: FigureQuery }) query: z.infer<typeof FigureQuery>) {
    return this.screens.figuresNamed(query)
  }

  @Get(':id')
  @Needs('target.read')
  @Answers('One target, as `deployment:prod/api`, encoded for a URL.', ObservationView)
  one(@Param('id') id: string) {
    return this.screens.one(id)
  }

  @Get(':id/figures')
  @Needs('target.read')
  @Answers('What was measured of it over the last hour.', Figures)
  figures(@Param('id') id: string) {
    return this.screens.figuresOf(id)
  }

  @Get(':id/observations')
  @Needs('target.read')
  @Answers('What was seen of it. The worker keeps the newest alone.', TargetPage)
  observations(@Param('id') id: string) {
    return this.screens.one(id).then((item) => ({ items: [item], next: null }))
  }
}
