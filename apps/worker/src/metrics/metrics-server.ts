import type { Log } from '@firebreak/telemetry'
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WorkerMetrics } from './metrics.js'

/**
 * `GET /metrics` on a port of its own, and nothing else: a worker has no door for people. There is no secret in it, and no key is
 * asked for, so it listens on this machine alone unless it is told otherwise.
 */
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private server: Server | undefined

  constructor(
    private readonly metrics: WorkerMetrics,
    /** Undefined: nobody asks. */
    private readonly at: { port: number; host: string } | undefined,
    private readonly log: Pick<Log, 'info' | 'error'>,
  ) {}

  /** Rejects where the port is taken: a worker that cannot be watched does not start unnoticed. */
  async onApplicationBootstrap(): Promise<void> {
    if (!this.at) return
    this.server = createServer((request, response) => void this.answer(request, response))
    this.server.requestTimeout = 5_000
    this.server.headersTimeout = 5_000
    this.server.listen(this.at.port, this.at.host)
    await once(this.server, 'listening')
    const { address, port } = this.server.address() as AddressInfo
    this.log.info('metrics are told', { address, port })
  }

  async onApplicationShutdown(): Promise<void> {
    if (!this.server?.listening) return
    this.server.close()
    this.server.closeAllConnections()
    await once(this.server, 'close')
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (request.url?.split('?', 1)[0] !== '/metrics') return void response.writeHead(404).end('GET /metrics\n')
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return void response.writeHead(405, { allow: 'GET, HEAD' }).end('GET only\n')
      const text = await this.metrics.registry.metrics()
      response.writeHead(200, {
        'content-type': this.metrics.registry.contentType,
        'x-content-type-options': 'nosniff',
      })
      response.end(request.method === 'HEAD' ? undefined : text)
    } catch (error) {
      this.log.error('metrics could not be told', { err: error })
      if (!response.headersSent) response.writeHead(500)
      response.end()
    }
  }
}
