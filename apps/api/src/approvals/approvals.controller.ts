import { Approvals } from '@firebreak/flow'
import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { z } from 'zod'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import type { Caller } from '../people/callers.js'
import { PlansReadModel } from '../plans/plans.read-model.js'
import { NewApproval, PlanView } from '../plans/plans.schema.js'

@ApiTags('plans')
@Controller('v1/plans/:id/approvals')
export class ApprovalsController {
  constructor(
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(PlansReadModel) private readonly screens: PlansReadModel,
  ) {}

  @Post()
  @HttpCode(200)
  @Needs('plan.approve')
  @Answers(
    'Says yes or no to exactly the plan that you read. The yes that completes the quorum starts the run.',
    PlanView,
  )
  decide(@By() by: Caller, @Param('id') id: string, @Body({ schema: NewApproval }) vote: z.infer<typeof NewApproval>) {
    return this.approvals.decide(by, id, vote).then(() => this.screens.one(id, by))
  }
}
