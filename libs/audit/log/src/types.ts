import { count, detail, digest, facts, flag, id, int, reference, said, sha256Hex, time, word, z } from './schema.js'

/**
 * Every type of entry, and what its detail may say. To let a type say more, add a field here; to add a type, add a line.
 * Fields are never renamed or removed: entries of years ago are checked against this table.
 */

const ids = z.array(id).max(1000)
const references = z.array(reference).max(1000)

const delivery = detail({
  delivery_id: id, source: word, digest, size: count, alerts: count, opened: count, joined: count, repeated: count,
  resolved: count, suppressed: count, refused: count, code: word, pointer: said, message: said,
}) // prettier-ignore

const alert = detail({
  alert_id: id, delivery_id: id, incident_id: id, source: word, fingerprint: id, name: said, status: word, from: word,
  target: reference, starts_at: time, ends_at: time, labels: facts, digest, flapping: flag, repeats: count,
}) // prettier-ignore

const incident = detail({
  incident_id: id, class: word, severity: z.enum(['SEV1', 'SEV2', 'SEV3', 'SEV4']), title: said, state: word, from: word, to: word,
  field: word, old: said, new: said, owner: id, service: said, environment: said, group: said, alerts: ids, cause: word,
  request_id: id, merged_into: id, code: word,
}) // prettier-ignore

const note = detail({ note_id: id, incident_id: id, digest, size: count, text: said })

const plan = detail({
  plan_id: id, request_id: id, incident_id: id, run_id: id, kind: word, state: word, from: word, to: word, digest, steps: count,
  targets: references, tier: word, quorum: count, expires_at: time, reverts: id, code: word, message: said, guard: said,
  facts, standing_approval: id, parameters: facts,
}) // prettier-ignore

const approval = detail({
  approval_id: id, plan_id: id, incident_id: id, decision: z.enum(['yes', 'no']), over: digest, role: word, quorum: count, given: count,
  code: word, message: said, expires_at: time,
}) // prettier-ignore

const run = detail({
  run_id: id, plan_id: id, incident_id: id, state: word, from: word, to: word, worker: id, fence: count, tenure_id: id, steps: count,
  done: count, failed: count, unknown: count, targets: references, probe: said, attempts: count, code: word, message: said, facts,
  waits_until: time, taken_from: id,
}) // prettier-ignore

const step = detail({
  step_id: id, run_id: id, plan_id: id, incident_id: id, index: count, verb: word, arguments: facts, state: word, from: word, to: word,
  fence: count, attempt: count, items: count, items_digest: digest, precondition: said, effect: z.enum(['made', 'found', 'none']),
  probe: said, facts, code: word, message: said,
}) // prettier-ignore

const lock = detail({ target: reference, run_id: id, plan_id: id, fence: count, since: time, until: time, code: word })

const loan = detail({
  loan_id: id, run_id: id, step_id: id, plan_id: id, incident_id: id, target: reference, state: word, from: word, to: word, due_at: time,
  returned_at: time, returns: id, renewed: count, facts, code: word, message: said,
}) // prettier-ignore

const exported = detail({
  export_id: id, request_id: id, kind: word, filter: facts, completeness: z.enum(['FULL', 'STREAM', 'SELECTED']), first: count,
  size: count, entries: count, bytes: count, sha256: sha256Hex, manifest: digest, checkpoint: digest, state: word, from: word, to: word,
  code: word, message: said,
}) // prettier-ignore

const person = detail({ person_id: id, role: word, scope: said, by: id, until: time, kind: word, name: said })
const key = detail({ key_id: id, person_id: id, kind: word, scopes: z.array(word).max(100), until: time, prefix: said })
const session = detail({ session_id: id, person_id: id, method: word, until: time, cause: word })
const refusal = detail({
  code: word, status: int, method: word, route: said, permission: word, role: word, count, since: time, until: time, message: said,
}) // prettier-ignore
const process = detail({
  process: word, instance: id, version: said, pid: count, host: said, schema: said, configuration: digest, cause: said, code: word,
}) // prettier-ignore

export const entryTypes = {
  'delivery.stored': delivery,
  'delivery.processed': delivery,
  'delivery.refused': delivery,
  'alert.fired': alert,
  'alert.resolved': alert,
  'alert.reopened': alert,
  'incident.opened': incident,
  'incident.acknowledged': incident,
  'incident.resolved': incident,
  'incident.reopened': incident,
  'incident.closed': incident,
  'incident.changed': incident,
  'note.added': note,
  'plan.requested': plan,
  'plan.proposed': plan,
  'plan.stopped': plan,
  'plan.failed': plan,
  'plan.stale': plan,
  'plan.used': plan,
  'plan.refused': plan,
  'plan.expired': plan,
  'plan.cancelled': plan,
  'approval.given': approval,
  'approval.refused': approval,
  'run.started': run,
  'run.verifying': run,
  'run.succeeded': run,
  'run.failed': run,
  'run.undoing': run,
  'run.undone': run,
  'run.cancelled': run,
  'run.needs-a-person': run,
  'run.taken-over': run,
  'step.planned': step,
  'step.intended': step,
  'step.done': step,
  'step.failed': step,
  'step.unknown': step,
  'step.undone': step,
  'step.kept': step,
  'target.locked': lock,
  'target.freed': lock,
  'loan.requested': loan,
  'loan.out': loan,
  'loan.returning': loan,
  'loan.returned': loan,
  'loan.overdue': loan,
  'export.requested': exported,
  'export.running': exported,
  'export.ready': exported,
  'export.failed': exported,
  'export.downloaded': exported,
  'person.added': person,
  'role.granted': person,
  'key.created': key,
  'session.opened': session,
  'session.closed': session,
  'access.refused': refusal,
  'process.started': process,
  'process.stopped': process,
  'log.heartbeat': detail({ size: count, root: sha256Hex, at: time, epoch: count, era: count, idle_seconds: count }),
} as const

export type EntryType = keyof typeof entryTypes
/** What an entry of this type may say beyond the common fields. */
export type EntryDetail<Type extends EntryType = EntryType> = z.input<(typeof entryTypes)[Type]>
