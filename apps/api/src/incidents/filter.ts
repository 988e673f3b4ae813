import type { z } from 'zod'
import type { Caller } from '../people/callers.js'
import type { IncidentFilter } from './incidents.schema.js'

type Filter = z.infer<typeof IncidentFilter>

/** How urgent a severity is, as the index of it has it: the higher the worse (`flow-029-urgency`). */
export const URGENCY = `translate(i.severity, '1234', '4321')`

/**
 * A filter as conditions on `flow.incident i`. Only what is set becomes one: a condition that may hold of everything keeps
 * the planner from the index that it needs.
 * @returns `place` takes one more parameter, and answers what stands for it
 */
export function conditionsOf(filter: Filter, by: Pick<Caller, 'id'>, order: 'newest' | 'urgency' = 'newest') {
  const params: unknown[] = []
  const place = (value: unknown) => `$${params.push(value)}`
  const { state, class: kind, severity, service, owner, text } = filter
  const conditions: string[] = []
  if (state === 'active') conditions.push(`i.state in ('open', 'acknowledged')`)
  else if (state !== undefined) conditions.push(`i.state = ${place(state)}`)
  if (kind !== undefined) conditions.push(`i.class = ${place(kind)}`)
  // By the expression of the index that is walked.
  if (severity !== undefined && order === 'urgency')
    conditions.push(`${URGENCY} = any(${place(severity.map(urgencyOf))})`)
  else if (severity?.length === 1) conditions.push(`i.severity = ${place(severity[0])}`)
  else if (severity !== undefined) conditions.push(`i.severity = any(${place(severity)})`)
  if (service !== undefined) conditions.push(`i.service = ${place(service)}`)
  if (owner === 'nobody') conditions.push('i.owner is null')
  else if (owner !== undefined) conditions.push(`i.owner = ${place(owner === 'me' ? by.id : owner)}`)
  // By the expression of its index (`flow-035-found-by-text`).
  if (text !== undefined)
    conditions.push(`lower(i.title || ' ' || coalesce(i.service, '')) like lower(${place(`%${literally(text)}%`)})`)
  return { conditions, params, place }
}

/** A text as a pattern that means that text. */
const literally = (text: string): string => text.replace(/[\\%_]/g, '\\$&')

export const whereOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`

const urgencyOf = (severity: string): string => `SEV${5 - Number(severity.slice(3))}`
