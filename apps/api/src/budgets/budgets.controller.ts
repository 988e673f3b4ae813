import { Budgets } from '@firebreak/flow'
import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { z } from 'zod'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import type { Caller } from '../people/callers.js'
import { BudgetsReadModel } from './budgets.read-model.js'
import { BudgetList, BudgetView, Rearm } from './budgets.schema.js'

@ApiTags('budgets')
@Controller('v1/budgets')
export class BudgetsController {
  constructor(
    @Inject(Budgets) private readonly budgets: Budgets,
    @Inject(BudgetsReadModel) private readonly screens: BudgetsReadModel,
  ) {}

  @Get()
  @Needs('budget.read')
  @Answers('How often anything may start by itself, what of it is used, and what is disarmed.', BudgetList)
  async list(@By() by: Caller) {
    return { items: await this.screens.all(by) }
  }

  @Post(':id/rearm')
  @HttpCode(200)
  @Needs('budget.rearm')
  @Answers('Lets what is disarmed start by itself again; what was used before does not count any more.', BudgetView)
  async rearm(@By() by: Caller, @Param('id') id: string, @Body({ schema: Rearm }) { reason }: z.infer<typeof Rearm>) {
    await this.budgets.rearm(by, id, reason)
    return this.screens.one(id, by)
  }
}
