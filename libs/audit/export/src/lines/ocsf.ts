import { canonical, hex, sha256, text, type EntryBody, type EntryType, type JsonValue } from '@firebreak/audit-log'
import { parsed } from '../selection.js'
import type { LineFormat } from './format.js'

/**
 * OCSF 1.x, one event a line, for a SIEM. A view: `raw_data` has the entry's own bytes and `raw_data_hash` their digest,
 * `metadata.uid` its id and `metadata.sequence` its index in the log, so that every event leads back to the evidence.
 * The types follow the classes as the schema has them; what has no attribute of its own stands in `unmapped`.
 */
const VERSION = '1.6.0'

/** Classes of the schema: category · 1000 + the class's own number. */
const CLASS = {
  accountChange: 3001,
  authentication: 3002,
  entityManagement: 3004,
  userAccess: 3005,
  complianceFinding: 2003,
  detectionFinding: 2004,
  incidentFinding: 2005,
  applicationLifecycle: 6002,
  apiActivity: 6003,
  remediationActivity: 7001,
} as const
type ClassName = keyof typeof CLASS

/** What of a class happened. 99 is "other", and then the entry's own type says what. */
export type OcsfMapping = readonly [className: ClassName, activity: number]

const created = ['entityManagement', 1] as const
const read = ['entityManagement', 2] as const
const updated = ['entityManagement', 3] as const
const suspended = ['entityManagement', 12] as const
const resumed = ['entityManagement', 13] as const
const otherwise = ['entityManagement', 99] as const
const found = ['detectionFinding', 1] as const
const checked = ['complianceFinding', 1] as const
const incident = ['incidentFinding', 2] as const
const effect = ['remediationActivity', 99] as const
const restored = ['remediationActivity', 3] as const
const call = ['apiActivity', 1] as const

/** Every type of entry and the class that it is an event of. A new type is a line here: the compiler asks for it. */
export const OCSF: Record<EntryType, OcsfMapping> = {
  'delivery.stored': call,
  'delivery.processed': call,
  'delivery.refused': call,
  'alert.fired': found,
  'alert.resolved': ['detectionFinding', 3],
  'alert.reopened': ['detectionFinding', 2],
  'incident.opened': ['incidentFinding', 1],
  'incident.acknowledged': incident,
  'incident.resolved': incident,
  'incident.reopened': incident,
  'incident.closed': ['incidentFinding', 3],
  'incident.changed': incident,
  'note.added': created,
  'plan.requested': created,
  'plan.proposed': updated,
  'plan.stopped': updated,
  'plan.failed': updated,
  'plan.stale': updated,
  'plan.used': updated,
  'plan.refused': updated,
  'plan.expired': updated,
  'plan.cancelled': updated,
  'approval.given': created,
  'approval.refused': created,
  'standing.given': created,
  'standing.revoked': updated,
  'recipe.graduated': created,
  'run.started': created,
  'run.verifying': updated,
  'run.running': updated,
  'run.waiting': updated,
  'run.succeeded': updated,
  'run.failed': updated,
  'run.undoing': updated,
  'run.undone': updated,
  'run.cancelling': updated,
  'run.cancelled': updated,
  'run.needs-a-person': updated,
  'run.taken-over': updated,
  'run.frozen': updated,
  'freeze.declared': suspended,
  'freeze.lift-asked': created,
  'freeze.lift-approved': updated,
  'freeze.lift-refused': updated,
  'freeze.lifting': updated,
  'freeze.lifted': resumed,
  'break-glass.asked': created,
  'break-glass.granted': updated,
  'break-glass.refused': updated,
  'break-glass.used': updated,
  'break-glass.overdue': updated,
  'break-glass.reviewed': updated,
  'break-glass.told': updated,
  'budget.disarmed': suspended,
  'budget.rearmed': resumed,
  'budget.told': updated,
  'quiet.declared': created,
  'quiet.cancelled': updated,
  'stop.pressed': suspended,
  'stop.released': resumed,
  'step.planned': created,
  'step.intended': effect,
  'step.undoing': restored,
  'step.done': effect,
  'step.failed': effect,
  'step.unknown': effect,
  'step.undone': restored,
  'step.kept': effect,
  'step.skipped': updated,
  'step.wave': effect,
  'item.done': effect,
  'item.failed': effect,
  'item.unknown': effect,
  'item.undone': restored,
  'item.kept': effect,
  'step.denied': effect,
  'cancel.requested': created,
  'answer.given': created,
  'target.moved': updated,
  'target.locked': otherwise,
  'target.freed': otherwise,
  'loan.requested': created,
  'loan.out': updated,
  'loan.renewed': updated,
  'loan.returning': restored,
  'loan.returned': restored,
  'loan.overdue': updated,
  'export.requested': created,
  'export.running': updated,
  'export.ready': updated,
  'export.failed': updated,
  'export.downloaded': read,
  'person.added': ['accountChange', 1],
  'role.granted': ['userAccess', 3],
  'role.revoked': ['userAccess', 4],
  'key.created': created,
  'key.revoked': ['entityManagement', 4],
  'session.opened': ['authentication', 1],
  'session.closed': ['authentication', 2],
  'access.refused': ['apiActivity', 99],
  'process.started': ['applicationLifecycle', 3],
  'process.stopped': ['applicationLifecycle', 4],
  'log.read': ['apiActivity', 2],
  'log.redacted': updated,
  'maintenance.due': created,
  'maintenance.late': updated,
  'maintenance.excepted': updated,
  'maintenance.running': updated,
  'maintenance.done': updated,
  'maintenance.failed': updated,
  'check.passed': checked,
  'check.failed': checked,
  'log.key-rotated': updated,
  'log.succeeded': created,
  'successor.requested': created,
  'successor.approved': updated,
  'successor.refused': updated,
  'log.heartbeat': ['applicationLifecycle', 99],
}

export const ocsf: LineFormat = {
  head: () => '',
  line: ({ body, position }, { checkpoint, completeness, origin }) => {
    const entry = parsed(body)
    const [className, activity] = OCSF[entry.type]
    const class_uid = CLASS[className]
    const event = {
      category_uid: Math.floor(class_uid / 1000),
      class_uid,
      type_uid: class_uid * 100 + activity,
      activity_id: activity,
      ...(activity === 99 ? { activity_name: entry.type } : {}),
      time: Date.parse(entry.ts),
      severity_id: SEVERITY[entry.outcome ?? 'ok'],
      ...status(entry),
      message: `${entry.type} ${entry.about}`,
      actor: actor(entry),
      ...ATTRIBUTES[className](entry),
      metadata: {
        version: VERSION,
        product: { name: 'Firebreak', vendor_name: 'Firebreak' },
        uid: entry.entry_id,
        sequence: position,
        event_code: entry.type,
        log_name: origin,
        original_time: entry.ts,
        ...(entry.request_id === undefined ? {} : { correlation_uid: entry.request_id }),
        labels: [`completeness:${completeness}`, `checkpoint:${checkpoint}`],
      },
      raw_data: text(body),
      raw_data_hash: { algorithm: 'SHA-256', algorithm_id: 3, value: hex(sha256(body)) },
      unmapped: unmapped(entry),
    }
    return `${JSON.stringify(event)}\n`
  },
}

/** Informational, or medium where something did not go as it should. */
const SEVERITY = { ok: 1, refused: 3, failed: 3, unknown: 3 } as const

/** Findings have a status of their own; everything else went well, or did not. */
function status({ outcome, type }: EntryBody) {
  if (type.startsWith('incident.')) return { status_id: INCIDENT[type] ?? 2 }
  if (type.startsWith('alert.')) return { status_id: type === 'alert.resolved' ? 4 : 1 }
  if (type.startsWith('check.')) return { status_id: type === 'check.passed' ? 4 : 1 }
  if (outcome === undefined) return { status_id: 0 }
  return outcome === 'ok' ? { status_id: 1 } : { status_id: outcome === 'unknown' ? 0 : 2, status_detail: outcome }
}
const INCIDENT: Partial<Record<string, number>> = { 'incident.opened': 1, 'incident.resolved': 4, 'incident.closed': 5 }

const actor = ({ actor: { auth, id, kind, roles } }: EntryBody) =>
  kind === 'process'
    ? { process: { name: id } }
    : {
        user: {
          uid: id,
          type_id: kind === 'person' ? 1 : 4,
          ...(roles ? { groups: roles.map((name) => ({ name })) } : {}),
        },
        ...(auth === undefined ? {} : { session: { credential_uid: auth } }),
      }

/** What each class has beside the attributes of all, its required ones above all. */
const ATTRIBUTES: Record<ClassName, (entry: EntryBody) => object> = {
  accountChange: (entry) => ({ user: whom(entry) }),
  authentication: (entry) => ({ user: whom(entry) }),
  userAccess: (entry) => ({ user: whom(entry), privileges: [said(entry, 'role')] }),
  entityManagement: (entry) => ({ entity: entity(entry), ...(entry.reason ? { comment: entry.reason } : {}) }),
  detectionFinding: (entry) => ({ finding_info: finding(entry), is_alert: true }),
  complianceFinding: (entry) => ({
    finding_info: finding(entry),
    compliance: { standards: ['the audit log, checked as an auditor would'], status: said(entry, 'verdict') },
  }),
  incidentFinding: (entry) => ({
    finding_info_list: [finding(entry)],
    assignee: { uid: said(entry, 'owner') || entry.actor.id },
  }),
  applicationLifecycle: (entry) => ({ app: { name: 'Firebreak', uid: entry.actor.id } }),
  apiActivity: (entry) => ({
    api: { operation: said(entry, 'route') || entry.type },
    // An address stands in the log as a commitment alone.
    src_endpoint: { uid: entry.actor.ip ?? entry.actor.id },
  }),
  remediationActivity: (entry) => ({
    command_uid: entry.about,
    ...(entry.target === undefined ? {} : { resources: [{ uid: entry.target }] }),
  }),
}

const detailOf = ({ detail }: EntryBody) => (detail ?? {}) as Partial<Record<string, unknown>>
function said(entry: EntryBody, field: string): string {
  const value = detailOf(entry)[field]
  return typeof value === 'string' ? value : ''
}

const whom = (entry: EntryBody) => ({
  uid: said(entry, 'person_id') || entry.about.slice(entry.about.indexOf(':') + 1),
})
const entity = ({ about }: EntryBody) => {
  const colon = about.indexOf(':')
  return { type: about.slice(0, colon), uid: about.slice(colon + 1), name: about }
}
const finding = (entry: EntryBody) => ({
  uid: entry.about,
  title: said(entry, 'title') || said(entry, 'alertname') || entry.type,
})

/** All that an entry says beyond this, in its canonical text: a SIEM keeps it, and nobody has to parse `raw_data` for it. */
function unmapped({ after, approvals, before, freeze, plan_digest, recipe, stream, stream_seq, target }: EntryBody) {
  const rest = { after, approvals, before, freeze, recipe }
  return {
    stream,
    stream_seq,
    ...(target === undefined ? {} : { target }),
    ...(plan_digest === undefined ? {} : { plan_digest }),
    ...Object.fromEntries(
      Object.entries(rest).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, text(canonical(value as JsonValue))]],
      ),
    ),
  }
}
