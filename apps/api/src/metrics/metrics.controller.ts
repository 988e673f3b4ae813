import { Controller, Get, Inject, Res } from '@nestjs/common'
import { ApiExcludeController } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import { Needs } from '../http/needs.js'
import { Metrics } from './metrics.js'

/** Where Prometheus looks. Its `authorization` takes an API key of a service. */
@ApiExcludeController()
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  @Get()
  @Needs('metrics.read')
  async scrape(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const text = await this.metrics.text()
    void reply.type(this.metrics.contentType)
    return text
  }
}
