import { Controller, Get, Headers, Inject, Query, Req, StreamableFile } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import { ProofsReadModel } from './proofs.read-model.js'
import { ConsistencyProof, ConsistencyQuery, InclusionProof, InclusionQuery } from './proofs.schema.js'

@ApiTags('audit')
@Controller('v1/audit')
export class ProofsController {
  constructor(@Inject(ProofsReadModel) private readonly log: ProofsReadModel) {}

  @Get('proofs/inclusion')
  @Needs('audit.read')
  @Answers(
    'Proof that an entry stands in the log. With `Accept: text/plain` one file with the checkpoint (C2SP tlog-proof).',
    InclusionProof,
  )
  async inclusion(
    @Query({ schema: InclusionQuery }) query: z.infer<typeof InclusionQuery>,
    @Headers('accept') accept: string | undefined,
  ) {
    if (!/^\s*text\/plain\b/i.test(accept ?? '')) return this.log.inclusion(query)
    const file = Buffer.from(await this.log.inclusionFile(query))
    return new StreamableFile(file, { type: 'text/plain; charset=utf-8', length: file.length })
  }

  @Get('proofs/consistency')
  @Needs('audit.read')
  @Answers('Proof that the log of a larger size begins with the log of a smaller one.', ConsistencyProof)
  consistency(@Query({ schema: ConsistencyQuery }) query: z.infer<typeof ConsistencyQuery>) {
    return this.log.consistency(query)
  }

  @Get('tiles/*')
  @ApiOperation({
    summary: 'The log as C2SP tlog-tiles: `checkpoint`, `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]`.',
  })
  @Needs('audit.read')
  @ApiParam({ name: 'path', schema: { type: 'string' } })
  @ApiOkResponse({ content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } })
  async tile(@Req() request: FastifyRequest) {
    const path = request.url.split('?')[0]!.slice('/v1/audit/tiles/'.length)
    const file = await this.log.file(path)
    const type = path === 'checkpoint' ? 'text/plain; charset=utf-8' : 'application/octet-stream'
    return new StreamableFile(Buffer.from(file), { type, length: file.length })
  }
}
