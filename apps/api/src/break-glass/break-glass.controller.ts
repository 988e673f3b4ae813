import { BreakGlasses } from '@firebreak/flow'
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import type { z } from 'zod'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import type { Caller } from '../people/callers.js'
import { BreakGlassReadModel } from './break-glass.read-model.js'
import {
  BreakGlassCheck,
  BreakGlassPage,
  BreakGlassQuery,
  BreakGlassView,
  CheckBreakGlass,
  DecideBreakGlass,
  NewBreakGlass,
  ReviewBreakGlass,
} from './break-glass.schema.js'

@ApiTags('break-glass')
@Controller('v1/break-glass')
export class BreakGlassController {
  constructor(
    @Inject(BreakGlasses) private readonly glass: BreakGlasses,
    @Inject(BreakGlassReadModel) private readonly screens: BreakGlassReadModel,
  ) {}

  @Post()
  @HttpCode(201)
  @Needs('break-glass.ask')
  @Answers(
    'Asks to let exactly the plan that you read pass one freeze, or one missing yes, once. A second person decides.',
    BreakGlassView,
    201,
  )
  async ask(
    @By() by: Caller,
    @Body({ schema: NewBreakGlass }) wish: z.infer<typeof NewBreakGlass>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { id } = await this.glass.ask(by, wish)
    void reply.header('location', `/v1/break-glass/${id}`)
    return this.screens.one(id, by)
  }

  @Get()
  @Needs('break-glass.read')
  @Answers('Who broke the glass, or asked to, newest first.', BreakGlassPage)
  list(@By() by: Caller, @Query({ schema: BreakGlassQuery }) query: z.infer<typeof BreakGlassQuery>) {
    return this.screens.page(query, by)
  }

  @Get('check')
  @Needs('break-glass.read')
  @Answers(
    'What holds a plan that could be passed, and who could grant that. For whoever is about to ask.',
    BreakGlassCheck,
  )
  check(@By() by: Caller, @Query({ schema: CheckBreakGlass }) { plan }: z.infer<typeof CheckBreakGlass>) {
    return this.screens.check(plan, by)
  }

  @Get(':id')
  @Needs('break-glass.read')
  @Answers('One of them: who asked, who decided, which run used it, and what its review says.', BreakGlassView)
  one(@By() by: Caller, @Param('id') id: string) {
    return this.screens.one(id, by)
  }

  @Post(':id/approvals')
  @HttpCode(200)
  @Needs('break-glass.decide')
  @Answers(
    'Grants or refuses it. Another of Security than who asked; where too few hold that role, who acknowledged the incident themselves.',
    BreakGlassView,
  )
  decide(
    @By() by: Caller,
    @Param('id') id: string,
    @Body({ schema: DecideBreakGlass }) vote: z.infer<typeof DecideBreakGlass>,
  ) {
    return this.glass.decide(by, id, vote).then(() => this.screens.one(id, by))
  }

  @Post(':id/review')
  @HttpCode(200)
  @Needs('break-glass.review')
  @Answers(
    'Says afterwards whether it was right. One of Security who neither asked for it nor granted it.',
    BreakGlassView,
  )
  review(
    @By() by: Caller,
    @Param('id') id: string,
    @Body({ schema: ReviewBreakGlass }) review: z.infer<typeof ReviewBreakGlass>,
  ) {
    return this.glass.review(by, id, review).then(() => this.screens.one(id, by))
  }
}
