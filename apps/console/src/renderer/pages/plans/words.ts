import type { BreakGlass, BreakGlassCheck, Incident, Plan, PlanBody, PlanStep } from '../../api/view.js'
import { leaves } from '../../ui/diff.js'

/** States as people say them. The words of the record stay in the data. */
export const planState: Record<Plan['state'], string> = {
  requested: 'being made',
  proposed: 'proposed',
  approved: 'approved',
  stopped: 'the recipe says stop',
  failed: 'could not be made',
  used: 'carried out',
  refused: 'refused',
  stale: 'stale',
  expired: 'expired',
  cancelled: 'cancelled',
}

/** What stands in front of a state: shape beside the word. */
export const planMark: Record<Plan['state'], string> = {
  requested: '…',
  proposed: '?',
  approved: '✓',
  stopped: '■',
  failed: '✗',
  used: '✓',
  refused: '✗',
  stale: '↻',
  expired: '–',
  cancelled: '↩',
}

const breakGlassState: Record<BreakGlass['state'], string> = {
  asked: 'asked for',
  granted: 'granted',
  refused: 'refused',
  expired: 'not used in time',
  used: 'used, its review is due',
  reviewed: 'reviewed',
  overdue: 'used, and its review is overdue',
}

/** What has become of a wish to break the glass. */
export const passSays = ({ decision, state }: Pick<BreakGlass, 'decision' | 'state'>): string =>
  state === 'expired' && decision === null ? 'not decided in time' : breakGlassState[state]

/** A pass holds for so long at the most, in minutes. The API refuses more. */
export const LONGEST_PASS = 60

/** Why this is no time for a pass to hold; null where it is one. */
export function whyNotMinutes(said: string): string | null {
  const minutes = Number(said)
  const fits = /^\d+$/.test(said.trim()) && minutes >= 1 && minutes <= LONGEST_PASS
  return fits ? null : `For 1 to ${LONGEST_PASS} minutes, in whole minutes.`
}

/** The one thing of a plan that a pass would go over: a freeze that holds it, by its id, or a yes that is missing. */
export type Over = BreakGlassCheck['freezes'][number] | 'approval'

/**
 * What a pass could go over now. A missing yes comes last: while a freeze holds the plan, that is what somebody comes for.
 */
export const overs = ({ approval_missing, freezes }: Pick<BreakGlassCheck, 'approval_missing' | 'freezes'>): Over[] => [
  ...freezes,
  ...(approval_missing ? (['approval'] as const) : []),
]

/** Who could grant a pass over this: whoever has approved the plan is not the one whose yes is missing. */
export function grantersOf(
  { granters }: Pick<BreakGlassCheck, 'granters'>,
  over: Over | undefined,
  { approvals }: Pick<Plan, 'approvals'>,
): BreakGlassCheck['granters'] {
  const out = new Set(over === 'approval' ? approvals.map(({ by }) => by.id) : [])
  const { lead, security } = granters
  return { security: security.filter(({ id }) => !out.has(id)), lead: lead !== null && out.has(lead.id) ? null : lead }
}

/** That a plan is frozen, where the freeze stands named beside it or is one press away: since when, by whom and why. */
export const FROZEN = 'Frozen: only two of Security lift it.'

/** The one thing that a broken glass passes. */
export const overSays = ({ over, freeze }: Pick<BreakGlass, 'over' | 'freeze'>): string =>
  over === 'freeze' ? `the freeze ${freeze ?? ''}` : 'one missing approval'

/** What granting it will do, in one sentence that can be read without the page around it. */
export const grantSays = (
  pass: Pick<BreakGlass, 'over' | 'freeze' | 'minutes'>,
  plan: Pick<Plan, 'body' | 'because' | 'state'>,
  place: string,
): string =>
  `Let this plan pass ${overSays(pass)}, once, within ${pass.minutes} min: ${gist(plan)}, in ${place}. Everybody is told, and somebody of Security reviews it within a day`

export type Tier = PlanBody['approval']['tier']

/** How much stands before a run, and why. */
export const tiers: Record<Tier, string> = {
  T0: 'T0, only reads',
  T1: 'T1, reversible and bounded',
  T2: 'T2, wide',
  T3: 'T3, cannot be undone',
}

/** Roles as people write them. One that the console does not know is shown as it is. */
export const roleName = (role: string): string =>
  ({ sre: 'SRE', ml: 'ML', security: 'Security', auditor: 'Auditor', admin: 'Admin', service: 'Service' })[role] ?? role

/** `SRE`, `SRE or ML`, `SRE, ML or Security`. */
export function either(names: readonly string[]): string {
  const last = names.at(-1) ?? 'nobody'
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} or ${last}`
}

const few = ['no', 'one', 'two', 'three', 'four'] as const
const spelt = (count: number): string => few[count] ?? String(count)

/** How far the approvals are, in words: `1 of 2 — needs one more from Security`. */
export function quorumSays({
  quorum: { given, needed },
  body,
  state,
}: Pick<Plan, 'quorum' | 'body' | 'state'>): string {
  if (needed === 0) return 'needs nobody: it only reads'
  const count = `${given} of ${needed}`
  if (state !== 'proposed' && state !== 'requested') return count
  const missing = Math.max(0, needed - given)
  if (missing === 0) return `${count} — has what it needs`
  const from = either((body?.approval.roles ?? []).map(roleName))
  return `${count} — needs ${spelt(missing)}${given > 0 ? ' more' : ''} from ${from}`
}

/** Where it happens, as its own facts name it, else as its incident does. Empty where neither says. */
export function environmentOf(plan: Pick<Plan, 'body'>, incident?: Pick<Incident, 'environment'>): string {
  const named = [...leaves(plan.body?.facts ?? {})].flatMap(([path, value]) =>
    /(^|\.)environment$/.test(path) && value !== 'null' && value !== '' ? [value] : [],
  )
  const found = named.length > 0 ? named : (incident?.environment ?? null) === null ? [] : [incident!.environment!]
  return [...new Set(found)].map((one) => one.toUpperCase()).join(' and ')
}

/** The same, as an armed sentence and a head of a page say it. */
export const placeOf = (plan: Pick<Plan, 'body'>, incident?: Pick<Incident, 'environment'>): string =>
  environmentOf(plan, incident) || 'an unnamed environment'

/** What pressing twice will do, in one sentence that can be read without the page around it. */
export function armedSentence(plan: Pick<Plan, 'body'>, place: string): string {
  const steps = plan.body?.steps ?? []
  const minutes = [...new Set(steps.flatMap(({ loan_minutes }) => (loan_minutes === null ? [] : [loan_minutes])))]
  const back = minutes.length === 0 ? '' : `, given back after ${minutes.join(' and ')} min`
  return `${steps.map(({ says }) => says).join('; then ')}, in ${place}${back}`
}

/** What a plan is about, for a row of a list: its first step, and how many follow. */
export function gist(plan: Pick<Plan, 'body' | 'because' | 'state'>): string {
  const [first, ...more] = plan.body?.steps ?? []
  if (first) return more.length === 0 ? first.says : `${first.says}, and ${more.length} more`
  if (plan.because !== null) return plan.because
  if (plan.state === 'requested') return 'The worker is looking at the systems.'
  return plan.body?.findings?.[0]?.says ?? 'It changes nothing.'
}

/** How a step goes through its many effects: a few first, then more, and when it stops. */
export function paceSays({ first, most, pause_s, stop_above_percent }: NonNullable<PlanStep['pace']>): string {
  const waves = first === most ? `${first} at a time` : `${first} first, then more, at most ${most} at a time`
  return `${waves}, ${pause_s} s between; it stops when more than ${stop_above_percent} % fail`
}

/** Why a plan that is to scale something moves the bounds of an autoscaler instead, or null where it does not. */
export function autoscalerInTheWay({ verb, args }: Pick<PlanStep, 'verb' | 'args'>): string | null {
  const { autoscaler, deployment } = args
  if (verb !== 'raise-autoscaler-floor' || typeof autoscaler !== 'string') return null
  const what = typeof deployment === 'string' ? deployment : 'what it governs'
  return `It is scaled by the autoscaler ${autoscaler}, which takes back what is scaled by hand: so its bounds are moved, and it scales ${what}.`
}

/** A guard as a sentence about its fact. */
export function guardSays(guard: Record<string, unknown>): string {
  if (guard['same'] === true) return 'must stay the same'
  const parts = [
    typeof guard['at_least'] === 'number' ? `at least ${guard['at_least']}` : '',
    typeof guard['at_most'] === 'number' ? `at most ${guard['at_most']}` : '',
  ].filter((part) => part !== '')
  return parts.length > 0 ? `must be ${parts.join(' and ')}` : JSON.stringify(guard)
}

/** `sha256:9c41…e2f0`: enough to compare by eye, beside the whole to copy. */
export const shortDigest = (digest: string): string => digest.replace(/^(sha256:.{6}).*(.{6})$/, '$1…$2')
