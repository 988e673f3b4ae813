import type { Shape } from '@firebreak/client'
import { parseFilter, passes, type InboxFilter } from '../src/renderer/api/filter.js'
import type { Incident, IncidentSummary } from '../src/renderer/api/view.js'
import { cast, who } from './cast.js'
import type { Night } from './night.js'
import { text, type Asked, type Asker, type Noun } from './noun.js'
import { byRole, demand, No, responders, type Allowed } from './refuse.js'
import type { IncidentRecord } from './world.js'

/** What the house of the pretended night suggests for a class, the most apt first. */
const suggestedFor: Partial<Record<Incident['class'], string[]>> = {
  'high-api-latency': ['scale-api'],
  'ocr-failures': ['restore-ocr', 'quarantine-input'],
  'batch-failures': ['requeue-failed-jobs'],
}

const firing = (alerts: Incident['alerts']) => alerts.filter(({ state }) => state === 'firing').length

/** An incident as whoever asks sees it: with what they may do. */
export function incidentView(
  night: Night,
  { timeline: _timeline, ...incident }: IncidentRecord,
  me: Pick<Asker, 'roles'>,
): Incident {
  const over: Allowed | undefined =
    incident.state === 'resolved' || incident.state === 'closed'
      ? { ok: false, code: 'superseded', reason: `The incident is ${incident.state}.` }
      : undefined
  const may = (right: string): Allowed => {
    const role = byRole(right, responders, me.roles)
    return role.ok ? (over ?? role) : role
  }
  const reopen: Allowed =
    incident.state === 'resolved'
      ? { ok: true }
      : { ok: false, code: 'superseded', reason: `The incident is ${incident.state}: there is nothing to open again.` }
  const by = (right: string, then?: Allowed): Allowed => {
    const role = byRole(right, responders, me.roles)
    return role.ok ? (then ?? role) : role
  }
  return {
    ...incident,
    suggested: suggestedFor[incident.class] ?? [],
    alerts_firing: firing(incident.alerts),
    offered: offeredIn(night, incident),
    page: `/v1/runbook/${incident.class}`,
    plans: [...incident.plans].reverse(),
    may: {
      acknowledge: may('incident.acknowledge'),
      assign: may('incident.assign'),
      correct: by('incident.correct'),
      reopen: by('incident.reopen', reopen),
      resolve: may('incident.resolve'),
      note: byRole('incident.note', responders, me.roles),
      plan: may('plan.request'),
    },
  }
}

/** The newest plan that is offered and waits for people. */
function offeredIn({ world }: Night, { plans }: Pick<IncidentRecord, 'plans'>): IncidentSummary['offered'] {
  const plan = plans.map((id) => world.plans.get(id)).findLast((one) => one?.state === 'proposed')
  if (!plan?.body) return null
  const { id, title } = plan.recipe
  return { plan: plan.id, recipe: { id, title }, tier: plan.body.approval.tier }
}

function summaryOf(night: Night, { alerts, plans, timeline: _timeline, ...summary }: IncidentRecord): IncidentSummary {
  return { ...summary, alerts_firing: firing(alerts), offered: offeredIn(night, { plans }) }
}

/** What of a question filters, by the names that the page uses. */
function filterIn(query: URLSearchParams, but?: string): InboxFilter {
  const filter = Object.fromEntries([...query].filter(([name, value]) => name !== but && value !== ''))
  return parseFilter({ ...filter, state: filter['state'] ?? 'all' })
}

/** A page by severity and then by age, or by age alone; a cursor names the last row, as the real API's does. */
function list(night: Night, query: URLSearchParams, me: Asker) {
  const limit = Number(query.get('limit') ?? 50)
  const urgent = query.get('order') === 'urgency'
  const ids = query.get('ids')?.split(',')
  const filter = filterIn(query)
  const [, severity = '', after = ''] = /^(?:(SEV\d) )?(.+)$/.exec(query.get('after') ?? '') ?? []
  const { incidents } = night.world
  const newest = ids
    ? ids
        .sort()
        .reverse()
        .flatMap((id) => incidents.get(id) ?? [])
    : night.newestFirst()
  const items: IncidentRecord[] = []
  // One walk for each severity: a hundred thousand are not sorted for each page.
  for (const one of urgent ? SEVERITIES : [null]) {
    if (severity !== '' && one !== null && one < severity) continue
    for (const incident of newest) {
      if (items.length > limit) break
      if (one !== null && incident.severity !== one) continue
      if (after !== '' && (one === null || one === severity) && incident.id >= after) continue
      if (passes(filter, incident, me.id)) items.push(incident)
    }
  }
  const page = items.slice(0, ids ? ids.length : limit)
  const last = items.length > limit && !ids ? page.at(-1) : undefined
  return {
    items: page.map((incident) => summaryOf(night, incident)),
    next: last === undefined ? null : urgent ? `${last.severity} ${last.id}` : last.id,
  }
}

const SEVERITIES = ['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const

function counts(night: Night, query: URLSearchParams, me: Asker): Shape<'IncidentCounts'> {
  const all = night.newestFirst()
  const through = (filter: InboxFilter) => all.filter((incident) => passes(filter, incident, me.id))
  const base = through(filterIn(query))
  const passing = (but: string) => (query.has(but) ? through(filterIn(query, but)) : base)
  const by = <K extends string>(of: readonly IncidentRecord[], names: readonly K[], name: (one: IncidentRecord) => string) => // prettier-ignore
    Object.fromEntries(names.map((value) => [value, of.filter((one) => name(one) === value).length])) as Record<K, number> // prettier-ignore
  const ofOwner = passing('owner')
  const services = Map.groupBy(passing('service'), ({ service }) => service)
  const set = (['state', 'severity', 'service', 'owner', 'text'] as const).filter((name) => query.get(name))
  return {
    total: all.length,
    matching: base.length,
    state: by(passing('state'), ['open', 'acknowledged', 'resolved', 'closed'], ({ state }) => state),
    severity: by(passing('severity'), SEVERITIES, ({ severity }) => severity),
    services: [...services]
      .flatMap(([service, of]) => (service === null ? [] : [{ service, count: of.length }]))
      .sort((a, b) => b.count - a.count)
      .slice(0, 50),
    owner: {
      me: ofOwner.filter(({ owner }) => owner?.id === me.id).length,
      nobody: ofOwner.filter(({ owner }) => owner === null).length,
    },
    without: Object.fromEntries(set.map((name) => [name, passing(name).length])),
    at: night.options.now().toISOString(),
  }
}

function acknowledge(night: Night, id: string, me: Asker): Incident {
  const incident = night.incidentRecord(id)
  demand(incidentView(night, incident, me).may.acknowledge as Allowed)
  Object.assign(incident, { state: 'acknowledged', owner: who(me.id), lead: who(me.id), version: incident.version + 1 })
  night.log(id, 'incident.acknowledged', `incident:${id}`, me.id, `${me.name} has it.`)
  return incidentView(night, incident, me)
}

/** What somebody has changed since it was read is not changed unread. */
function insist({ state, version }: IncidentRecord, read: number | null): void {
  if (read !== null && read !== version)
    throw new No(412, 'precondition', `You read the incident as it was; it is now ${state}, version ${version}. Read it again.`) // prettier-ignore
}

function change(night: Night, { at, body, me, version }: Asked): Incident {
  const id = at('id')
  const incident = night.incidentRecord(id)
  const { may } = incidentView(night, incident, me)
  const [owner, severity, reason] = [text(body['owner']), text(body['severity']), text(body['reason'])]
  insist(incident, version)
  if (owner !== '') {
    demand(may.assign as Allowed)
    const person = cast.find((one) => one.id === owner)
    if (!person?.roles.some((role) => responders.includes(role)))
      throw new No(422, 'out-of-range', `${person?.name ?? owner} could do nothing about it.`)
    const takes = owner === me.id && incident.state === 'open'
    Object.assign(incident, { owner: who(owner), version: incident.version + 1, ...(takes ? { state: 'acknowledged', lead: who(owner) } : {}) }) // prettier-ignore
    if (takes) night.log(id, 'incident.acknowledged', `incident:${id}`, me.id, `${me.name} has it.`)
    else {
      const says = owner === me.id ? 'took the incident over' : `gave the incident to ${person.name}`
      night.log(id, 'incident.changed', `incident:${id}`, me.id, `${me.name} ${says}.`)
    }
  }
  if (severity !== '') {
    demand(may.correct as Allowed)
    Object.assign(incident, { severity, version: incident.version + 1 })
    const says = `${me.name} corrected the severity to ${severity}: ${reason}.`
    night.log(id, 'incident.changed', `incident:${id}`, me.id, says)
  }
  return incidentView(night, incident, me)
}

function resolve(night: Night, { at, body, me, version }: Asked): Incident {
  const id = at('id')
  const incident = night.incidentRecord(id)
  demand(incidentView(night, incident, me).may.resolve as Allowed)
  insist(incident, version)
  const resolved_at = night.options.now().toISOString()
  Object.assign(incident, { state: 'resolved', resolved_at, version: incident.version + 1 })
  night.log(id, 'incident.resolved', `incident:${id}`, me.id, `${me.name} resolved the incident: ${text(body['reason'])}.`) // prettier-ignore
  return incidentView(night, incident, me)
}

function reopen(night: Night, { at, body, me, version }: Asked): Incident {
  const id = at('id')
  const incident = night.incidentRecord(id)
  demand(incidentView(night, incident, me).may.reopen as Allowed)
  insist(incident, version)
  Object.assign(incident, { state: 'open', resolved_at: null, version: incident.version + 1 })
  night.log(id, 'incident.reopened', `incident:${id}`, me.id, `${me.name} opened the incident again: ${text(body['reason'])}.`) // prettier-ignore
  const open = incident.plans.some((plan) => night.world.plans.get(plan)?.state === 'proposed')
  if (incident.class === 'high-api-latency' && !open) night.propose(id, night.options.now())
  return incidentView(night, incident, me)
}

function note(night: Night, id: string, me: Asker, says: string): Incident {
  const incident = night.incidentRecord(id)
  demand(incidentView(night, incident, me).may.note as Allowed)
  night.log(id, 'note.added', `incident:${id}`, me.id, `${me.name} noted: ${says}`)
  return incidentView(night, incident, me)
}

export const incidents: Noun = {
  routes: (night) => ({
    'GET /v1/incidents': ({ query, me }) => list(night, query, me),
    'GET /v1/incidents/counts': ({ query, me }) => counts(night, query, me),
    'GET /v1/incidents/{id}': ({ at, me }) => incidentView(night, night.incidentRecord(at('id')), me),
    'GET /v1/incidents/{id}/timeline': ({ at }) => ({ items: night.incidentRecord(at('id')).timeline }),
    'PATCH /v1/incidents/{id}': (asked) => change(night, asked),
    'POST /v1/incidents/{id}/resolve': (asked) => resolve(night, asked),
    'POST /v1/incidents/{id}/reopen': (asked) => reopen(night, asked),
    'POST /v1/incidents/{id}/acknowledge': ({ at, me }) => acknowledge(night, at('id'), me),
    'POST /v1/incidents/{id}/notes': ({ at, body, me }) => note(night, at('id'), me, text(body['text'])),
  }),
}
