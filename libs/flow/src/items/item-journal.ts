import type { JsonObject } from '@firebreak/kit'
import { digest, snapshot } from '../audit.js'
import { placeOf } from '../chain.js'
import type { Closed } from '../gate.js'
import { allowed, type Journal } from '../journal.js'
import { endOf, verbOf, type Direction, type Outcome } from '../effect.js'
import type { WriteBooks } from '../ledger.js'
import { assertPassage } from '../passages.js'
import type { RunStep, StepItem } from '../rows.js'
import { time, type World } from '../world.js'

/** What the log commits to of a list of items: which ones, and as what. */
export const itemsDigest = (items: readonly Pick<StepItem, 'number' | 'args' | 'state'>[]): string =>
  digest({ items: items.map(({ number, args, state }) => ({ number, args, state })) })

/** The lines of one step over many items. They are not controlled rows: the entries about their step speak of them. */
export class ItemJournal {
  constructor(
    private readonly world: World,
    private readonly journal: Journal,
    private readonly step: RunStep,
  ) {}

  /** Claims a wave: commits that these are about to happen. Answers what is in the way, and has then written nothing. */
  claim(wave: readonly StepItem[]): Promise<{ step: RunStep; items: StepItem[] } | { closed: Closed }> {
    const at = time(this.world.now())
    const { fence } = this.journal.held
    const targets = [...new Set(wave.flatMap((item) => this.targets(item)))]
    const begins = this.step.state === 'pending'
    const step: RunStep = begins ? { ...this.step, state: 'intended', intended_at: at, attempt: 1, fence } : this.step
    return this.journal.write(
      async (books, { closed, pass }) => {
        if (closed) return { closed }
        if (begins) {
          assertPassage('step', step.id, 'pending', 'intended')
          await books.steps.change(step.id, { state: 'intended', intended_at: at, attempt: 1, fence })
        }
        const claimed = { state: 'intended' as const, intended_at: at, fence }
        for (const { id } of wave) await books.stepItems.change(id, claimed)
        const items = wave.map((item) => ({ ...item, ...claimed }))
        await this.journal.append(
          books,
          begins ? 'step.intended' : 'step.wave',
          step,
          { freeze: allowed(this.world.scopes.of(targets), pass) },
          { items: items.length, item: items[0]!.number, items_digest: itemsDigest(items) },
        )
        return { step, items }
      },
      { claims: targets },
    )
  }

  /** Commits that a claimed item is tried now, or taken back, and how it was found: evidence before every effect. */
  attempt(item: StepItem, direction: Direction, before: JsonObject | null): Promise<StepItem | { closed: Closed }> {
    const first = direction === 'do' ? item.attempt === 0 : item.undo_intended_at === null
    const columns = {
      attempt: first ? 1 : item.attempt + 1,
      fence: this.journal.held.fence,
      ...(direction === 'undo' ? { undo_intended_at: time(this.world.now()) } : first ? { before } : {}),
    }
    return this.journal.write(
      async (books, { closed }) => {
        if (closed) return { closed }
        await books.stepItems.change(item.id, columns)
        if (direction === 'undo' && this.lends)
          await this.journal.moveLoans(books, this.step, 'returning', 'The run is taken back.', null, item.args)
        return { ...item, ...columns }
      },
      { claims: this.targets(item) },
    )
  }

  /** Commits how one ended. `before`: how it was found, where that is no question. */
  record(
    item: StepItem,
    direction: Direction,
    outcome: Outcome,
    before: JsonObject | null,
    after: JsonObject | null,
  ): Promise<StepItem> {
    const state = endOf(direction, outcome)
    const because = outcome.kind === 'done' ? (outcome.found ? 'Found in place.' : null) : outcome.because
    const ended_at = time(this.world.now())
    const kept = direction === 'do' && state === 'done' && after ? { after } : {}
    return this.journal.write(async (books) => {
      assertPassage('step', item.id, item.state, state)
      await books.stepItems.change(item.id, { state, because, ended_at, ...kept })
      await this.journal.appendAbout(
        books,
        `item.${state}`,
        this.step,
        placeOf(verbOf(this.step), item.args),
        {
          outcome: outcome.kind === 'done' ? 'ok' : outcome.kind,
          ...(before ? { before: snapshot(before) } : {}),
          ...(after ? { after: snapshot(after) } : {}),
        },
        {
          item: item.number,
          says: sentence(this.step, item, direction),
          attempt: item.attempt,
          because: because ?? '',
          found: outcome.kind === 'done' && outcome.found,
        },
      )
      if (direction === 'do' && state === 'done') await this.lend(books, item)
      if (direction === 'undo' && this.lends) {
        const back = state === 'undone' ? 'returned' : 'overdue'
        await this.journal.moveLoans(books, this.step, back, because ?? 'Taken back with its run.', after, item.args)
      }
      return { ...item, state, because, ended_at, ...kept }
    })
  }

  /**
   * Commits how the step ended. `then`: what this makes of the run, in the same transaction.
   */
  end(
    items: readonly StepItem[],
    state: 'done' | 'failed' | 'unknown' | 'undone' | 'kept',
    because: string | null,
    then?: (books: WriteBooks) => Promise<void>,
  ): Promise<void> {
    return this.journal.write(async (books) => {
      assertPassage('step', this.step.id, this.step.state, state)
      // Where a person is asked, the rest of a wave waits for the answer.
      const closed = state === 'failed' ? await closeItems(books, items, because ?? '') : items
      await this.change(books, closed, state, because)
      await then?.(books)
    })
  }

  /** What a person's answer about its unknown items makes of a step. */
  async answered(
    books: WriteBooks,
    items: readonly StepItem[],
    course: { step: 'done' | 'failed' | 'intended'; items: 'done' | 'failed' | 'intended' },
    because: string,
  ): Promise<void> {
    const ended_at = time(this.world.now())
    const told = await Promise.all(
      items.map(async (item) => {
        if (item.state !== 'unknown') return item
        // What is looked at again was tried: the next worker probes it first.
        await books.stepItems.change(item.id, { state: course.items, because, ended_at })
        if (course.items === 'done') await this.lend(books, item)
        return { ...item, state: course.items, because }
      }),
    )
    const closed = course.step === 'failed' ? await closeItems(books, told, because) : told
    await this.change(books, closed, course.step, because)
  }

  private async change(
    books: WriteBooks,
    items: readonly StepItem[],
    state: RunStep['state'],
    because: string | null,
  ): Promise<void> {
    const items_done = items.filter((item) => item.state === 'done' || item.state === 'kept').length
    await books.steps.change(this.step.id, { state, because, items_done, ended_at: time(this.world.now()) })
    await this.journal.append(
      books,
      `step.${state}`,
      this.step,
      { outcome: state === 'unknown' ? 'unknown' : state === 'failed' || state === 'kept' ? 'failed' : 'ok' },
      { because: because ?? '', items: items.length, items_done, items_digest: itemsDigest(items) },
    )
  }

  /** Each item is a loan of its own: it comes back by itself, and what fails to is told by its name. */
  private async lend(books: WriteBooks, { args }: StepItem): Promise<void> {
    if (this.lends) await this.journal.lend(books, { ...this.step, args })
  }

  private get lends(): boolean {
    return this.step.loan_minutes !== null
  }

  private targets(item: StepItem): string[] {
    return verbOf(this.step).targets(item.args)
  }
}

/** What was claimed and never tried has failed, without an effect; what was not claimed is skipped. */
async function closeItems(books: WriteBooks, items: readonly StepItem[], because: string): Promise<StepItem[]> {
  const closed: StepItem[] = []
  for (const item of items) {
    const state = item.state === 'intended' ? 'failed' : item.state === 'pending' ? 'skipped' : undefined
    if (state) await books.stepItems.change(item.id, { state, because: `Not begun. ${because}` })
    closed.push(state ? { ...item, state } : item)
  }
  return closed
}

/** What is done to one item, or how it is taken back. */
function sentence(step: RunStep, item: StepItem, direction: Direction): string {
  const { says, undo } = verbOf(step)
  return direction === 'undo' && 'says' in undo ? undo.says(item.args) : says(item.args)
}

/** The items of a step, as they stand in the journal. */
export async function itemsOf(books: Pick<WriteBooks, 'stepItems'>, step: Pick<RunStep, 'id'>): Promise<StepItem[]> {
  return (await books.stepItems.where({ step_id: step.id })).sort((a, b) => a.number - b.number)
}
