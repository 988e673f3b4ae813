import type { Change, Figure, Incident } from '../../api/view.js'
import { many } from '../../ui/many.js'
import type { Measured } from '../../ui/figure.js'
import { windowSays, type JobQueue } from '../queues/queue.js'

/** A figure as a chart shows it. What of its points is no point is left out. */
export const measuredOf = ({ title, unit, threshold, step_s, points }: Figure): Measured => ({
  ...{ title, unit, threshold, step: step_s },
  points: points.flatMap(([at, value]) => (typeof at === 'number' ? [[at, value ?? null] as const] : [])),
})

/** `api` of `service:api`, `prod/api` of `deployment:prod/api`: whose a figure is, beside its title. */
export const ownerOf = (target: string): string => target.slice(target.indexOf(':') + 1)

/** How likely a change is the cause, in a word: a bar alone would be shape without a word. */
export const likelihood = (weight: number): string =>
  weight >= 0.6 ? 'likely' : weight >= 0.3 ? 'possible' : 'unlikely'

const kinds: Record<Change['kind'], string> = {
  'at-maximum': 'at its maximum',
  traffic: 'traffic',
  image: 'image',
  version: 'version',
  routing: 'routing',
  replicas: 'replicas',
  autoscaler: 'autoscaler',
  figure: 'figure',
  run: 'run',
}

/** What of it changed. A kind that a newer API knows is shown as it is. */
export const kindSays = (kind: string): string => (Object.hasOwn(kinds, kind) ? kinds[kind as Change['kind']] : kind)

/** Changes that are said at once; what is less likely than those stands behind one press. */
export const FIRST = 4

/** Milliseconds within which the two moments between which something changed are told as one. */
const AT_ONCE = 60_000

/** Whether it is known well enough when it changed to say one moment. */
export const atOnce = ({ at, after }: Pick<Change, 'at' | 'after'>): boolean =>
  after !== null && Date.parse(at) - Date.parse(after) < AT_ONCE

/** The queues that an incident is about: what an alert names, or those of its service. */
export const queuesAround = (queues: readonly JobQueue[], { alerts, service }: Pick<Incident, 'alerts' | 'service'>) =>
  queues.filter(
    (queue) => alerts.some(({ labels }) => labels['queue'] === queue.name) || (service !== null && queue.service === service), // prettier-ignore
  )

/** Groups that are named in one line. */
const GROUPS = 2

/** Why jobs of a queue failed, in one line: `169 NoSuchKey: ‹path›, 30 torn, and 1 other cause (the newest 200 of 14,022)`. */
export function groupsSay(queue: Pick<JobQueue, 'failed' | 'failures'>): string {
  const { failures } = queue
  if (failures === null) return 'why they failed is not known'
  if (failures.groups.length === 0) return queue.failed === 0 ? '' : 'none of them could be read'
  const named = failures.groups.slice(0, GROUPS).map(({ cause, count }) => `${count.toLocaleString('en-GB')} ${cause}`)
  const others = failures.groups.length - named.length
  return `${named.join(', ')}${others === 0 ? '' : `, and ${many(others, 'other cause')}`} (${windowSays(queue)})`
}
