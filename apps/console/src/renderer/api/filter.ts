import type { IncidentSummary } from './view.js'

/** Which incidents by their state: `active` is open or acknowledged; `all` is every one there ever was. */
export const incidentFilters = ['active', 'open', 'acknowledged', 'resolved', 'closed', 'all'] as const
export type IncidentFilter = (typeof incidentFilters)[number]

const SEVERITIES = ['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const

/** What the inbox shows, as its address says it: what is left out filters nothing, but that `state` is then `active`. */
export interface InboxFilter {
  state?: IncidentFilter
  /** One or more, with commas between them. */
  severity?: string
  service?: string
  /** A person's id; `me`; or `nobody`. */
  owner?: string
  /** Stands in the title, or in the name of the service. */
  text?: string
}

/** The filter in a URL. Whatever else stands there is somebody's typing, and filters nothing. */
export function parseFilter(search: Record<string, unknown>): InboxFilter {
  const state = incidentFilters.find((filter) => filter === search['state'])
  const severity = severitiesIn(wordIn(search['severity'], 100))
  const [service, owner, text] = [wordIn(search['service'], 200), wordIn(search['owner'], 100), wordIn(search['text'], 200)] // prettier-ignore
  return {
    ...(state === undefined || state === 'active' ? {} : { state }),
    ...(severity === undefined ? {} : { severity }),
    ...(service === undefined ? {} : { service }),
    ...(owner === undefined ? {} : { owner }),
    ...(text === undefined ? {} : { text }),
  }
}

/** An address reads `7` as a number. */
function wordIn(value: unknown, most: number): string | undefined {
  const word = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : ''
  return word === '' || word.length > most ? undefined : word
}

/** In their order, each once; undefined for none of them, and for all. */
function severitiesIn(text: string | undefined): string | undefined {
  const named = (text ?? '').split(',')
  const known = SEVERITIES.filter((severity) => named.includes(severity))
  return known.length === 0 || known.length === SEVERITIES.length ? undefined : known.join(',')
}

/** The same filter with one severity more, or one less. */
export function withSeverity({ severity, ...filter }: InboxFilter, one: string): InboxFilter {
  const has = (severity ?? '').split(',').filter(Boolean)
  const next = has.includes(one) ? has.filter((other) => other !== one) : [...has, one]
  return parseFilter({ ...filter, severity: next.join(',') })
}

/** A filter as the API takes it. */
export const queryOf = ({ state = 'active', ...rest }: InboxFilter) => ({
  ...rest,
  ...(state === 'all' ? {} : { state }),
})

/** Whether an incident passes a filter, as the API would say. */
export function passes(
  { state = 'active', severity, service, owner, text }: InboxFilter,
  incident: Pick<IncidentSummary, 'state' | 'severity' | 'service' | 'owner' | 'title'>,
  me: string | undefined,
): boolean {
  const has = incident.owner?.id ?? 'nobody'
  return (
    (state === 'all' ||
      (state === 'active' ? ['open', 'acknowledged'].includes(incident.state) : incident.state === state)) &&
    (severity === undefined || severity.split(',').includes(incident.severity)) &&
    (service === undefined || incident.service === service) &&
    (owner === undefined || has === (owner === 'me' ? me : owner)) &&
    (text === undefined || `${incident.title} ${incident.service ?? ''}`.toLowerCase().includes(text.toLowerCase()))
  )
}

/**
 * What somebody typed, added to a filter: `service:api sev:<=2 owner:me state:open`, and any other words are looked for.
 * @returns what is not understood, as a sentence, and then the filter as it was
 */
export function typed(text: string, filter: InboxFilter): { filter: InboxFilter; fault?: string } {
  const next: Record<string, unknown> = { ...filter }
  const words: string[] = []
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const [, name = '', value = ''] = /^(state|sev|severity|service|owner|is):(.*)$/i.exec(word) ?? []
    const fault = name === '' ? void words.push(word) : take(next, name.toLowerCase(), value)
    if (fault !== undefined) return { filter, fault }
  }
  if (words.length > 0) next['text'] = words.join(' ').slice(0, 200)
  return { filter: parseFilter(next) }
}

function take(next: Record<string, unknown>, name: string, value: string): string | undefined {
  if (value === '') return `After ${name}: something is missing, as in ${name}:${EXAMPLES[name] ?? 'api'}.`
  if (name === 'state' || name === 'is') {
    const state = incidentFilters.find((known) => known === value.toLowerCase())
    if (state === undefined) return `There is no state ${value}. There are ${incidentFilters.join(', ')}.`
    next['state'] = state
  } else if (name === 'sev' || name === 'severity') {
    const severity = severityOf(value)
    if (severity === undefined) return `There is no severity ${value}. Write sev:2, sev:1,2 or sev:<=2.`
    next['severity'] = severity
  } else next[name] = value
  return undefined
}

const EXAMPLES: Record<string, string> = { sev: '<=2', severity: '<=2', owner: 'me', state: 'open', is: 'open' }

/** `2`, `SEV2`, `1,2`, `<=2`, `>2`: in figures, 1 is the worst. */
function severityOf(value: string): string | undefined {
  const [, sign = '', figure] = /^([<>]=?)(?:sev)?([1-4])$/i.exec(value) ?? []
  if (figure !== undefined) {
    const fits = (one: number) => one === Number(figure) ? sign.endsWith('=') : (one < Number(figure)) === sign.startsWith('<') // prettier-ignore
    return SEVERITIES.filter((_, at) => fits(at + 1)).join(',') || undefined
  }
  const named = value.split(',').map((one) => SEVERITIES.find((known) => known === one.toUpperCase() || known === `SEV${one}`)) // prettier-ignore
  return named.some((one) => one === undefined) ? undefined : named.join(',')
}
