import { Incidents, Reopening } from '@firebreak/flow'
import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post, Query, Res } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import type { z } from 'zod'
import { IfMatch, sayVersion, TakesIfMatch } from '../http/etag.js'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import { insist, rights } from '../http/rights.js'
import type { Caller } from '../people/callers.js'
import { PlansReadModel } from '../plans/plans.read-model.js'
import { PlanPage } from '../plans/plans.schema.js'
import { CountsReadModel } from './counts.read-model.js'
import { IncidentsReadModel } from './incidents.read-model.js'
import { SurroundingsReadModel } from './surroundings.read-model.js'
import {
  Changes,
  Correct,
  Evidence,
  Figures,
  IncidentCounts,
  IncidentFilter,
  IncidentPage,
  IncidentQuery,
  IncidentView,
  Note,
  Reopen,
  Resolve,
  Timeline,
} from './incidents.schema.js'

@ApiTags('incidents')
@Controller('v1/incidents')
export class IncidentsController {
  constructor(
    @Inject(Incidents) private readonly incidents: Incidents,
    @Inject(Reopening) private readonly reopening: Reopening,
    @Inject(IncidentsReadModel) private readonly screens: IncidentsReadModel,
    @Inject(PlansReadModel) private readonly plans: PlansReadModel,
    @Inject(SurroundingsReadModel) private readonly surroundings: SurroundingsReadModel,
    @Inject(CountsReadModel) private readonly counts: CountsReadModel,
  ) {}

  @Get()
  @Needs('incident.read')
  @Answers(
    'Incidents, newest first or the worst first; `active` are those that are open or acknowledged.',
    IncidentPage,
  )
  list(@By() by: Caller, @Query({ schema: IncidentQuery }) query: z.infer<typeof IncidentQuery>) {
    return this.screens.page(query, by)
  }

  @Get('counts')
  @Needs('incident.read')
  @Answers('How many incidents pass a filter, and how many would with other values of it.', IncidentCounts)
  countsOf(@By() by: Caller, @Query({ schema: IncidentFilter }) filter: z.infer<typeof IncidentFilter>) {
    return this.counts.of(filter, by)
  }

  @Get(':id')
  @Needs('incident.read')
  @Answers('One incident with its alerts, and what you may do about it.', IncidentView)
  async one(@By() by: Caller, @Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply) {
    return sayVersion(reply, await this.screens.one(id, by))
  }

  @Patch(':id')
  @Needs('incident.assign')
  @Answers(
    'Hands it to somebody who may acknowledge (whoever takes an open one has acknowledged it), or corrects its severity, with a reason.',
    IncidentView,
  )
  @TakesIfMatch()
  async change(
    @By() by: Caller,
    @Param('id') id: string,
    @Body({ schema: Correct }) change: z.infer<typeof Correct>,
    @IfMatch() versions: readonly number[] | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    if (change.severity !== undefined) insist('incident.correct', by)
    await this.incidents.change(by, id, change, rights['incident.acknowledge'], versions)
    return sayVersion(reply, await this.screens.one(id, by))
  }

  @Post(':id/acknowledge')
  @HttpCode(200)
  @Needs('incident.acknowledge')
  @Answers('"I have it": you become its owner.', IncidentView)
  @TakesIfMatch()
  async acknowledge(
    @By() by: Caller,
    @Param('id') id: string,
    @IfMatch() versions: readonly number[] | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    await this.incidents.acknowledge(by, id, versions)
    return sayVersion(reply, await this.screens.one(id, by))
  }

  @Post(':id/resolve')
  @HttpCode(200)
  @Needs('incident.resolve')
  @Answers('Says that it is over, and why.', IncidentView)
  @TakesIfMatch()
  async resolve(
    @By() by: Caller,
    @Param('id') id: string,
    @Body({ schema: Resolve }) { reason }: z.infer<typeof Resolve>,
    @IfMatch() versions: readonly number[] | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    await this.incidents.resolve(by, id, reason, versions)
    return sayVersion(reply, await this.screens.one(id, by))
  }

  @Post(':id/reopen')
  @HttpCode(200)
  @Needs('incident.reopen')
  @Answers(
    'Opens it again, and says why, for as long as an alert of the same problem would; a plan is asked for anew.',
    IncidentView,
  )
  @TakesIfMatch()
  async reopen(
    @By() by: Caller,
    @Param('id') id: string,
    @Body({ schema: Reopen }) { reason }: z.infer<typeof Reopen>,
    @IfMatch() versions: readonly number[] | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    await this.reopening.reopen(by, id, reason, versions)
    return sayVersion(reply, await this.screens.one(id, by))
  }

  @Post(':id/notes')
  @HttpCode(200)
  @Needs('incident.note')
  @Answers('Writes a note into its timeline, for good: an entry of the log is never changed.', IncidentView)
  async note(
    @By() by: Caller,
    @Param('id') id: string,
    @Body({ schema: Note }) { text }: z.infer<typeof Note>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    await this.incidents.note(by, id, text)
    return sayVersion(reply, await this.screens.one(id, by))
  }

  @Get(':id/timeline')
  @Needs('incident.read')
  @Answers('What happened, oldest first, each line an entry of the audit log as a sentence.', Timeline)
  timeline(@Param('id') id: string) {
    return this.screens.timeline(id)
  }

  @Get(':id/evidence')
  @Needs('incident.read')
  @Answers(
    'The evidence that its runs have kept, oldest first, by digest and size; an export that discloses carries it.',
    Evidence,
  )
  evidence(@Param('id') id: string) {
    return this.screens.evidence(id)
  }

  @Get(':id/figures')
  @Needs('incident.read')
  @Answers(
    'Figures of what it is about as the worker read them, the last hour of each, or the last eight where it began earlier: of its service, and of the models, OCR and queues that belong to that.',
    Figures,
  )
  figures(@Param('id') id: string) {
    return this.surroundings.figures(id)
  }

  @Get(':id/changes')
  @Needs('incident.read')
  @Answers(
    'What changed around the time when it began, which is when its alerts say so, the likeliest cause first.',
    Changes,
  )
  changes(@Param('id') id: string) {
    return this.surroundings.changes(id)
  }

  @Get(':id/suggestions')
  @Needs('plan.read')
  @Answers('Its plans, newest first: what was suggested when it opened, and what people asked for.', PlanPage)
  suggestions(@By() by: Caller, @Param('id') id: string) {
    return this.plans.page({ incident: id, limit: 200 }, by)
  }
}
