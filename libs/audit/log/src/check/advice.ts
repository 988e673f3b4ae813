/** What an auditor does about a check that failed, by its name. */

const TRUST =
  'make sure that your policy is for this log, with whoever gave you the policy. If it is, somebody else than the log made this checkpoint: take the newest one from the notary, and ask for an export that ends there.'
const DAMAGE =
  'keep this file as it is, and ask for a new export of the same. If the new one is valid, this file was changed on its way to you. If it fails in the same place, the log itself was changed: preserve its database, its tiles and its backups before anybody touches them.'
const SIGNED =
  'this is not damage: the log put these entries in and signed them like this. Keep the file; ask who operates the log and who could write to its database at that time, and look at the entries around this one.'
const HISTORY =
  'keep both this file and your own checkpoint: together they prove that the log signed two different pasts, without any further witness. Show them to whoever runs the notary.'
const COMPANION =
  'the entries are not what this is about: what lies beside them was changed, or made from others. Read the entries alone, and ask for a new export.'

const ADVICE: Readonly<Record<string, string>> = {
  note: TRUST,
  signature: TRUST,
  quorum: TRUST,
  keys: TRUST,
  lineage: HISTORY,
  files: DAMAGE,
  class: DAMAGE,
  count: DAMAGE,
  body: DAMAGE,
  leaf: DAMAGE,
  tiles: DAMAGE,
  root: DAMAGE,
  'entry-ids': SIGNED,
  streams: SIGNED,
  consistency: HISTORY,
  time: SIGNED,
  approvals: SIGNED,
  'approval-rules': SIGNED,
  guards: SIGNED,
  'break-glass': SIGNED,
  chain: `${SIGNED} If the log is right, somebody changed the target behind it: the audit log of that system knows who.`,
  disclosures: COMPANION,
  blobs: COMPANION,
  controls: COMPANION,
  report: COMPANION,
  statement: `${COMPANION} Make sure that the key you named is the exporter's.`,
}

export const adviceOn = (check: string): string => ADVICE[check] ?? DAMAGE
