import { WORKER_SIGN, type Timers } from '@firebreak/flow'
import type { Tx } from '@firebreak/audit-store'
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common'

/** A worker that has not said so for longer than a few of these is gone, or has lost the record. */
const EVERY_MS = 5_000

/**
 * Says that a worker is there, also where it can see nothing of the watched systems: `GET /v1/health` tells the two apart. It
 * is kept as an observation of ourselves, and like those it is no part of the audited record.
 */
export class SignOfLife implements OnApplicationBootstrap, OnApplicationShutdown {
  private stop: () => void = () => undefined

  constructor(
    private readonly timers: Pick<Timers, 'every'>,
    private readonly db: Tx,
    private readonly me: string,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.give()
    this.stop = this.timers.every(EVERY_MS, () => this.give())
  }

  onApplicationShutdown(): void {
    this.stop()
  }

  private async give(): Promise<void> {
    await this.db.query(
      `insert into flow.observation (id, value, at) values ($1, $2, now())
       on conflict (id) do update set value = excluded.value, at = excluded.at`,
      [WORKER_SIGN, JSON.stringify({ worker: this.me })],
    )
  }
}
