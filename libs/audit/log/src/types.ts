import { count, detail, digest, facts, flag, id, int, said, sha256Hex, time, uuidV7, word, z } from './schema.js'

/**
 * Every type of entry, and what its detail may say. To let a type say more, add a field here; to add a type, add a line.
 * Fields are never renamed or removed: entries of years ago are checked against this table.
 */

const severity = z.enum(['SEV1', 'SEV2', 'SEV3', 'SEV4'])
const tier = z.enum(['T0', 'T1', 'T2', 'T3'])
const faults = z.array(z.strictObject({ pointer: said, message: said })).max(100)

const delivery = detail({
  source: word, bytes: count, received: count, truncated: count, opened: count, joined: count, repeated: count, resolved: count,
  suppressed: count, faults,
}) // prettier-ignore
const alert = detail({ source: word, fingerprint: said, alertname: said, starts_at: time, ends_at: time })
const incident = detail({
  class: word, severity, title: said, service: said, state: word, owner: id.nullable(), resolved_at: time.nullable(), version: count,
}) // prettier-ignore
const note = detail({ incident: id, digest, text: said })
const plan = detail({
  recipe: word, incident: said, params: facts,
  /** Who asked for it first, where a process asks for it anew: what whoever asked may not do, they still may not. */
  asker: z.strictObject({ id, kind: word.optional() }),
  steps: z.array(said).max(1000), tier, quorum: count, because: said, run: id,
  /** The run that it takes back. */
  reverts: id,
  /** Whose approvals count, and until when: with tier and quorum this is what a run is held against. */
  roles: z.array(word).max(50), expires_at: time,
  /** For how many hours an approver must have held one of those roles. */
  role_hours: count,
  /** What it would touch, and how far: the least and the most of each number that its steps set. Bounds are held against them. */
  targets: z.array(said).max(1000), reach: facts,
  /** What could hold its run: where its recipe begins, whether it only contains, how long its targets rest, and each cap on it. */
  stage: word, contains: flag, cooldown_minutes: count, raised_from: tier,
  caps: z.array(z.strictObject({ what: z.enum(['targets', 'effects']), has: count, most: count, where: said.optional() })).max(500),
}) // prettier-ignore
/** `typed`: what a plan that cannot be taken back made its approver type, its target or how many it has. */
const approval = detail({ plan: id, decision: z.enum(['yes', 'no']), quorum: count, typed: said })
/** A yes in advance: where, how many steps, each number's least and most (null: no end), how many runs in how many minutes. */
const standing = detail({
  targets: z.array(said).max(500), steps: count, bounds: facts, expires_at: time, because: said, most_runs: count, minutes: count,
}) // prettier-ignore
/** How far a recipe may go by itself from now on, and what its version had come to by then. */
const graduation = detail({
  recipe: word, from: word, to: word, watched: count, stopped: count, proposed: count, refused: count, runs: count,
  succeeded: count, undone: count, needed_a_person: count,
}) // prettier-ignore
const run = detail({
  plan: id, incident: said, steps: count, state: word, because: said, worker: id, fence: count,
  /** The yes in advance under which it started by itself, and whose that was. */
  standing: id, standing_by: id,
  /** The break-glass pass that it used up by starting, and what that goes over. */
  break_glass: id, over: word,
}) // prettier-ignore
/** A pass for one plan over one freeze, or over one yes that is missing: asked for, decided by whose voice, used, reviewed. */
const breakGlass = detail({
  break_glass: id, plan: id, run: id, incident: said, over: z.enum(['freeze', 'approval']), freeze: id, minutes: count, open_until: time,
  expires_at: time, voice: z.enum(['security', 'on-call-lead']), typed: said, review_by: time, verdict: word, late: flag,
}) // prettier-ignore
const step = detail({
  run: id, number: count, verb: word, says: said, attempt: count, because: said,
  /** The effect was there already when it was looked for. */
  found: flag,
  output: facts,
  /** Of a step over many: how many, how many of them done, which one, and what was claimed or done, by its digest. */
  items: count, items_done: count, item: count, items_digest: digest,
}) // prettier-ignore
/** `plan` where a plan was cancelled before it became a run. */
const intervention = detail({ run: id, plan: id, undo: flag, verdict: word, then: word })
const freeze = detail({ scopes: z.array(said).max(500), incident: said, review_by: time.nullable() })
/** Lifting a freeze: what was asked for, what was said of it by its digest, and by whom it was done. */
const lift = detail({
  request: id, epoch: count, expires_at: time, digest, decision: z.enum(['yes', 'no']), scopes: z.array(said).max(500),
}) // prettier-ignore
const budget = detail({ budget: said, runs: count, minutes: count, plan: id, because: said })
const quiet = detail({ scopes: z.array(said).max(500), starts_at: time, ends_at: time })
const lock = detail({ run: id })
const loan = detail({ run: id, loan: id, until: time, wish: word, because: said, verb: word })
/** A target was found otherwise than this log had left it: by somebody else, or by itself. */
const moved = detail({ run: id, loan: id, verb: word })
const exported = detail({
  kind: word, completeness: word, entries: count, size: count, sha256: sha256Hex, because: said,
  /** What was asked for, as canonical JSON. */
  filter: said,
  controls: z.array(word).max(100),
  disclosed: flag,
  /** Before the first byte: how long each stream is that the export holds as a whole. */
  streams: z.array(z.strictObject({ stream: said, count })).max(500),
  /** Of the log, at the checkpoint that the export ends with. */
  checkpoint_size: count,
  /** Of manifest.json, which names every other file of a bundle. */
  manifest: digest,
  /** Before the first byte: the vkey by which the bundle will be signed. */
  exporter: said,
  from: count, to: count,
}) // prettier-ignore

const person = detail({
  person_id: id,
  role: word,
  scope: said,
  by: id,
  until: time,
  kind: word,
  name: said,
  since: time,
})
const maintenance = detail({ kind: word, due_at: time, because: said, fence: count, retry_at: time })
const checked = detail({
  verdict: word, size: count, root: sha256Hex, made: count, not_made: z.array(word).max(100),
  /** The size of the checkpoint that the last good check kept. */
  kept: count,
  /** What to look at first. */
  check: word, index: count, because: said,
}) // prettier-ignore

const key = detail({
  key_id: id, name: said, person_id: id, kind: word, scopes: z.array(word).max(100), until: time, prefix: said,
}) // prettier-ignore
const session = detail({ session_id: id, person_id: id, method: word, until: time, cause: word })
const refusal = detail({
  code: word, status: int, method: word, route: said, permission: word, role: word, count, since: time, until: time, message: said,
}) // prettier-ignore
/** Who read the log, and what they asked for: one entry a person and filter in five minutes. */
const reading = detail({ filter: facts, route: said })
/** The values at these paths of that entry have been deleted, by order of those who approved. */
const redacted = detail({ entry: uuidV7, paths: z.array(said).max(100), because: said })
const succession = detail({
  request: id, digest, old_origin: said, old_size: count, old_root: sha256Hex, new_origin: said, decision: z.enum(['yes', 'no']),
  /** How many entries the new log keeps, and their root. The entry that says so is the first after them. */
  kept: count, kept_root: sha256Hex,
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
  'standing.given': standing,
  'standing.revoked': standing,
  'recipe.graduated': graduation,
  'run.started': run,
  'run.verifying': run,
  'run.succeeded': run,
  'run.failed': run,
  'run.undoing': run,
  'run.undone': run,
  'run.cancelling': run,
  'run.cancelled': run,
  'run.running': run,
  'run.waiting': run,
  'run.needs-a-person': run,
  'run.taken-over': run,
  'step.planned': step,
  'step.intended': step,
  'step.undoing': step,
  'step.done': step,
  'step.failed': step,
  'step.unknown': step,
  'step.undone': step,
  'step.kept': step,
  'step.skipped': step,
  'step.wave': step,
  'item.done': step,
  'item.failed': step,
  'item.unknown': step,
  'item.undone': step,
  'item.kept': step,
  'cancel.requested': intervention,
  'answer.given': intervention,
  'step.denied': step,
  'freeze.declared': freeze,
  'freeze.lift-asked': lift,
  'freeze.lift-approved': lift,
  'freeze.lift-refused': lift,
  'freeze.lifting': lift,
  'freeze.lifted': lift,
  'break-glass.asked': breakGlass,
  'break-glass.granted': breakGlass,
  'break-glass.refused': breakGlass,
  'break-glass.used': breakGlass,
  'break-glass.overdue': breakGlass,
  'break-glass.reviewed': breakGlass,
  'break-glass.told': breakGlass,
  'budget.disarmed': budget,
  'budget.rearmed': budget,
  'budget.told': budget,
  'quiet.declared': quiet,
  'quiet.cancelled': quiet,
  'stop.pressed': detail({}),
  'stop.released': detail({}),
  'run.frozen': run,
  'target.locked': lock,
  'target.freed': lock,
  'target.moved': moved,
  'loan.requested': loan,
  'loan.out': loan,
  'loan.renewed': loan,
  'loan.returning': loan,
  'loan.returned': loan,
  'loan.overdue': loan,
  'export.requested': exported,
  'export.running': exported,
  'export.ready': exported,
  'export.failed': exported,
  'export.downloaded': exported,
  'maintenance.due': maintenance,
  'maintenance.late': maintenance,
  'maintenance.excepted': maintenance,
  'maintenance.running': maintenance,
  'maintenance.done': maintenance,
  'maintenance.failed': maintenance,
  'check.passed': checked,
  'check.failed': checked,
  'person.added': person,
  'role.granted': person,
  'role.revoked': person,
  'key.created': key,
  'key.revoked': key,
  'session.opened': session,
  'session.closed': session,
  'access.refused': refusal,
  'process.started': process,
  'process.stopped': process,
  'log.read': reading,
  'log.redacted': redacted,
  'successor.requested': succession,
  'successor.approved': succession,
  'successor.refused': succession,
  'log.succeeded': succession,
  /** Both vkeys, and both keys' signatures (base64) over the sentence that rotation.ts has. */
  'log.key-rotated': detail({ old: said, new: said, signed_by_old: said, signed_by_new: said }),
  'log.heartbeat': detail({ size: count, root: sha256Hex, at: time, epoch: count, era: count, idle_seconds: count }),
} as const

export type EntryType = keyof typeof entryTypes
/** What an entry of this type may say beyond the common fields. */
export type EntryDetail<Type extends EntryType = EntryType> = z.input<(typeof entryTypes)[Type]>
