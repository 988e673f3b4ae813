import { StandingApprovals, type Bounds } from '@firebreak/flow'
import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { z } from 'zod'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import type { Caller } from '../people/callers.js'
import { StandingApprovalsReadModel } from './standing-approvals.read-model.js'
import {
  NewStandingApproval,
  RevokeStandingApproval,
  StandingApprovalPage,
  StandingApprovalQuery,
  StandingApprovalView,
} from './standing-approvals.schema.js'

@ApiTags('standing approvals')
@Controller('v1/standing-approvals')
export class StandingApprovalsController {
  constructor(
    @Inject(StandingApprovals) private readonly standing: StandingApprovals,
    @Inject(StandingApprovalsReadModel) private readonly screens: StandingApprovalsReadModel,
  ) {}

  @Post()
  @Needs('standing.give')
  @Answers(
    'Approves a recipe in advance: plans that no person asked for start by themselves, on these targets, within these bounds, until then.',
    StandingApprovalView,
    201,
  )
  async give(@By() by: Caller, @Body({ schema: NewStandingApproval }) wish: z.infer<typeof NewStandingApproval>) {
    const { id } = await this.standing.give(by, { ...wish, bounds: wish.bounds as Bounds })
    return this.screens.one(id, by)
  }

  @Get()
  @Needs('standing.read')
  @Answers('Standing approvals, newest first.', StandingApprovalPage)
  list(@By() by: Caller, @Query({ schema: StandingApprovalQuery }) query: z.infer<typeof StandingApprovalQuery>) {
    return this.screens.page(query, by)
  }

  @Get(':id')
  @Needs('standing.read')
  @Answers('One standing approval.', StandingApprovalView)
  one(@By() by: Caller, @Param('id') id: string) {
    return this.screens.one(id, by)
  }

  @Delete(':id')
  @Needs('standing.revoke')
  @Answers('Takes it back: nothing starts under it any more. What has started goes on.', StandingApprovalView)
  async revoke(
    @By() by: Caller,
    @Param('id') id: string,
    @Query({ schema: RevokeStandingApproval }) { reason }: z.infer<typeof RevokeStandingApproval>,
  ) {
    await this.standing.revoke(by, id, reason)
    return this.screens.one(id, by)
  }
}
