import { Refused } from '@firebreak/flow'
import type { BeforeApplicationShutdown } from '@nestjs/common'
import type { FastifyInstance } from 'fastify'

/** Whatever is not answered by then is cut off: what it did is in the record, and whoever asks again under its key finds it. */
const PATIENCE_MS = 5_000

/** A process that ends answers what it has begun, and sends whoever comes meanwhile to another. */
export class Departure implements BeforeApplicationShutdown {
  private underWay = 0
  private leaving = false
  private quiet: (() => void) | undefined

  constructor(private readonly patienceMs = PATIENCE_MS) {}

  watch(server: FastifyInstance): void {
    server.addHook('onRequest', async (_, reply) => {
      this.underWay++
      // Also of a client that goes before it is answered.
      reply.raw.once('close', () => {
        if (--this.underWay === 0) this.quiet?.()
      })
      if (!this.leaving) return
      void reply.header('connection', 'close')
      throw new Refused(
        'overloaded',
        'This process is ending, and nothing was done. Send it again: another will answer.',
      )
    })
  }

  /** Before the connections are closed and the record with them. */
  async beforeApplicationShutdown(): Promise<void> {
    this.leaving = true
    if (this.underWay === 0) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((done) => {
      this.quiet = done
      timer = setTimeout(done, this.patienceMs)
    })
    clearTimeout(timer)
  }
}
