import { Alerts } from '@firebreak/flow'
import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common'
import { RouteConfig } from '@nestjs/platform-fastify'
import { ApiBody, ApiTags } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { ALERTS_LIMIT, bytesOf, type BodyWish } from '../http/body.js'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import { AlertPage } from '../incidents/incidents.schema.js'
import type { Caller } from '../people/callers.js'
import { AlertsReadModel } from './alerts.read-model.js'
import { AlertLedger, AlertQuery, DeliveryView } from './alerts.schema.js'

@ApiTags('alerts')
@Controller('v1/alerts')
export class AlertsController {
  constructor(
    @Inject(Alerts) private readonly alerts: Alerts,
    @Inject(AlertsReadModel) private readonly screens: AlertsReadModel,
  ) {}

  @Post(':source')
  @HttpCode(202)
  @Needs('alert.send')
  @RouteConfig({ bytes: true, limit: ALERTS_LIMIT } satisfies BodyWish)
  @ApiBody({ schema: { type: 'object', additionalProperties: true, description: 'As the source sends it' } })
  @Answers(
    'Takes one delivery of a monitor. Answered only when it is durably stored; what cannot be read is stored as refused.',
    DeliveryView,
    202,
  )
  async receive(@By() by: Caller, @Param('source') source: string, @Req() request: FastifyRequest) {
    const { id, ...counts } = await this.alerts.receive(by, source, bytesOf(request))
    return { delivery: id, ...counts }
  }

  @Get()
  @Needs('alert.read')
  @Answers('Alerts, newest first.', AlertPage)
  list(@Query({ schema: AlertQuery }) query: z.infer<typeof AlertQuery>) {
    return this.screens.page(query)
  }

  @Get('ledger')
  @Needs('alert.read')
  @Answers('Per source, what came in and what became of it: it adds up.', AlertLedger)
  ledger() {
    return this.screens.ledger()
  }
}
