import { Controller, Get, Inject, Res } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import { CONFIG, type Config } from '../config.js'
import { Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import { HealthCheck } from './health.js'
import { Health } from './health.schema.js'

@ApiTags('health')
@Controller('v1/health')
export class HealthController {
  constructor(
    @Inject(HealthCheck) private readonly check: HealthCheck,
    @Inject(CONFIG) private readonly config: Pick<Config, 'mode'>,
  ) {}

  @Get()
  @Needs('health.read')
  @Answers('Live, ready, and each dependency with its age. 503 when nothing could be recorded.', Health)
  async health(@Res({ passthrough: true }) reply: FastifyReply) {
    const { ready, dependencies } = await this.check.dependencies()
    if (!ready) void reply.status(503).header('retry-after', '2')
    return { live: true as const, ready, mode: this.config.mode, dependencies }
  }
}
