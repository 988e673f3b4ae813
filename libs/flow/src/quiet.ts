import type { Tier } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { entry } from './audit.js'
import { namedScopes } from './freezes.js'
import type { Books } from './ledger.js'
import { Refused, type RefusalCode } from './refused.js'
import type { PlanBody, QuietWindow } from './rows.js'
import { minutesAfter, time, type World } from './world.js'

/** Longer than any holiday; whoever needs more declares the next one. */
const LONGEST_DAYS = 31
const FARTHEST_DAYS = 366

/** The next higher tier, and how many people it takes at least. Nothing is above T3. */
export function oneTierHigher({ tier, people, ...rest }: PlanBody['approval']): PlanBody['approval'] {
  const higher: Record<Tier, [Tier, number]> = { T0: ['T1', 1], T1: ['T2', 1], T2: ['T3', 2], T3: ['T3', 2] }
  const [raised, least] = higher[tier]
  return { ...rest, tier: raised, people: Math.max(people, least), raised_from: tier }
}

/**
 * Why a plan has to wait for the end of a quiet window that is open over its targets; undefined when it has not. One for an
 * incident goes on, when it was made for the higher tier. What only contains or captures evidence is not asked.
 */
export async function quietOver(
  books: Books,
  { now, scopes }: Pick<World, 'now' | 'scopes'>,
  targets: readonly string[],
  { approval, contains, incident }: Pick<PlanBody, 'approval' | 'contains' | 'incident'>,
): Promise<string | undefined> {
  if (contains || targets.length === 0 || (incident !== null && approval.raised_from !== undefined)) return undefined
  const [window] = await books.quiet(scopes.of(targets), time(now()))
  if (!window) return undefined
  const why = `Quiet until ${window.ends_at}: ${window.reason} (${window.id}, over ${window.scopes.join(', ')}).`
  return incident === null
    ? `${why} Planned work waits; only plans for an incident pass.`
    : `${why} A plan for an incident passes one tier higher, and this one was made before: ask for a new one.`
}

/** Whether a plan for an incident has to be made for a higher tier now. */
export const isQuiet = async (books: Books, { now, scopes }: World, targets: readonly string[]): Promise<boolean> =>
  targets.length > 0 && (await books.quiet(scopes.of(targets), time(now()))).length > 0

/** What a window is now. */
export function quietState(window: QuietWindow, now: Date): 'planned' | 'open' | 'over' | 'cancelled' {
  if (window.cancelled_at !== null) return 'cancelled'
  if (now < new Date(window.starts_at)) return 'planned'
  return now < new Date(window.ends_at) ? 'open' : 'over'
}

/** Why this window cannot be cancelled now, or undefined when it can. Asked by screens, too. */
export function whyNotCancelWindow(window: QuietWindow, now: Date): { code: RefusalCode; reason: string } | undefined {
  switch (quietState(window, now)) {
    case 'planned':
      return undefined
    case 'open':
      return { code: 'superseded', reason: `It is open, and ends by itself at ${window.ends_at}.` }
    case 'over':
      return { code: 'superseded', reason: `It was over at ${window.ends_at}.` }
    case 'cancelled':
      return { code: 'already-decided', reason: `${window.cancelled_by} cancelled it.` }
  }
}

/** Times in which planned work waits: for a release, for holidays. They begin and end by the clock. */
export class QuietWindows {
  constructor(private readonly world: World) {}

  async declare(
    by: Actor,
    wish: { scopes: readonly string[]; starts_at?: string | undefined; ends_at: string; reason: string },
  ): Promise<QuietWindow> {
    const scopes = namedScopes(this.world.scopes, wish.scopes)
    const now = this.world.now()
    const from = wish.starts_at === undefined ? now : new Date(wish.starts_at)
    const to = new Date(wish.ends_at)
    const starts = from < now ? now : from
    const outOfRange = (pointer: string, message: string) =>
      new Refused('out-of-range', 'A quiet window ends after it starts and after now.', [{ pointer, message }])
    if (to <= starts) throw outOfRange('/ends_at', `after ${time(starts)}`)
    if (to > minutesAfter(starts, LONGEST_DAYS * 24 * 60)) throw outOfRange('/ends_at', `at most ${LONGEST_DAYS} days`)
    if (starts > minutesAfter(now, FARTHEST_DAYS * 24 * 60)) throw outOfRange('/starts_at', 'within a year')
    const window: QuietWindow = {
      ...{ id: this.world.newId('qwi'), scopes, reason: wish.reason, by: by.id, at: time(now) },
      ...{ starts_at: time(starts), ends_at: time(to) },
      ...{ cancelled_by: null, cancelled_at: null, cancelled_because: null },
    }
    const stream = `quiet:${window.id}`
    await this.world.ledger.write(async (books) => {
      // Alone, as a freeze: what was not started before one that is open at once has committed is not started after it.
      await books.lock({ scope: scopes, stream: [stream] })
      await books.quietWindows.add(window)
      const { ends_at, reason, starts_at } = window
      books.audit.append(
        entry(by, stream, 'quiet.declared', `quiet_window:${window.id}`, {
          outcome: 'ok',
          reason,
          detail: { scopes, starts_at, ends_at },
        }),
      )
    })
    return window
  }

  /** Cancels one that has not begun. Twice is once. */
  async cancel(by: Actor, id: string, reason: string): Promise<QuietWindow> {
    return this.world.ledger.write(async (books) => {
      const stream = `quiet:${id}`
      await books.lock({ stream: [stream] })
      const window = await books.quietWindows.get(id)
      if (!window) throw new Refused('not-found', `There is no quiet window ${id.slice(0, 100)}.`)
      if (window.cancelled_at !== null) return window
      const no = whyNotCancelWindow(window, this.world.now())
      if (no) throw new Refused(no.code, no.reason)
      const columns = { cancelled_by: by.id, cancelled_at: time(this.world.now()), cancelled_because: reason }
      await books.quietWindows.change(id, columns)
      books.audit.append(
        entry(by, stream, 'quiet.cancelled', `quiet_window:${id}`, {
          outcome: 'ok',
          reason,
          detail: { scopes: window.scopes },
        }),
      )
      return { ...window, ...columns }
    })
  }
}
