import { Plans } from '@firebreak/flow'
import type { JsonObject } from '@firebreak/kit'
import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import type { z } from 'zod'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import type { Caller } from '../people/callers.js'
import { PlansReadModel } from './plans.read-model.js'
import { CancelPlan, NewPlan, PlanPage, PlanQuery, PlanView } from './plans.schema.js'
import { secondsToWait, untilMade } from './wait.js'

@ApiTags('plans')
@Controller('v1/plans')
export class PlansController {
  constructor(
    @Inject(Plans) private readonly plans: Plans,
    @Inject(PlansReadModel) private readonly screens: PlansReadModel,
  ) {}

  @Post()
  @HttpCode(202)
  @Needs('plan.request')
  @Answers(
    'Asks the worker for a plan: of a recipe, or of the way back of a run that is over (`reverts`). With `Prefer: wait=5` the answer comes as soon as it is made, at the latest after 5 s.',
    PlanView,
    202,
  )
  async request(
    @By() by: Caller,
    @Body({ schema: NewPlan }) { params, recipe = '', reverts, ...wish }: z.infer<typeof NewPlan>,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { id } =
      reverts === undefined
        ? await this.plans.request(by, { ...wish, recipe, params: params as JsonObject })
        : await this.plans.requestRevert(by, { run: reverts, reason: wish.reason })
    const seconds = secondsToWait(prefer)
    if (seconds > 0) void reply.header('preference-applied', `wait=${seconds}`)
    await untilMade(() => this.screens.isMade(id), seconds)
    void reply.header('location', `/v1/plans/${id}`)
    return this.screens.one(id, by)
  }

  @Get()
  @Needs('plan.read')
  @Answers('Plans, newest first.', PlanPage)
  list(@By() by: Caller, @Query({ schema: PlanQuery }) query: z.infer<typeof PlanQuery>) {
    return this.screens.page(query, by)
  }

  @Get(':id')
  @Needs('plan.read')
  @Answers('One plan: what it would do, by which facts, and the digest that an approval must name.', PlanView)
  one(@By() by: Caller, @Param('id') id: string) {
    return this.screens.one(id, by)
  }
  @Delete(':id')
  @HttpCode(202)
  @Needs('plan.cancel')
  @Answers(
    'Cancels a plan that has not become a run; from here on it cannot become one. A run is cancelled by its own route.',
    PlanView,
    202,
  )
  async cancel(
    @By() by: Caller,
    @Param('id') id: string,
    @Query({ schema: CancelPlan }) { reason }: z.infer<typeof CancelPlan>,
  ) {
    await this.plans.cancel(by, id, reason)
    return this.screens.one(id, by)
  }
}
