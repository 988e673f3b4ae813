import type { Sample } from './metrics.js'

/** What Prometheus' `/api/v1/query` answers. https://prometheus.io/docs/prometheus/latest/querying/api/ */
export type Answer =
  | { code: 200; body: { status: 'success'; data: { resultType: 'vector'; result: object[] } } }
  | { code: 400; body: { status: 'error'; errorType: 'bad_data'; error: string } }

const shape = /^\s*(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(?<matchers>[^{}]*)\})?\s*$/
const matcher = /\s*(?<label>[a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"(?<value>[^"\\]*)"\s*(?:,|$)/y

/** Whether a sample is meant. */
export type Selector = (sample: Sample) => boolean

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
  if (!selects) return refused(text)
  const result = samples
    .filter(selects)
    .map(({ name, labels, value }) => ({ metric: { __name__: name, ...labels }, value: [now / 1_000, String(value)] }))
  return { code: 200, body: { status: 'success', data: { resultType: 'vector', result } } }
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

const refused = (text: string): Answer => ({
  code: 400,
  body: {
    status: 'error',
    errorType: 'bad_data',
    error: `this is a simulator: it reads name{label="value"} and no more of PromQL, not ${JSON.stringify(text.slice(0, 200))}`,
  },
})
