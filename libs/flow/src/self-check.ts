import type { Actor } from './actor.js'
import { entry, plain } from './audit.js'
import type { Books, WriteBooks } from './ledger.js'
import { OWN_SOURCE, ownDelivered, ownFingerprint, type OwnAlert } from './own-alerts.js'
import { assertPassage } from './passages.js'
import { reasonOf } from './planner.js'
import type { MaintenanceRun } from './rows.js'
import { TenureLost, type Tenures } from './tenure.js'
import type { Timers } from './timers.js'
import { minutesAfter, time, type World } from './world.js'

/** What a check of the whole log found. */
export interface LogVerdict {
  /** sound: what `audit-check` calls valid. */
  verdict: 'sound' | 'tampered' | 'incomplete' | 'unusable'
  origin: string
  size: number
  /** Hexadecimal; empty where the checkpoint cannot be read. */
  root: string
  /** How many checks were made, and which were not. */
  made: number
  not_made: string[]
  /** The size of the checkpoint that the last good check kept, and that the log was held against. */
  kept: number | null
  /** What to look at first; undefined for a sound log. */
  first: { check: string; sentence: string; index: number | undefined } | undefined
}

/** Checks the whole log up to the newest checkpoint, as an auditor would. Real: a bundle in a file, and the code of audit-check. */
export abstract class LogChecker {
  /**
   * Throws where it could not be made; what is wrong with the log is a verdict. `kept`: whether an earlier check was good,
   * so that a checkpoint that it kept has to be there.
   */
  abstract check(run: string, fence: number, kept: boolean): Promise<LogVerdict>
}

/** When the house wants it (`audit.self_check` in firebreak.yaml). */
export interface SelfCheckTimes {
  /** `HH:MM`, UTC. */
  at: string
  /** After a check that failed. */
  retry_minutes: number
}

const KIND = 'self-check'
const ALERT = 'AuditLogSelfCheckFailed'
/** A row that is taken up this long after its time tells so: somebody was not there. */
const LATE_MINUTES = 60
/** A check that could not be made may have its reasons, for a day. */
const PATIENCE_MINUTES = 24 * 60

/** Why a check was not made now. */
export type NotBegun = 'done' | 'excepted' | 'elsewhere' | 'not-due' | 'unknown'

/**
 * The nightly check of the audit log, once across all workers: a row says when the next one is due, whoever takes it holds
 * its tenure, and a worker that dies is taken over. What it finds comes in as an alert like everybody's: the worker may
 * deliver, and what becomes of it is decided where every alert is sorted.
 */
export class SelfChecks {
  constructor(
    private readonly world: World,
    private readonly checker: LogChecker,
    private readonly tenures: Tenures,
    private readonly timers: Pick<Timers, 'every'>,
    private readonly me: Actor,
    private readonly times: SelfCheckTimes,
  ) {}

  /** Sees to it that one check is to come. Asked again and again: it does nothing when there is one. */
  async schedule(): Promise<void> {
    const isWaiting = (books: Books) => books.maintenanceRuns.ids({ kind: KIND, state: ['due', 'late', 'running'] }, { after: '', limit: 1 }) // prettier-ignore
    if ((await this.world.ledger.read(isWaiting)).length > 0) return
    await this.world.ledger.write(async (books) => {
      const next = this.next()
      await books.lock({ key: [`maintenance:${KIND}`], stream: [streamOf(next.id)] })
      if ((await isWaiting(books)).length === 0) await this.add(books, next)
    })
  }

  /** Makes one check that is due, or whose worker is silent. Answers how it ended, or why there was nothing to do. */
  async run(id: string): Promise<'done' | 'failed' | NotBegun> {
    const begun = await this.begin(id)
    if (typeof begun === 'string') return begun
    const { fence, kept } = begun
    return this.tenures.during(
      id,
      fence,
      (ms, work) => this.timers.every(ms, work),
      async () => {
        const started = this.world.now()
        let made: LogVerdict | Error
        try {
          made = await this.checker.check(id, fence, kept)
        } catch (error) {
          if (error instanceof TenureLost) return 'elsewhere'
          made = new Error(reasonOf(error))
        }
        try {
          return await this.end(id, fence, started, made)
        } catch (error) {
          if (error instanceof TenureLost) return 'elsewhere'
          throw error
        }
      },
    )
  }

  private async begin(id: string): Promise<{ fence: number; kept: boolean } | NotBegun> {
    return this.world.ledger.write(async (books) => {
      const [stream, next] = [streamOf(id), this.next()]
      await books.lock({ key: [`maintenance:${KIND}`, `tenure:${id}`], stream: [stream, streamOf(next.id)] })
      const run = await books.maintenanceRuns.get(id)
      if (!run) return 'unknown'
      const now = this.world.now()
      if (run.state === 'done' || run.state === 'excepted') return run.state
      const ready = run.state === 'failed' ? run.retry_at : run.due_at
      if (ready === null || new Date(ready) > now) return 'not-due'
      if (run.state === 'failed' && (await this.isSuperseded(books, run))) return 'not-due'
      const kept = (await books.maintenanceRuns.ids({ kind: KIND, state: 'done' }, { after: '', limit: 1 })).length > 0
      const fence = await this.tenures.take(books, id)
      if (fence === undefined) return 'elsewhere'
      let { state } = run
      if (state === 'due' && now > minutesAfter(new Date(run.due_at), LATE_MINUTES)) {
        await this.move(books, { ...run, state }, 'late', `It was due at ${run.due_at}, and no worker took it up for more than ${LATE_MINUTES} minutes.`) // prettier-ignore
        state = 'late'
      }
      await this.move(books, { ...run, state }, 'running', null, { started_at: time(now), ended_at: null, retry_at: null, fence }) // prettier-ignore
      if (!(await books.maintenanceRuns.get(next.id))) await this.add(books, next)
      return { fence, kept }
    })
  }

  private end(id: string, fence: number, started: Date, made: LogVerdict | Error): Promise<'done' | 'failed'> {
    const delivery = this.world.newId('dlv')
    return this.world.ledger.write(async (books) => {
      const streams = [streamOf(id), `delivery:${delivery}`]
      await books.lock({ key: [`maintenance:${KIND}`, `tenure:${id}`], stream: streams })
      await this.tenures.hold(books, id, fence)
      const run = (await books.maintenanceRuns.get(id))!
      const now = this.world.now()
      const sound = !(made instanceof Error) && made.verdict === 'sound'
      const because = sound ? null : made instanceof Error ? `It could not be made: ${made.message}` : sentenceOf(made)
      const told = await this.alert(books, run, now, started, made, because)
      if (told) await ownDelivered(books, this.me, delivery, told, time(now))
      const retry = minutesAfter(now, this.times.retry_minutes)
      await this.move(books, run, sound ? 'done' : 'failed', because, {
        ended_at: time(now),
        retry_at: sound ? null : time(retry),
        ...(told?.status === 'firing' ? { told: delivery } : {}),
      })
      this.tell(books, run.id, made, because)
      await this.tenures.release(books, id, fence)
      return sound ? 'done' : 'failed'
    })
  }

  /** What has to be told about this outcome; undefined: nothing. */
  private async alert(
    books: Books,
    run: MaintenanceRun,
    now: Date,
    started: Date,
    made: LogVerdict | Error,
    because: string | null,
  ): Promise<OwnAlert | undefined> {
    const since = await this.sinceLastDone(books, run)
    const target = made instanceof Error ? 'log:unread' : `log:${made.origin}`
    const said = { alertname: ALERT, target, starts_at: time(started) } as const
    if (because === null) {
      const firing = await books.alerts.where({
        source: OWN_SOURCE,
        fingerprint: ownFingerprint(ALERT),
        state: 'firing',
      })
      // Also what was told and not yet sorted in: it will be, before this is.
      if (firing.length === 0 && since.every(({ told }) => told === null)) return undefined
      const summary = 'The audit log passes its check again'
      return { ...said, status: 'resolved', summary, description: 'Every check was made and found right.', ends_at: time(now) } // prettier-ignore
    }
    // Nothing is known to be wrong: once a day is enough to be told that nothing is known.
    if (made instanceof Error && minutesAfter(new Date(since[0]!.due_at), PATIENCE_MINUTES) > now) return undefined
    const summary = made instanceof Error ? 'The audit log could not be checked for a day' : 'The audit log does not pass its check' // prettier-ignore
    return {
      ...said,
      status: 'firing',
      summary,
      description: `${plain(because)} What to do: runbook page audit-log.`,
      ends_at: null,
    }
  }

  /** The next night's check looks at all that this one would look at. */
  private async isSuperseded(books: Books, { due_at }: MaintenanceRun): Promise<boolean> {
    const now = time(this.world.now())
    const rows = await books.maintenanceRuns.where({ kind: KIND, state: ['due', 'late', 'running', 'failed', 'done'] })
    return rows.some((other) => other.due_at > due_at && other.due_at <= now)
  }

  /** The checks after the last good one, up to this one and it too; the oldest first. */
  private async sinceLastDone(books: Books, run: MaintenanceRun): Promise<MaintenanceRun[]> {
    const rows = await books.maintenanceRuns.where({ kind: KIND, state: ['failed', 'running', 'done'] })
    const before = rows.filter(({ due_at }) => due_at <= run.due_at).sort((a, b) => (a.due_at < b.due_at ? -1 : 1))
    return before.slice(before.findLastIndex(({ state }) => state === 'done') + 1)
  }

  private async move(
    books: WriteBooks,
    run: MaintenanceRun,
    state: MaintenanceRun['state'],
    because: string | null,
    { fence, ...columns }: Partial<MaintenanceRun> & { fence?: number } = {},
  ): Promise<void> {
    // A run that is taken over goes on as running.
    if (run.state !== state) assertPassage('maintenance_run', run.id, run.state, state)
    await books.maintenanceRuns.change(run.id, { state, because, ...columns })
    const { due_at, kind } = run
    books.audit.append(
      entry(this.me, streamOf(run.id), `maintenance.${state}`, `maintenance_run:${run.id}`, {
        outcome: state === 'failed' || state === 'late' ? 'failed' : 'ok',
        detail: {
          kind,
          due_at,
          ...(because === null ? {} : { because }),
          ...(fence === undefined ? {} : { fence }),
          ...(columns.retry_at ? { retry_at: columns.retry_at } : {}),
        },
      }),
    )
  }

  /** What the check found, in the log that it found it of. */
  private tell(books: WriteBooks, id: string, made: LogVerdict | Error, because: string | null): void {
    const known = made instanceof Error ? {} : made
    const { origin = 'unread', size, root, made: checks, not_made, kept, first, verdict = 'not-made' } = known as Partial<LogVerdict> // prettier-ignore
    books.audit.append(
      entry(this.me, streamOf(id), because === null ? 'check.passed' : 'check.failed', `log:${origin}`, {
        outcome: because === null ? 'ok' : made instanceof Error ? 'unknown' : 'failed',
        target: `log:${origin}`,
        detail: {
          verdict,
          ...(size === undefined ? {} : { size }),
          ...(root ? { root } : {}),
          ...(checks === undefined ? {} : { made: checks }),
          ...(not_made === undefined ? {} : { not_made }),
          ...(typeof kept === 'number' ? { kept } : {}),
          ...(first ? { check: first.check } : {}),
          ...(first?.index === undefined ? {} : { index: first.index }),
          ...(because === null ? {} : { because }),
        },
      }),
    )
  }

  private async add(books: WriteBooks, run: MaintenanceRun): Promise<void> {
    await books.maintenanceRuns.add(run)
    books.audit.append(
      entry(this.me, streamOf(run.id), 'maintenance.due', `maintenance_run:${run.id}`, {
        outcome: 'ok',
        detail: { kind: KIND, due_at: run.due_at },
      }),
    )
  }

  /** The next time that the house names. Its id is its time, so that two workers that plan it plan one. */
  private next(): MaintenanceRun {
    const now = this.world.now()
    const today = `${time(now).slice(0, 11)}${this.times.at}:00.000Z`
    const due_at = today > time(now) ? today : time(minutesAfter(new Date(today), 24 * 60))
    const id = `${KIND}-${due_at.slice(0, 16).replace(/[-:]/g, '').replace('T', '-')}`
    return { id, kind: KIND, state: 'due', due_at, started_at: null, ended_at: null, retry_at: null, because: null, told: null } // prettier-ignore
  }
}

const streamOf = (id: string): string => `maintenance:${id}`

function sentenceOf({ first, verdict }: LogVerdict): string {
  const where = first?.index === undefined ? '' : ` at entry ${first.index}`
  return `The log is ${verdict}${where}${first ? ` (check "${first.check}"): ${first.sentence}` : '.'}`
}
