import { ExportRequests } from '@firebreak/flow'
import {
  Body,
  Controller,
  Get,
  Header,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Res,
  StreamableFile,
} from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import type { z } from 'zod'
import { headersFor } from '@firebreak/page'
import { By, Needs } from '../http/needs.js'
import { insist } from '../http/rights.js'
import { Answers } from '../http/reading.js'
import type { Caller } from '../people/callers.js'
import { EntriesQuery, EntryPage, ExportPage, ExportQuery, ExportView, NewExport } from './audit.schema.js'
import { Downloads } from './downloads.js'
import { ExportsReadModel } from './exports.read-model.js'
import { LogReads } from './log-reads.js'
import { LogReadModel } from './log.read-model.js'

@ApiTags('audit')
@Controller('v1/audit')
export class AuditController {
  constructor(
    @Inject(LogReadModel) private readonly log: LogReadModel,
    @Inject(LogReads) private readonly reads: LogReads,
    @Inject(ExportsReadModel) private readonly screens: ExportsReadModel,
    @Inject(ExportRequests) private readonly exports: ExportRequests,
    @Inject(Downloads) private readonly downloads: Downloads,
  ) {}

  @Get('checkpoint')
  @ApiOperation({ summary: 'The newest checkpoint: a signed note (C2SP tlog-checkpoint), cosigned by the notary.' })
  @Needs('audit.read')
  @Header('content-type', 'text/plain; charset=utf-8')
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  checkpoint() {
    return this.log.checkpoint()
  }

  @Get('entries')
  @Needs('audit.read')
  @Answers('The log from its beginning, as far as a checkpoint covers it.', EntryPage)
  async entries(@By() by: Caller, @Query({ schema: EntriesQuery }) query: z.infer<typeof EntriesQuery>) {
    // Before the answer. Which page of it is no other question.
    await this.reads.tell(by, '/v1/audit/entries', {})
    return this.log.entries(query)
  }

  @Post('exports')
  @HttpCode(202)
  @Needs('audit.export')
  @Answers('Asks for an export of the log, or of a part of it.', ExportView, 202)
  async ask(
    @By() by: Caller,
    @Body({ schema: NewExport }) { reason, ...order }: z.infer<typeof NewExport>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    if (order.disclose) insist('audit.disclose', by)
    const { id } = await this.exports.ask(by, order, reason)
    void reply.header('location', `/v1/audit/exports/${id}`)
    return this.screens.one(id, by)
  }

  @Get('exports')
  @Needs('audit.read')
  @Answers('Exports, newest first.', ExportPage)
  list(@By() by: Caller, @Query({ schema: ExportQuery }) query: z.infer<typeof ExportQuery>) {
    return this.screens.page(query, by)
  }

  @Get('exports/:id')
  @Needs('audit.read')
  @Answers('One export and how far it is.', ExportView)
  one(@By() by: Caller, @Param('id') id: string) {
    return this.screens.one(id, by)
  }

  @Get('exports/:id/download')
  @ApiOperation({ summary: 'The file, or a range of its bytes. That it was taken is an entry, too.' })
  @Needs('audit.export')
  @ApiOkResponse({ content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } })
  async download(
    @By() by: Caller,
    @Param('id') id: string,
    @Headers('range') range: string | undefined,
    @Headers('if-range') ifRange: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { etag, file, from, mediaType, name, size, to } = await this.downloads.open(by, id, range, ifRange)
    void reply.headers({ ...headersFor('download'), etag, 'accept-ranges': 'bytes' })
    if (to - from < size) {
      void reply.status(206).header('content-range', `bytes ${from}-${to - 1}/${size}`)
    }
    return new StreamableFile(file.createReadStream({ start: from, end: to - 1 }), {
      type: mediaType,
      disposition: `attachment; filename="${name}"`,
      length: to - from,
    })
  }
}
