import { inTurn, sweep, type Backlog, type Doorbell, type SelfChecks, type Timers } from '@firebreak/flow'
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common'
import type { Observer } from './remediation/observer.js'

/** What the worker does again and again without being rung for. */
export class Rounds implements OnApplicationBootstrap, OnApplicationShutdown {
  private stops: (() => void)[] = []

  constructor(
    private readonly timers: Timers,
    private readonly backlog: Pick<Backlog, 'find'>,
    private readonly doorbell: Doorbell,
    private readonly observer: Observer,
    private readonly checks: Pick<SelfChecks, 'schedule'>,
    private readonly budgets: { tellOver(): Promise<unknown> },
    private readonly breakGlass: { tell(): Promise<unknown> },
    private readonly lifts: { carryOut(): Promise<unknown> },
    private readonly clearAway: () => Promise<void>,
    private readonly every: { sweepMs: number; observeMs: number; clearMs: number },
  ) {}

  onApplicationBootstrap(): void {
    // Apart: what is wrong with one is said, and keeps nobody from hearing an alarm or a freeze from being lifted.
    const parts: [name: string, work: () => Promise<unknown>][] = [
      ['the sweep', () => sweep(this.backlog, this.doorbell, new Date())],
      ['scheduling checks', () => this.checks.schedule()],
      ['telling of budgets', () => this.budgets.tellOver()],
      ['telling of break-glass', () => this.breakGlass.tell()],
      ['lifting freezes', () => this.lifts.carryOut()],
    ]
    const sweepOnce = async () =>
      void (await inTurn(
        parts,
        ([name]) => name,
        ([, work]) => work(),
      ))
    const lookOnce = async () => void (await this.observer.look())
    this.stops = [
      this.timers.every(this.every.sweepMs, sweepOnce),
      this.timers.every(this.every.observeMs, lookOnce),
      this.timers.every(this.every.clearMs, this.clearAway),
    ]
  }

  onApplicationShutdown(): void {
    for (const stop of this.stops) stop()
  }
}
