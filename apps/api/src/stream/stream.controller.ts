import { Controller, Get, Inject, Req, Res } from '@nestjs/common'
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import { headersFor } from '@firebreak/page'
import { Needs, type Admitted } from '../http/needs.js'
import { mayBy } from '../http/rights.js'
import { Callers } from '../people/callers.js'
import { readCursor } from './log-tail.js'
import { StreamEvent } from './stream.schema.js'
import { Stream } from './stream.js'

@ApiTags('stream')
@Controller('v1/stream')
export class StreamController {
  constructor(
    @Inject(Stream) private readonly stream: Stream,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  @Get()
  @ApiOperation({
    summary:
      'Server-sent events: each says that something happened. Ids are places in the log: `Last-Event-ID` replays what was missed, from any API process. `hello` begins, `hb` comes every 5 s, `resync` means: read everything anew.',
  })
  @Needs('stream.read')
  @ApiHeader({ name: 'last-event-id', required: false })
  @ApiOkResponse({ standardSchema: StreamEvent, description: 'text/event-stream; this is the data of one event' })
  async open(@Req() request: Admitted, @Res() reply: FastifyReply): Promise<void> {
    const asked = request.headers['last-event-id']
    const since = asked === undefined ? undefined : (readCursor(String(asked)) ?? 'unreadable')
    const proof = this.callers.proofIn(request)!
    const mayStay = async () => {
      const caller = await this.callers.of(proof, request.id, request.ip)
      return caller !== undefined && mayBy('stream.read', caller).ok
    }
    reply.hijack()
    reply.raw.writeHead(200, {
      ...headersFor('api'),
      'content-type': 'text/event-stream; charset=utf-8',
      'x-request-id': request.id,
      // Nobody on the way may hold events back.
      'x-accel-buffering': 'no',
    })
    // HEAD asks for the headers alone.
    if (request.method === 'HEAD') return void reply.raw.end()
    // The answer has begun, so an error can only end it; the browser comes back by itself.
    await this.stream.open(reply.raw, since, mayStay).catch(() => reply.raw.end())
  }
}
