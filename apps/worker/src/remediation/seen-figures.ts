import { reasonOf, type Figure, type FigureValue } from '@firebreak/flow'
import {
  PortFailure,
  type JsonObject,
  type MetricsReader,
  type Point,
  type PortFailureKind,
  type ServiceDirectory,
  type WorkloadRef,
} from '@firebreak/kit'

/*
 * Figures of the house over time: what the monitoring system knows of services, models and OCR, and, of queues and
 * Deployments, what the worker has seen with its own eyes, look by look.
 */

/**
 * Seconds between two points, and how often figures are read anew: finely over the last hour, and coarsely over the last eight,
 * for whoever looks at what began before that.
 */
const STEPS = [15, 120] as const
type Step = (typeof STEPS)[number]
/** How far back they go, in points. */
const MOST_POINTS = 240
/** What was read last may have been early: so many points before the newest are read again. */
const AGAIN = 2
/** Questions at one time: the monitoring system has other things to do. */
const AT_ONCE = 4
/** A question that was not answered in time is not asked again for so long: each costs a whole time limit. Milliseconds. */
const LATE_AGAIN = 60_000
/** A round of questions takes so long at most, for meanwhile nothing else is looked at: what is left comes first in the next. Milliseconds. */
const ROUND_TAKES = 10_000
/** What the house names no more goes when it was not read for so long. Milliseconds. */
const GONE_AFTER = 3_600_000

/** A figure that is wanted of a target. */
type Wanted = { target: string } & Pick<FigureValue, 'name' | 'title' | 'unit' | 'threshold' | 'query'> & {
    /** The field of the observation that it is, where there is no query. */
    field?: string
  }

/** The Deployments of what the house names. */
export function deploymentsOf(directory: ServiceDirectory): WorkloadRef[] {
  const { queues, models, ocr } = directory.things()
  const all = [
    ...directory.services().map(({ deployment }) => deployment),
    ...models.map(({ deployment }) => deployment),
    ...ocr.flatMap(({ primary, fallback }) => [primary.deployment, fallback.deployment]),
    ...queues.flatMap(({ worker }) => worker ?? []),
  ]
  return [...new Set(all)]
}

/** Every figure that there is of the things of the house. */
export function wantedOf(directory: ServiceDirectory): Wanted[] {
  const { queues, models, ocr } = directory.things()
  const asked = (
    target: string,
    ...[name, title, unit, query, threshold]: [string, string, string, string | undefined, number?]
  ): Wanted[] => (query === undefined ? [] : [{ target, name, title, unit, threshold: threshold ?? null, query }])
  const seen = (target: string, field: string, title: string, unit: string): Wanted => ({
    ...{ target, name: field, title, unit, threshold: null, query: null, field },
  })
  return [
    ...directory
      .services()
      .flatMap(({ name, p95_threshold_ms, metrics }) => [
        ...asked(`service:${name}`, 'p95_ms', 'p95 latency', 'ms', metrics.p95_ms, p95_threshold_ms),
        ...asked(`service:${name}`, 'requests_per_second', 'Requests', '/s', metrics.requests_per_second),
        ...asked(`service:${name}`, 'utilisation_percent', 'Utilisation', '%', metrics.utilisation_percent),
        ...asked(`service:${name}`, 'downstream_depth', 'Waiting downstream', 'jobs', metrics.downstream_depth),
      ]),
    ...models.flatMap(({ name, error_rate_percent: rate, error_rate_threshold_percent: threshold }) =>
      asked(`model:${name}`, 'error_rate_percent', 'Wrong answers', '%', rate, threshold),
    ),
    ...ocr.flatMap(({ name, error_rate_threshold_percent: threshold, ...engines }) =>
      (['primary', 'fallback'] as const).flatMap((which) => {
        const { engine, error_rate_percent: rate } = engines[which]
        return asked(`ocr:${name}`, `${which}_error_rate_percent`, `Unread by ${engine}`, '%', rate, threshold)
      }),
    ),
    ...queues.flatMap(({ name }) => [
      seen(`queue:${name}`, 'waiting', 'Waiting jobs', 'jobs'),
      seen(`queue:${name}`, 'failed', 'Failed jobs', 'jobs'),
    ]),
    ...deploymentsOf(directory).flatMap((ref) => [
      seen(`deployment:${ref}`, 'ready', 'Ready pods', 'pods'),
      seen(`deployment:${ref}`, 'restarts', 'Restarts of its pods', ''),
    ]),
  ]
}

const idOf = ({ target, name }: Pick<Wanted, 'target' | 'name'>, step: Step) =>
  `${target} ${name}${step === STEPS[0] ? '' : ` ${step}`}`

/** Reads the figures of the house, each from where it ended before. */
export class SeenFigures {
  readonly #wanted: readonly Wanted[]
  readonly #rounds = new Map<Step, number>()
  /** Questions that were not answered in time, and when. Milliseconds since 1970. */
  readonly #late = new Map<string, number>()
  /** What the last round did not come to. */
  #left: [Wanted, Step][] = []

  constructor(
    private readonly metrics: Pick<MetricsReader, 'series'>,
    directory: ServiceDirectory,
    private readonly now: () => Date,
  ) {
    this.#wanted = wantedOf(directory)
  }

  /** By which steps it is time to read them again. Whoever asks has to. */
  due(): Step[] {
    return STEPS.filter((step) => {
      const round = momentOf(this.now(), step)
      const due = round !== this.#rounds.get(step)
      this.#rounds.set(step, round)
      return due
    })
  }

  /**
   * One round. A figure that could not be read keeps its points and its age, and says why; one that it did not come to is as it was.
   *
   * @param steps by which it is time
   * @param before what is written down of figures
   * @param seen what was seen of targets just now
   * @returns how each is from now on, which are gone for good, and why some could not be read, for the operator
   */
  async look(
    steps: readonly Step[],
    before: readonly Figure[],
    seen: ReadonlyMap<string, JsonObject>,
  ): Promise<{ figures: Figure[]; gone: string[]; troubles: string[] }> {
    const now = this.now()
    const known = new Map(before.map((row) => [row.id, row]))
    const figures: Figure[] = []
    const troubles = new Set<string>()
    // A system that is away is away for all of them: one time limit is waited for, and not one for each. One question that is too
    // hard for it is not: only where nothing else is answered either is it the system.
    let away: string | undefined
    let unanswered = 0
    const late = new Set<string>()
    for (const [query, at] of this.#late) if (now.getTime() - at >= LATE_AGAIN) this.#late.delete(query)
    const one = async ([wanted, step]: [Wanted, Step]): Promise<void> => {
      const was = known.get(idOf(wanted, step))
      const kept = keptOf(was, wanted)
      try {
        if (away !== undefined && wanted.query !== null) throw new Unread(away)
        if (wanted.query !== null && [late, this.#late].some((them) => them.has(wanted.query!))) throw new Unread(sentences.timeout) // prettier-ignore
        const points =
          wanted.query === null
            ? eyes(wanted, seen, momentOf(now, step))
            : await this.#read(wanted.query, step, kept, now)
        if (wanted.query !== null) unanswered = 0
        figures.push(row(wanted, step, { points: joined(kept, points, momentOf(now, step), step), at: now.toISOString() })) // prettier-ignore
      } catch (error) {
        const why = whyUnread(error)
        if (error instanceof PortFailure && AWAY.includes(error.kind)) away = why
        if (error instanceof PortFailure && error.kind === 'timeout' && wanted.query !== null) {
          late.add(wanted.query)
          if (++unanswered >= AT_ONCE) away = why
        }
        if (error instanceof PortFailure && error.kind !== 'not-found') troubles.add(reasonOf(error))
        figures.push(row(wanted, step, { points: kept, at: was?.at ?? null, unavailable: why }))
      }
    }
    const due = steps.flatMap((step) => this.#wanted.map((wanted): [Wanted, Step] => [wanted, step]))
    const isLeft = ([wanted, step]: [Wanted, Step]) => this.#left.some(([left, by]) => left === wanted && by === step)
    // What the worker has seen itself costs nothing, and would have a gap by the next round.
    const isAsked = ([{ query }]: [Wanted, Step]) => query !== null
    await Promise.all(due.filter((each) => !isAsked(each)).map(one))
    let rest = [...this.#left, ...due.filter((each) => isAsked(each) && !isLeft(each))]
    while (rest.length > 0 && this.now().getTime() - now.getTime() < ROUND_TAKES) {
      await Promise.all(rest.slice(0, AT_ONCE).map(one))
      rest = rest.slice(AT_ONCE)
    }
    this.#left = rest
    if (away === undefined) for (const query of late) this.#late.set(query, now.getTime())
    const named = new Set(this.#wanted.flatMap((wanted) => STEPS.map((step) => idOf(wanted, step))))
    const isOld = (at: string | null) => at === null || now.getTime() - Date.parse(at) > GONE_AFTER
    const gone = before.filter(({ id, at }) => !named.has(id) && isOld(at))
    return { figures, gone: gone.map(({ id }) => id), troubles: [...troubles] }
  }

  /** From a little before the newest value that is known; all of the time, where there is none. */
  async #read(query: string, step: Step, kept: FigureValue['points'], now: Date): Promise<Point[]> {
    const last = kept.findLast(([, value]) => value !== null)?.[0] ?? -Infinity
    const until = momentOf(now, step)
    const from = Math.max(last - AGAIN * step, until - (MOST_POINTS - 1) * step)
    const points = await this.metrics.series(query, { from: new Date(from * 1_000), until: new Date(until * 1_000), stepSeconds: step }) // prettier-ignore
    if (points.length === 0 && kept.length === 0) throw new PortFailure('not-found', query)
    return points
  }
}

const AWAY: readonly PortFailureKind[] = ['unreachable', 'throttled', 'forbidden']

/** The newest moment of the grid that all figures of a step share. Seconds since 1970. */
const momentOf = (now: Date, step: Step) => Math.floor(now.getTime() / 1_000 / step) * step

/** What is kept of a figure: nothing of one that was another query. */
const keptOf = (row: Figure | undefined, { query }: Wanted): FigureValue['points'] =>
  row?.value.query === query ? row.value.points : []

/** What the worker has seen itself is one more point. */
function eyes({ target, field }: Wanted, seen: ReadonlyMap<string, JsonObject>, moment: number): Point[] {
  const value = seen.get(target)?.[field ?? '']
  if (typeof value !== 'number') throw new Unread('The worker could not look at it.')
  return [[moment, value]]
}

/** A figure that is not known now, and the sentence that says why. */
class Unread extends Error {}

function row(
  { target, name, title, unit, threshold, query }: Wanted,
  step: Step,
  { points, at, unavailable }: { points: FigureValue['points']; at: string | null; unavailable?: string },
): Figure {
  const value = { name, title, unit, threshold, query, step_s: step, points, unavailable: unavailable ?? null }
  return { id: idOf({ target, name }, step), target, value, at }
}

/** Old points with new ones over them: one at each step, from the first value on, and none older than what is kept. */
function joined(
  kept: FigureValue['points'],
  points: readonly Point[],
  until: number,
  step: Step,
): FigureValue['points'] {
  const values = new Map(kept)
  for (const [second, value] of points) values.set(second, value === undefined ? null : Number(value.toPrecision(6)))
  const moments = Array.from({ length: MOST_POINTS }, (_, nth) => until - (MOST_POINTS - 1 - nth) * step)
  const line = moments.map((second): [number, number | null] => [second, values.get(second) ?? null])
  const first = line.findIndex(([, value]) => value !== null)
  return first < 0 ? [] : line.slice(first)
}

/** Why a figure could not be read, for a person. What the monitoring system said itself, with the query, is for the operator. */
function whyUnread(error: unknown): string {
  if (error instanceof Unread) return error.message
  if (!(error instanceof PortFailure)) return 'It could not be read.'
  return sentences[error.kind] ?? 'Its query does not select one figure, or cannot be read.'
}
const sentences: { [Kind in PortFailureKind]?: string } & { timeout: string } = {
  unreachable: 'The monitoring system could not be reached.',
  timeout: 'The monitoring system did not answer in time.',
  throttled: 'The monitoring system is asked too often.',
  forbidden: 'The monitoring system lets nobody read it.',
  'not-found': 'The monitoring system has no such figure.',
}
