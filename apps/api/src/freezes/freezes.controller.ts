import { Freezes, Lifts } from '@firebreak/flow'
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { z } from 'zod'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import type { Caller } from '../people/callers.js'
import { FreezesReadModel } from './freezes.read-model.js'
import {
  AskLift,
  CheckQuery,
  DecideLift,
  FreezeCheck,
  FreezePage,
  FreezeQuery,
  FreezeView,
  NewFreeze,
  PressStop,
  StopView,
} from './freezes.schema.js'

@ApiTags('freezes')
@Controller('v1/freezes')
export class FreezesController {
  constructor(
    @Inject(Freezes) private readonly freezes: Freezes,
    @Inject(Lifts) private readonly lifts: Lifts,
    @Inject(FreezesReadModel) private readonly screens: FreezesReadModel,
  ) {}

  @Post()
  @Needs('freeze.declare')
  @Answers(
    'Freezes at once: from this answer on no step that changes something in these scopes begins.',
    FreezeView,
    201,
  )
  async declare(@By() by: Caller, @Body({ schema: NewFreeze }) wish: z.infer<typeof NewFreeze>) {
    const { id } = await this.freezes.declare(by, wish)
    return this.screens.one(id, by)
  }

  @Get()
  @Needs('freeze.read')
  @Answers('Security freezes, newest first.', FreezePage)
  list(@By() by: Caller, @Query({ schema: FreezeQuery }) query: z.infer<typeof FreezeQuery>) {
    return this.screens.page(query, by)
  }

  @Get('check')
  @Needs('freeze.check')
  @Answers('Whether a target may be changed now, and what forbids it; for CI.', FreezeCheck)
  async check(@Query({ schema: CheckQuery }) { target }: z.infer<typeof CheckQuery>) {
    const closed = await this.freezes.check(target)
    return {
      target,
      frozen: closed !== undefined,
      code: closed?.code ?? null,
      because: closed?.because ?? null,
      by: closed?.by ?? null,
    }
  }

  @Get(':id')
  @Needs('freeze.read')
  @Answers('One freeze.', FreezeView)
  one(@By() by: Caller, @Param('id') id: string) {
    return this.screens.one(id, by)
  }

  @Post(':id/lift')
  @Needs('freeze.lift')
  @Answers(
    'Asks for the freeze to be lifted. It holds until two others of Security have approved exactly that.',
    FreezeView,
    201,
  )
  async ask(@By() by: Caller, @Param('id') id: string, @Body({ schema: AskLift }) wish: z.infer<typeof AskLift>) {
    await this.lifts.ask(by, id, wish)
    return this.screens.one(id, by)
  }

  @Post(':id/lift/approvals')
  @HttpCode(200)
  @Needs('freeze.lift')
  @Answers(
    'Says yes or no to exactly the lift that you read; the second yes is enough, and the worker lifts it.',
    FreezeView,
  )
  async decide(
    @By() by: Caller,
    @Param('id') id: string,
    @Body({ schema: DecideLift }) vote: z.infer<typeof DecideLift>,
  ) {
    await this.lifts.decide(by, id, vote)
    return this.screens.one(id, by)
  }
}

@ApiTags('freezes')
@Controller('v1/stop')
export class StopController {
  constructor(
    @Inject(Freezes) private readonly freezes: Freezes,
    @Inject(FreezesReadModel) private readonly screens: FreezesReadModel,
  ) {}

  @Get()
  @Needs('freeze.read')
  @Answers('The stop switch: whether it is on, by whom, and why.', StopView)
  read(@By() by: Caller) {
    return this.screens.stop(by)
  }

  @Post()
  @Needs('stop.press')
  @Answers('Stops everything that changes something, everywhere, until somebody lets it go.', StopView, 201)
  async press(@By() by: Caller, @Body({ schema: PressStop }) { reason }: z.infer<typeof PressStop>) {
    await this.freezes.stop(by, true, reason)
    return this.screens.stop(by)
  }

  @Delete()
  @Needs('stop.release')
  @Answers(
    'Lets the stop switch go. What was held goes on by itself; a run that it ended stays ended: ask for a new plan.',
    StopView,
  )
  async release(@By() by: Caller, @Query({ schema: PressStop }) { reason }: z.infer<typeof PressStop>) {
    await this.freezes.stop(by, false, reason)
    return this.screens.stop(by)
  }
}
