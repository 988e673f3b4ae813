import { Alerts, inTurn, processActor, type AlertRules, type Incidents, type Lifts } from '@firebreak/flow'
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common'

const EVERY_MS = 2_000

/** Takes up deliveries that were stored and not understood because the process died in between; closes old incidents; plans anew what a freeze had stopped. */
export class AlertSweep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined
  private current: Promise<void> = Promise.resolve()
  /** Apart: trouble with one keeps the others from nothing. */
  private readonly parts: readonly [name: string, work: () => Promise<unknown>][] = [
    ['deliveries', () => this.alerts.sweep()],
    ['old incidents', () => this.incidents.closeOld(this.rules.resolveWindowMinutes)],
    ['planning anew', () => this.lifts.planAnew(processActor('api'))],
  ]

  constructor(
    private readonly alerts: Alerts,
    private readonly incidents: Incidents,
    private readonly lifts: Pick<Lifts, 'planAnew'>,
    private readonly rules: AlertRules,
    private readonly troubled: (line: string) => void,
  ) {}

  onApplicationBootstrap(): void {
    let busy = false
    this.timer = setInterval(() => {
      if (busy) return
      busy = true
      void this.once().finally(() => (busy = false))
    }, EVERY_MS)
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer)
    await this.current
  }

  /** One round; two never overlap. Trouble is said once a round: Postgres may be away for a while. */
  once(): Promise<void> {
    this.current = this.current
      .then(() =>
        inTurn(
          this.parts,
          ([name]) => name,
          ([, work]) => work(),
        ),
      )
      .then(
        () => undefined,
        (error: unknown) =>
          this.troubled(`the sweep had trouble: ${error instanceof Error ? error.message : String(error)}`),
      )
    return this.current
  }
}
