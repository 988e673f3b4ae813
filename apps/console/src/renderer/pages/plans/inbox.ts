import type { BreakGlass, Plan } from '../../api/view.js'

/** Whose move it is: mine, somebody's after I asked, nobody's any more. */
export const trays = ['waiting', 'asked', 'decided'] as const
export type Tray = (typeof trays)[number]

/** Nobody has ended it: it is being made, it waits for people, or for the worker to take it up. */
export const isOpen = ({ state }: Pick<Plan, 'state'>): boolean =>
  state === 'requested' || state === 'proposed' || state === 'approved'

/**
 * Whether it waits on whoever asks. A yes that has to wait (a freeze, a quiet window) does not take it off their table:
 * they can say no, and be ready. What the API has not said is no "you may".
 */
export const waitsOnMe = ({ state, may }: Pick<Plan, 'state' | 'may'>): boolean =>
  state === 'proposed' && (may.refuse.ok || may.approve.ok)

/** One of the three trays out of what is known: the plans that wait, and the newest of all. Newest first. */
export function trayOf(tray: Tray, waiting: readonly Plan[], newest: readonly Plan[], me: string): Plan[] {
  const all = new Map([...waiting, ...newest].map((plan) => [plan.id, plan]))
  const holds: Record<Tray, (plan: Plan) => boolean> = {
    waiting: waitsOnMe,
    asked: ({ requested_by }) => requested_by.id === me,
    // What a recipe stopped or could not plan was never put to anybody.
    decided: (plan) => !isOpen(plan) && plan.state !== 'stopped' && plan.state !== 'failed',
  }
  return [...all.values()].filter(holds[tray]).sort(tray === 'waiting' ? bySoonest : byNewest)
}

/** Of what waits, what ends first is decided first. */
const bySoonest = (a: Plan, b: Plan): number =>
  (a.expires_at ?? '~').localeCompare(b.expires_at ?? '~') || a.id.localeCompare(b.id)

const byNewest = (a: Plan, b: Plan): number => b.requested_at.localeCompare(a.requested_at) || b.id.localeCompare(a.id)

/** Those that wait, though not on me: so that an empty table is not taken for a quiet house. */
export const onOthers = (waiting: readonly Plan[]): Plan[] =>
  waiting.filter((plan) => plan.state === 'proposed' && !waitsOnMe(plan))

/** How a plan ended, and by whom where people ended it. */
export function endSays(plan: Pick<Plan, 'state' | 'approvals' | 'because'>): string {
  const no = plan.approvals.find(({ decision }) => decision === 'no')
  if (plan.state === 'refused' && no) return `${no.by.name} said no${no.note === '' ? '' : `: ${no.note}`}`
  if (plan.state === 'approved' || plan.state === 'used') {
    const yes = plan.approvals.filter(({ decision }) => decision === 'yes').map(({ by }) => by.name)
    return yes.length === 0 ? 'approved in advance' : `approved by ${yes.join(' and ')}`
  }
  return plan.because ?? ''
}

/** Those that this person may decide about or review, whose time is over first. */
export const passesOnMe = (passes: readonly BreakGlass[]): BreakGlass[] =>
  passes
    .filter(({ state, may }) => (state === 'asked' ? may.decide.ok : may.review.ok))
    .sort((a, b) => (a.use?.review_by ?? a.open_until).localeCompare(b.use?.review_by ?? b.open_until))
