import type { FigureValue } from '@firebreak/flow'
import { asNeighbour, type Around, type Near } from './around.js'
import { shiftOf, type Shift } from './shift.js'

/** What can have changed: words for a sign beside the sentence. Clients take words that they do not know. */
export const changeKinds = ['at-maximum', 'traffic', 'image', 'version', 'routing', 'replicas', 'autoscaler', 'figure', 'run'] as const // prettier-ignore
export type ChangeKind = (typeof changeKinds)[number]

/** One difference that the worker saw between two looks at a target. */
export interface Difference {
  /** `replicas`, `max`, `image of nginx`, … */
  what: string
  from: string | number
  to: string | number
}

/** What the worker remembers of a target. Times are RFC 3339. */
export interface Remembered {
  target: string
  changes: readonly { at: string; after: string; says: string; what?: readonly Difference[] }[]
  /** Its autoscaler, where it has one. */
  autoscaler?: { min: number; max: number; current: number } | null
  at_maximum_since?: string | null
  watched_since?: string
}

/** What a run of ours did to a target. */
export interface Effect {
  run: string
  recipe: string
  incident: string | null
  target: string
  /** In the words of its plan. */
  says: string
  /** Between these two times. */
  from: string
  until: string
  /** It gave back what it had lent. */
  returned: boolean
}

/** All that is known of what may have changed around an incident. Times are RFC 3339. */
export interface Facts {
  incident: string
  /** When what is wrong began, as the monitors say it. */
  began_at: string
  until: string
  around: Around
  remembered: readonly Remembered[]
  figures: readonly { target: string; value: FigureValue }[]
  effects: readonly Effect[]
}

export interface RankedChange {
  kind: ChangeKind
  target: string
  says: string
  at: string
  after: string | null
  weight: number
  because: string
  run: string | null
}

/** How far back something is looked for that changed. Milliseconds. */
export const LOOK_BACK_MS = 6 * 3_600_000
/** Changes that a person would read. */
const MOST = 30
/** After so many minutes a change is a third as likely the cause as one right before the incident began. */
const FADES = 25
/** An autoscaler at its maximum is a state, and goes on being one. */
const STANDS = 240
/** What comes after the beginning has hardly caused it. */
const LATE = 0.15
/** What was done for this incident is no cause of it. */
const OWN = 0.05
/** Until as many pods are there, or gone, as were asked for. Seconds. */
const SCALES_FOR = 120
/** Fewer jobs more or less are the day's business. */
const FEWEST_JOBS = 5
/**
 * Levels before the beginning are looked for over so long, and a little behind it, at least some points: monitors tell sooner
 * than a line shows. Seconds.
 */
const LINE = { before: 45 * 60, behind: 120, points: 2 }

/**
 * What changed around the time when an incident began, the likeliest cause first. How likely: what kind of change it is
 * and how large, times how close the target is to the incident's service, times how near to the beginning it happened.
 */
export function rankedChanges(facts: Facts): RankedChange[] {
  const seen = facts.remembered.flatMap((one) => [...atMaximum(one, facts), ...ofTarget(one, facts)])
  const told = new Set(seen.map(({ effect }) => effect))
  const done = facts.effects.filter((effect) => !told.has(effect)).map((effect) => ofEffect(effect, facts))
  const lines = facts.figures.flatMap((figure) => ofFigure(figure, facts))
  return [...seen, ...done, ...lines]
    .map(({ effect: _, ...change }) => ({ ...change, weight: Math.round(change.weight * 100) / 100 }))
    .sort((a, b) => b.weight - a.weight || Date.parse(b.at) - Date.parse(a.at))
    .slice(0, MOST)
}

type Found = RankedChange & { effect?: Effect | undefined }

const nearOf = (target: string, { around }: Facts): Near => around.near.get(target) ?? asNeighbour(target, around)
const minutes = (ms: number) => ms / 60_000

/** How near to the beginning something happened, from 0 to 1, and in words. Between `after` and `at` it is not known when. */
function when({ began_at }: Facts, at: string, after: string | null, fades = FADES): { near: number; words: string } {
  const ago = minutes(Date.parse(began_at) - Date.parse(at))
  const late = minutes(Date.parse(after ?? at) - Date.parse(began_at))
  if (late > 0) return { near: LATE * Math.exp(-late / FADES), words: `${spanOf(late)} after it began` }
  if (ago < 1) return { near: 1, words: ago < 0 ? 'as it began' : 'right before it began' }
  return { near: Math.exp(-ago / fades), words: `${spanOf(ago)} before it began` }
}

/** Minutes as a person says them. */
function spanOf(span: number): string {
  if (span < 1) return 'less than a minute'
  if (span < 90) return `${Math.round(span)} min`
  return span < 36 * 60 ? `${Math.round(span / 60)} h` : `${Math.round(span / 60 / 24)} days`
}

function atMaximum(one: Remembered, facts: Facts): Found[] {
  const { target, autoscaler, at_maximum_since: since, watched_since } = one
  if (!autoscaler || !since || since > facts.until) return []
  const { closeness, words } = nearOf(target, facts)
  const lasts = spanOf(Math.max(0, minutes(Date.parse(facts.until) - Date.parse(since))))
  // Seen so at the first look: it may have been so for long.
  const least = since === watched_since ? 'at least ' : ''
  // Scaled up under the load of this very incident, it stands there a moment after the beginning: that holds it back all the same.
  const late = minutes(Date.parse(since) - Date.parse(facts.began_at))
  const near = late > 0 && late < 5 ? 0.8 : when(facts, since, null, STANDS).near
  return [
    {
      ...{ kind: 'at-maximum', target, at: since, after: null, run: null },
      says: `Its autoscaler stands at its maximum, ${autoscaler.current} of ${autoscaler.max}, for ${least}${lasts}`,
      weight: closeness * near,
      because: `${words}, and it can get no more pods`,
    },
  ]
}

/** What the worker saw of a target between two looks. */
function ofTarget(one: Remembered, facts: Facts): Found[] {
  const { target, changes } = one
  const { closeness, words } = nearOf(target, facts)
  const earliest = new Date(Date.parse(facts.began_at) - LOOK_BACK_MS).toISOString()
  const effects = facts.effects.filter((by) => by.target === target)
  return changes
    .filter(({ at }) => at >= earliest && at <= facts.until)
    .map(({ at, after, says, what = [] }): Found => {
      const { near, words: then } = when(facts, at, after)
      const effect = effects.find(({ from, until }) => from <= at && until >= after)
      const { kind, size, but } = kindOf(what, scalerAt(at, one))
      return {
        ...{ kind, target, at, after, run: effect?.run ?? null, effect },
        says: effect ? `${says}, ${byWhom(effect)}` : says,
        weight: size * closeness * near * ownOf(effect, facts),
        because: `${words}, ${then}${effect && isOwn(effect, facts) ? ', done for this incident' : but}`,
      }
    })
}

/** What was done for it before it began again is no answer to it: it may be why it did. */
const isOwn = (effect: Effect, { incident, began_at }: Facts) =>
  effect.incident === incident && effect.until >= began_at
const ownOf = (effect: Effect | undefined, facts: Facts) => (effect && isOwn(effect, facts) ? OWN : 1)
const byWhom = ({ recipe, returned }: Effect) => `${returned ? 'given back by' : 'by'} a run of ${recipe}`

/** The autoscaler that it had at that time: none, where it came later. */
const scalerAt = (time: string, { autoscaler, changes }: Remembered) =>
  changes.some(({ at, what }) => at > time && what?.some(({ what, from }) => what === 'autoscaler' && from === 'none'))
    ? null
    : autoscaler

/** What kind of change it is, how weighty, and what speaks against it. Of several at once the weightiest counts. */
function kindOf(what: readonly Difference[], autoscaler: Remembered['autoscaler']) {
  const kinds = what.map(({ what, from, to }): { kind: ChangeKind; size: number; but: string } => {
    const grew = typeof from === 'number' && typeof to === 'number' ? to > from : undefined
    if (what.startsWith('image')) return { kind: 'image', size: 0.95, but: '' }
    if (what.includes('version')) return { kind: 'version', size: 0.95, but: '' }
    if (what === 'replicas' && autoscaler && typeof to === 'number' && to >= autoscaler.min && to <= autoscaler.max)
      return { kind: 'replicas', size: 0.3, but: ', its autoscaler follows the load' }
    if (what === 'replicas') return { kind: 'replicas', size: grew ? 0.35 : 0.9, but: '' }
    if (what === 'min' || what === 'max' || what === 'autoscaler')
      return { kind: 'autoscaler', size: what === 'max' && grew === false ? 0.9 : grew ? 0.3 : 0.6, but: '' }
    return { kind: 'routing', size: 0.9, but: '' }
  })
  return kinds.sort((a, b) => b.size - a.size)[0] ?? { kind: 'replicas' as const, size: 0.5, but: '' }
}

/** What a run of ours did that the worker does not see as a change of its target. */
function ofEffect(effect: Effect, facts: Facts): Found {
  const { target, says, from, until, run } = effect
  const { closeness, words } = nearOf(target, facts)
  const { near, words: then } = when(facts, until, from)
  return {
    ...{ kind: 'run', target, at: until, after: from, run },
    says: `${says}, ${byWhom(effect)}`,
    weight: 0.8 * closeness * near * ownOf(effect, facts),
    because: `${words}, ${then}${isOwn(effect, facts) ? ', done for this incident' : ''}`,
  }
}

/** A figure that went to another level. What the alert itself goes by is what is wrong, and not why. */
function ofFigure({ target, value }: Facts['figures'][number], facts: Facts): Found[] {
  const near = facts.around.near.get(target)
  if (!near || (near.closeness === 1 && isSymptom(value))) return []
  const began = Date.parse(facts.began_at) / 1_000
  const until = began + Math.max(LINE.behind, LINE.points * value.step_s)
  const shift = shiftOf(value.points, { from: began - LINE.before, until })
  if (!shift || (value.name === 'ready' && isScaled(target, shift, facts))) return []
  if (value.unit === 'jobs' && Math.abs(shift.to - shift.from) < FEWEST_JOBS) return []
  const [at, after] = [shift.at, shift.after].map((second) => new Date(second * 1_000).toISOString()) as [string, string] // prettier-ignore
  const { near: nearness, words: then } = when(facts, at, after)
  return [
    {
      ...{ kind: value.name === 'requests_per_second' ? 'traffic' : 'figure', target, at, after, run: null },
      // Without a time of its own: `at` is shown beside it, in the zone of whoever reads it.
      says: shiftSays(value, shift),
      weight: sizeOf(value, shift) * near.closeness * nearness,
      because: `${near.words}, ${then}`,
    },
  ]
}

/** Whether pods are fewer or more for somebody has asked for so many, which is told as that. */
const isScaled = (target: string, { after, at }: Shift, { remembered }: Facts): boolean =>
  remembered.some(
    (one) =>
      one.target === target &&
      one.changes.some(
        (change) =>
          change.what?.some(({ what }) => what === 'replicas') === true &&
          Date.parse(change.at) >= (after - SCALES_FOR) * 1_000 &&
          Date.parse(change.after) <= at * 1_000,
      ),
  )

/** Latency, errors and what follows from them: they tell that something is wrong. */
const isSymptom = ({ name, threshold }: FigureValue) =>
  threshold !== null || name === 'utilisation_percent' || name === 'failed'

/** How much a change of a figure's level speaks for it: twice as much is all of it. */
function sizeOf({ name }: FigureValue, { from, to }: Shift): number {
  const far = Math.min(1, Math.abs(Math.log2((Math.abs(to) + 1) / (Math.abs(from) + 1))))
  if (name === 'requests_per_second') return to > from ? 0.6 + 0.4 * far : 0.3 * far
  // Pods that are gone take less; more of them are somebody's answer.
  if (name === 'ready') return to < from ? 0.6 + 0.4 * far : 0.2 * far
  if (name === 'restarts') return to > from ? 0.9 : 0
  return to > from ? 0.6 * far : 0.1 * far
}

function shiftSays({ title, unit }: FigureValue, { from, to }: Shift): string {
  const rose = to > from ? 'rose' : 'fell'
  const percent = from > 0 ? Math.round(((to - from) / from) * 100) : null
  const by = percent === null || unit === '%' || unit === 'pods' || unit === '' ? '' : ` (${percent > 0 ? '+' : '−'}${Math.abs(percent)} %)` // prettier-ignore
  const units: Record<string, string> = { '/s': ' a second', '%': ' %', ms: ' ms', jobs: ' jobs', pods: '' }
  return `${title} ${rose} from ${plain(from)} to ${plain(to)}${units[unit] ?? ''}${by}`
}

const plain = (value: number) => String(Math.abs(value) < 10 ? Math.round(value * 10) / 10 : Math.round(value))
