import { LoanRequests } from '@firebreak/flow'
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { z } from 'zod'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import type { Caller } from '../people/callers.js'
import { LoanPage, LoanQuery, LoanView, RenewLoan, ReturnLoan } from '../runs/runs.schema.js'
import { LoansReadModel } from './loans.read-model.js'

@ApiTags('loans')
@Controller('v1/loans')
export class LoansController {
  constructor(
    @Inject(LoanRequests) private readonly requests: LoanRequests,
    @Inject(LoansReadModel) private readonly screens: LoansReadModel,
  ) {}

  @Get()
  @Needs('loan.read')
  @Answers('What runs changed for now, newest first.', LoanPage)
  list(@By() by: Caller, @Query({ schema: LoanQuery }) query: z.infer<typeof LoanQuery>) {
    return this.screens.page(query, by)
  }

  @Get(':id')
  @Needs('loan.read')
  @Answers('One loan.', LoanView)
  one(@By() by: Caller, @Param('id') id: string) {
    return this.screens.one(id, by)
  }

  @Post(':id/renew')
  @HttpCode(202)
  @Needs('loan.renew')
  @Answers('Asks the worker to leave it out until so many minutes from now.', LoanView, 202)
  renew(@By() by: Caller, @Param('id') id: string, @Body({ schema: RenewLoan }) wish: z.infer<typeof RenewLoan>) {
    return this.requests.askRenewal(by, id, wish).then(() => this.screens.one(id, by))
  }

  @Post(':id/return')
  @HttpCode(202)
  @Needs('loan.return')
  @Answers('Asks the worker to give it back before its time.', LoanView, 202)
  giveBack(
    @By() by: Caller,
    @Param('id') id: string,
    @Body({ schema: ReturnLoan }) { reason }: z.infer<typeof ReturnLoan>,
  ) {
    return this.requests.askReturn(by, id, reason).then(() => this.screens.one(id, by))
  }
}
