import type { History } from './history.js'
import type { Sample } from './metrics.js'

/** What Prometheus' `/api/v1/query` and `/api/v1/query_range` answer. https://prometheus.io/docs/prometheus/latest/querying/api/ */
export type Answer =
  | { code: 200; body: { status: 'success'; data: { resultType: 'vector' | 'matrix'; result: object[] } } }
  | { code: 400; body: { status: 'error'; errorType: 'bad_data'; error: string } }

const shape = /^\s*(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(?<matchers>[^{}]*)\})?\s*$/
const matcher = /\s*(?<label>[a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"(?<value>[^"\\]*)"\s*(?:,|$)/y

/** Whether a sample is meant. */
export type Selector = (sample: Omit<Sample, 'value'>) => boolean

/** What `name{label="value"}` selects; `undefined` when the text says anything else. */
export function selectorOf(text: string): Selector | undefined {
  const found = shape.exec(text)?.groups
  const wanted = found && matchersOf(found.matchers ?? '')
  if (!found || !wanted) return undefined
  return ({ name, labels }) => name === found.name && wanted.every(([label, value]) => labels[label] === value)
}

/** Answers an instant query at `now` (wall time, milliseconds): a metric's name, and labels that must be equal. */
export function query(text: string, samples: readonly Sample[], now: number): Answer {
  const selects = selectorOf(text)
  if (!selects) return refused(notRead(text))
  const result = samples
    .filter(selects)
    .map(({ name, labels, value }) => ({ metric: { __name__: name, ...labels }, value: [now / 1_000, String(value)] }))
  return { code: 200, body: { status: 'success', data: { resultType: 'vector', result } } }
}

/** As many moments as Prometheus answers at most. */
const MOST_MOMENTS = 11_000

/** Answers the same query over time: `start`, `end` and `step` are seconds, as Prometheus takes them. */
export function queryRange(asked: URLSearchParams, history: History): Answer {
  const text = asked.get('query') ?? ''
  const selects = selectorOf(text)
  if (!selects) return refused(notRead(text))
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(asked.get(name) || NaN)) as [number, number, number] // prettier-ignore
  if (!Number.isFinite(start) || !Number.isFinite(end) || !(end >= start))
    return refused('start and end: expected seconds since 1970, the end not before the start')
  if (!(step > 0)) return refused('step: expected a number of seconds above zero')
  const many = Math.floor((end - start) / step) + 1
  if (many > MOST_MOMENTS) return refused(`exceeded the maximum of ${MOST_MOMENTS} points`)
  const moments = Array.from({ length: many }, (_, nth) => start + nth * step)
  const found = history.over(
    selects,
    moments.map((second) => second * 1_000),
  )
  const result = found.map(({ name, labels, values }) => ({
    metric: { __name__: name, ...labels },
    values: values.flatMap((value, nth) => (value === undefined ? [] : [[moments[nth], String(value)]])),
  }))
  return { code: 200, body: { status: 'success', data: { resultType: 'matrix', result } } }
}

function matchersOf(text: string): [label: string, value: string][] | undefined {
  const found: [string, string][] = []
  for (let at = 0; at < text.trimEnd().length; at = matcher.lastIndex) {
    matcher.lastIndex = at
    const { label, value } = matcher.exec(text)?.groups ?? {}
    if (label === undefined || value === undefined) return undefined
    found.push([label, value])
  }
  return found
}

const notRead = (text: string) =>
  `this is a simulator: it reads name{label="value"} and no more of PromQL, not ${JSON.stringify(text.slice(0, 200))}`

const refused = (error: string): Answer => ({ code: 400, body: { status: 'error', errorType: 'bad_data', error } })
