import type { Incident } from '../src/renderer/api/view.js'
import { cast, who } from './cast.js'
import type { Night } from './night.js'
import { text, type Asked, type Asker, type Noun } from './noun.js'
import { byRole, demand, No, responders, type Allowed } from './refuse.js'
import type { IncidentRecord } from './world.js'

/** What the house of the pretended night suggests for a class, the most apt first. */
const suggestedFor: Partial<Record<Incident['class'], string[]>> = {
  'high-api-latency': ['scale-api'],
  'ocr-failures': ['divert-ocr'],
  'batch-failures': ['requeue-failed-jobs'],
}

const firing = (alerts: Incident['alerts']) => alerts.filter(({ state }) => state === 'firing').length

/** An incident as whoever asks sees it: with what they may do. */
export function incidentView({ timeline: _timeline, ...incident }: IncidentRecord, me: Pick<Asker, 'roles'>): Incident {
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

function list({ world }: Night, state: string | null) {
  const wanted = state === null ? null : state === 'active' ? ['open', 'acknowledged'] : [state]
  const items = [...world.incidents.values()]
    .filter((incident) => wanted === null || wanted.includes(incident.state))
    .map(({ alerts, plans: _plans, timeline: _timeline, ...summary }) => ({
      ...summary,
      alerts_firing: firing(alerts),
    }))
  return { items: items.reverse(), next: null }
}

function acknowledge(night: Night, id: string, me: Asker): Incident {
  const incident = night.incidentRecord(id)
  demand(incidentView(incident, me).may.acknowledge as Allowed)
  Object.assign(incident, { state: 'acknowledged', owner: who(me.id), version: incident.version + 1 })
  night.log(id, 'incident.acknowledged', `incident:${id}`, me.id, `${me.name} has it.`)
  return incidentView(incident, me)
}

/** What somebody has changed since it was read is not changed unread. */
function insist({ state, version }: IncidentRecord, read: number | null): void {
  if (read !== null && read !== version)
    throw new No(412, 'precondition', `You read the incident as it was; it is now ${state}, version ${version}. Read it again.`) // prettier-ignore
}

function change(night: Night, { at, body, me, version }: Asked): Incident {
  const id = at('id')
  const incident = night.incidentRecord(id)
  const { may } = incidentView(incident, me)
  const [owner, severity, reason] = [text(body['owner']), text(body['severity']), text(body['reason'])]
  insist(incident, version)
  if (owner !== '') {
    demand(may.assign as Allowed)
    const person = cast.find((one) => one.id === owner)
    if (!person?.roles.some((role) => responders.includes(role)))
      throw new No(422, 'out-of-range', `${person?.name ?? owner} could do nothing about it.`)
    const takes = owner === me.id && incident.state === 'open'
    Object.assign(incident, { owner: who(owner), version: incident.version + 1, ...(takes ? { state: 'acknowledged' } : {}) }) // prettier-ignore
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
  return incidentView(incident, me)
}

function resolve(night: Night, { at, body, me, version }: Asked): Incident {
  const id = at('id')
  const incident = night.incidentRecord(id)
  demand(incidentView(incident, me).may.resolve as Allowed)
  insist(incident, version)
  const resolved_at = night.options.now().toISOString()
  Object.assign(incident, { state: 'resolved', resolved_at, version: incident.version + 1 })
  night.log(id, 'incident.resolved', `incident:${id}`, me.id, `${me.name} resolved the incident: ${text(body['reason'])}.`) // prettier-ignore
  return incidentView(incident, me)
}

function reopen(night: Night, { at, body, me, version }: Asked): Incident {
  const id = at('id')
  const incident = night.incidentRecord(id)
  demand(incidentView(incident, me).may.reopen as Allowed)
  insist(incident, version)
  Object.assign(incident, { state: 'open', resolved_at: null, version: incident.version + 1 })
  night.log(id, 'incident.reopened', `incident:${id}`, me.id, `${me.name} opened the incident again: ${text(body['reason'])}.`) // prettier-ignore
  return incidentView(incident, me)
}

function note(night: Night, id: string, me: Asker, says: string): Incident {
  const incident = night.incidentRecord(id)
  demand(incidentView(incident, me).may.note as Allowed)
  night.log(id, 'note.added', `incident:${id}`, me.id, `${me.name} noted: ${says}`)
  return incidentView(incident, me)
}

export const incidents: Noun = {
  routes: (night) => ({
    'GET /v1/incidents': ({ query }) => list(night, query.get('state')),
    'GET /v1/incidents/{id}': ({ at, me }) => incidentView(night.incidentRecord(at('id')), me),
    'GET /v1/incidents/{id}/timeline': ({ at }) => ({ items: night.incidentRecord(at('id')).timeline }),
    'PATCH /v1/incidents/{id}': (asked) => change(night, asked),
    'POST /v1/incidents/{id}/resolve': (asked) => resolve(night, asked),
    'POST /v1/incidents/{id}/reopen': (asked) => reopen(night, asked),
    'POST /v1/incidents/{id}/acknowledge': ({ at, me }) => acknowledge(night, at('id'), me),
    'POST /v1/incidents/{id}/notes': ({ at, body, me }) => note(night, at('id'), me, text(body['text'])),
  }),
}
