import { Successors } from '@firebreak/flow'
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import type { z } from 'zod'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import type { Caller } from '../people/callers.js'
import { SuccessorsReadModel } from './successors.read-model.js'
import { NewSuccessor, NewVote, SuccessorPage, SuccessorQuery, SuccessorView } from './successors.schema.js'

/** The way on for a log whose database was lost (LOG_REGRESSED, OTHER_CLUSTER). */
@ApiTags('audit')
@Controller('v1/audit/successor')
export class SuccessorsController {
  constructor(
    @Inject(Successors) private readonly successors: Successors,
    @Inject(SuccessorsReadModel) private readonly screens: SuccessorsReadModel,
  ) {}

  @Post()
  @HttpCode(201)
  @Needs('audit.succeed')
  @Answers('Asks for a log of another name to follow this one, which cannot go on.', SuccessorView, 201)
  async ask(
    @By() by: Caller,
    @Body({ schema: NewSuccessor }) wish: z.infer<typeof NewSuccessor>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { id } = await this.successors.ask(by, wish)
    void reply.header('location', `/v1/audit/successor/${id}`)
    return this.screens.one(id, by)
  }

  @Get()
  @Needs('audit.read')
  @Answers('Requests for a successor, newest first.', SuccessorPage)
  list(@By() by: Caller, @Query({ schema: SuccessorQuery }) query: z.infer<typeof SuccessorQuery>) {
    return this.screens.page(query, by)
  }

  @Get(':id')
  @Needs('audit.read')
  @Answers('One request for a successor, and who said what.', SuccessorView)
  one(@By() by: Caller, @Param('id') id: string) {
    return this.screens.one(id, by)
  }

  @Post(':id/approvals')
  @HttpCode(200)
  @Needs('audit.succeed')
  @Answers(
    'Says yes or no to exactly the request that you read. Two of Security who did not ask are enough.',
    SuccessorView,
  )
  decide(@By() by: Caller, @Param('id') id: string, @Body({ schema: NewVote }) vote: z.infer<typeof NewVote>) {
    return this.successors.decide(by, id, vote).then(() => this.screens.one(id, by))
  }
}
