import { Controller, Get, Inject, Res } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import { Needs } from '../http/needs.js'
import { Metrics } from './metrics.js'

/** Where Prometheus looks. Its `authorization` takes an API key of a service. */
@ApiTags('health')
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  @Get()
  @Needs('metrics.read')
  @ApiOperation({ summary: 'How the house and this process are doing, in the text format of Prometheus.' })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  async scrape(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const text = await this.metrics.text()
    void reply.type(this.metrics.contentType)
    return text
  }
}
