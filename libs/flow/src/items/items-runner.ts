import { excerpt, type Hands, type JsonObject, type Readers } from '@firebreak/kit'
import {
  keepTrying,
  makeEffect,
  pauseBefore,
  settleEffect,
  stateOf,
  verbOf,
  type Direction,
  type Outcome,
  type Patience,
  type Withheld,
} from '../effect.js'
import { fenced } from '../fenced.js'
import type { Closed } from '../gate.js'
import { cancelOf } from '../interventions.js'
import type { Journal } from '../journal.js'
import { reasonOf } from '../planner.js'
import type { Run, RunStep, StepItem } from '../rows.js'
import type { Stop, Timers } from '../timers.js'
import { time, type World } from '../world.js'
import { ItemJournal, itemsOf } from './item-journal.js'
import { nextItem, nextUndo } from './item-moves.js'

/** Between two looks at what a wave waits for. */
const LEAST_PAUSE_S = 5

/** Why nothing more of a step is begun. */
type Cut = { because: string; closed?: Closed }

/** Goes through the items of one step, one after the other, under the tenure of its run. */
export class ItemsRunner {
  constructor(
    private readonly world: World,
    private readonly readers: Readers,
    private readonly hands: Hands,
    private readonly timers: Timers,
    private readonly settings: { attempts: number },
    private readonly patience: { read: Patience; probe: Patience },
  ) {}

  /**
   * Forward, until the step has ended, the run waits, or `signal` hands it over. Between any two items it looks whether
   * somebody cancelled; a freeze, the stop switch and the tenure are asked in the transaction before each effect.
   */
  async carryOut(journal: Journal, run: Run, of: RunStep, signal?: Stop): Promise<void> {
    let step = of
    let cut: Cut | undefined
    let items = await this.world.ledger.read((books) => itemsOf(books, step))
    const put = (...changed: StepItem[]) => {
      const by = new Map(changed.map((item) => [item.id, item]))
      items = items.map((item) => by.get(item.id) ?? item)
    }
    for (;;) {
      if (signal?.aborted) return
      cut ??= await this.cancelled(run)
      const lines = new ItemJournal(this.world, journal, step)
      const move = nextItem(step, items, this.world.now(), cut?.because)
      switch (move.kind) {
        case 'claim': {
          const waits = await this.waitsFor(step, move.items[0]!)
          if (waits !== undefined) return journal.wait(run, step, items, this.later(step), waits)
          const claimed = await lines.claim(move.items)
          if ('closed' in claimed) {
            // Nothing of the step was begun: it is held as a step of one effect is.
            if (step.state === 'pending') return journal.hold(step, 'do', claimed.closed)
            cut = { because: claimed.closed.because, closed: claimed.closed }
            break
          }
          step = claimed.step
          put(...claimed.items)
          break
        }
        case 'settle': {
          const why = 'Its worker stopped before it recorded how it ended'
          const found = await settleEffect(this.readers, this.doing(step, move.item), 'do', why, this.patience.probe)
          // After a cancel nothing is tried again: what is not there stays undone.
          const first: Outcome = cut && found.kind === 'failed' ? { ...found, again: false } : found
          const ended = await this.finish(journal, lines, step, move.item, 'do', first)
          put(ended.item)
          cut ??= ended.cut
          break
        }
        case 'do': {
          const ended = await this.finish(journal, lines, step, move.item, 'do')
          put(ended.item)
          cut ??= ended.cut
          break
        }
        case 'wait':
          return journal.wait(run, step, items, move.until)
        case 'end': {
          const then =
            !move.cut || !cut
              ? undefined
              : cut.closed
                ? journal.frozenWith(run, step, cut.closed)
                : journal.cancellingWith(run, cut.because)
          return lines.end(items, move.state, move.because, then)
        }
      }
    }
  }

  /** Back, in reverse. What could not be taken back is named. */
  async takeBack(journal: Journal, of: RunStep, signal?: Stop): Promise<void> {
    let step = of
    if (step.undo_intended_at === null) {
      const claimed = await journal.intend(step, 'undo', null)
      if ('closed' in claimed) return journal.hold(step, 'undo', claimed.closed)
      step = claimed.step
    }
    const lines = new ItemJournal(this.world, journal, step)
    let items = await this.world.ledger.read((books) => itemsOf(books, step))
    for (;;) {
      if (signal?.aborted) return
      const move = nextUndo(items)
      if (move.kind === 'end') return lines.end(items, move.state, move.because)
      const why = 'Its worker stopped before it recorded how it ended'
      const first =
        move.kind === 'settle'
          ? await settleEffect(this.readers, this.doing(step, move.item), 'undo', why, this.patience.probe)
          : undefined
      const ended = await this.finish(journal, lines, step, move.item, 'undo', first)
      if (ended.cut?.closed) return journal.hold(step, 'undo', ended.cut.closed)
      items = items.map((item) => (item.id === ended.item.id ? ended.item : item))
    }
  }

  /** Makes the effect of one item, as often as it takes, and records how it ended. */
  private async finish(
    journal: Journal,
    lines: ItemJournal,
    step: RunStep,
    intended: StepItem,
    direction: Direction,
    first?: Outcome,
  ): Promise<{ item: StepItem; cut?: Cut }> {
    const doing = this.doing(step, intended)
    const hands = fenced(this.hands, () => journal.holds())
    let item = intended
    let before: JsonObject | null = direction === 'do' ? item.before : null
    if (!first) {
      try {
        before = await this.patience.read(() => stateOf(this.readers, doing))
      } catch (error) {
        const because = `The target could not be read, so it was not touched: ${reasonOf(error)}`
        const failed = { kind: 'failed' as const, because, again: false, late: false }
        return { item: await lines.record(item, direction, failed, null, null) }
      }
    }
    const outcome = await keepTrying<Withheld>(
      async () => {
        const tried = await lines.attempt(item, direction, before)
        if ('closed' in tried) return { kind: 'held', ...tried }
        item = tried
        return makeEffect(hands, this.readers, doing, direction, this.patience.probe)
      },
      (why) => settleEffect(this.readers, doing, direction, why, this.patience.probe),
      this.settings.attempts - (first ? item.attempt : 1),
      async (nth, wait_ms) => {
        await this.timers.sleep(pauseBefore(nth, wait_ms))
        return undefined
      },
      first,
    )
    if (outcome.kind === 'held') {
      const cut = { because: outcome.closed.because, closed: outcome.closed }
      if (item.attempt === 0 || direction === 'undo') return { item, cut }
      // It was tried, and looked for: it is not there.
      const failed = { kind: 'failed' as const, because: cut.because, again: false, late: false }
      return { item: await lines.record(item, direction, failed, before, null), cut }
    }
    const after = outcome.kind === 'unknown' ? null : await stateOf(this.readers, doing).catch(() => null)
    return { item: await lines.record(item, direction, outcome, before, after) }
  }

  private async cancelled(run: Run): Promise<Cut | undefined> {
    const cancel = await this.world.ledger.read((books) => cancelOf(books, run))
    return cancel && { because: `${cancel.by} cancelled it.` }
  }

  /** Why the next wave is not begun yet. Who cannot tell does not wait: the first try says what is the matter. */
  private async waitsFor(step: RunStep, first: StepItem): Promise<string | undefined> {
    const { verb, args } = this.doing(step, first)
    const why = await this.patience
      .read(async () => verbOf({ verb, args }).waits?.(this.readers, args))
      .catch(() => undefined)
    return why === undefined ? undefined : excerpt(why)
  }

  /** When it is asked again: after the pause of a wave, and never at once. */
  private later({ pace }: RunStep): string {
    return time(new Date(this.world.now().getTime() + Math.max(pace!.pause_s, LEAST_PAUSE_S) * 1_000))
  }

  private doing(step: RunStep, item: StepItem) {
    return { verb: step.verb, args: item.args }
  }
}
