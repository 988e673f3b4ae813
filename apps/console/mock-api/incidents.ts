import type { Incident } from '../src/renderer/api/view.js'
import { who } from './cast.js'
import type { Night } from './night.js'
import { text, type Asker, type Noun } from './noun.js'
import { byRole, demand, responders, type Allowed } from './refuse.js'
import type { IncidentRecord } from './world.js'

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
  return {
    ...incident,
    alerts_firing: firing(incident.alerts),
    page: `/v1/runbook/${incident.class}`,
    plans: [...incident.plans].reverse(),
    may: {
      acknowledge: may('incident.acknowledge'),
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
    'POST /v1/incidents/{id}/acknowledge': ({ at, me }) => acknowledge(night, at('id'), me),
    'POST /v1/incidents/{id}/notes': ({ at, body, me }) => note(night, at('id'), me, text(body['text'])),
  }),
}
