import { randomUUIDv7 } from 'node:crypto'
import type pg from 'pg'
import { Dice } from '../crash/dice.js'
import { copyIn, type Cell } from './copy-in.js'

/** How much a record holds: as after years of use, most of it over. */
export interface RecordSize {
  incidents: number
  alertsEach: number
  /** One plan and one run an incident. */
  stepsEach: number
}

export const FULL: RecordSize = { incidents: 100_000, alertsEach: 10, stepsEach: 10 }

export interface LargeRecord {
  /** Ids, oldest first; of alerts a few. */
  alerts: readonly string[]
  incidents: readonly string[]
  plans: readonly string[]
  runs: readonly string[]
  rows: number
}

const STATES = { closed: 97, resolved: 1, acknowledged: 1, open: 1 } as const
const DELIVERED = 20 // alerts of one delivery
const CLASSES = ['high-api-latency', 'model-error-rate', 'ocr-failures', 'storage-errors', 'batch-failures']
const LOAN_EVERY = 10
const NAMES = ['observation', 'freeze', 'enforcement', 'request', 'delivery', 'incident', 'alert', 'plan', 'approval', 'run', 'step', 'loan', 'export'] // prettier-ignore
const FEW = 2_000

/**
 * Fills the record by COPY, as the superuser and past the triggers (there are no entries to these rows): what is measured
 * is how it is read.
 */
export async function fillRecord(
  client: pg.Client,
  size: RecordSize,
  say: (line: string) => void,
): Promise<LargeRecord> {
  const dice = new Dice(5)
  const id = (prefix: string) => `${prefix}_${randomUUIDv7()}`
  const ids = (prefix: string, many: number) => Array.from({ length: many }, () => id(prefix))
  const start = Date.UTC(2026, 0, 1)
  const minute = (nth: number) => new Date(start + nth * 60_000).toISOString()
  const incidents = ids('inc', size.incidents)
  const plans = ids('pln', size.incidents)
  const runs = ids('run', size.incidents)
  const states = incidents.map(() => stateBy(dice.between(1, 100)))
  const alerts = ids('alr', size.incidents * size.alertsEach)
  const over = (nth: number) => states[nth] === 'closed' || states[nth] === 'resolved'
  let rows = 0
  const copy = async (table: string, columns: string, from: Iterable<readonly Cell[]>) => {
    const count = await copyIn(client, `flow."${table}"`, columns.split(' '), from)
    rows += count
    say(`${count.toLocaleString('en')} rows of ${table}`)
  }

  for (const table of NAMES) await client.query(`alter table flow."${table}" disable trigger user`)
  await client.query(`set session_replication_role = replica`)
  await copy('incident', 'id state class severity title service environment group_key owner opened_at resolved_at version',
    each(incidents, (incident, nth) => [
      incident, states[nth]!, CLASSES[nth % 5]!, `SEV${(nth % 4) + 1}`, `p95 of api-${nth % 200} above its threshold`, `api-${nth % 200}`,
      nth % 3 === 0 ? 'staging' : 'prod', `${CLASSES[nth % 5]}/api-${nth}`, states[nth] === 'open' ? null : 'sam', minute(nth),
      over(nth) ? minute(nth + 30) : null, 4])) // prettier-ignore
  await copy('alert', 'id source fingerprint state labels annotations generator_url starts_at ends_at flaps incident_id',
    each(alerts, (alert, n) => {
      const nth = Math.floor(n / size.alertsEach)
      const labels = { alertname: 'HighApiLatency', service: `api-${nth % 200}`, environment: 'prod', pod: `api-${n % 977}`, severity: 'page' }
      const annotations = { summary: 'The p95 of requests is above 400 ms for five minutes.' }
      return [alert, 'alertmanager', n.toString(16).padStart(16, '0'), over(nth) ? 'resolved' : 'firing', labels, annotations,
        'http://prometheus/graph', minute(nth), over(nth) ? minute(nth + 25) : null, n % 3, incidents[nth]!]
    })) // prettier-ignore
  await copy('delivery', 'id source by received_at state body received opened joined repeated resolved suppressed refused faults',
    each(ids('dlv', (size.incidents * size.alertsEach) / DELIVERED), (delivery, nth) =>
      [delivery, nth % 50 === 0 ? 'grafana' : 'alertmanager', 'alertmanager', minute(nth), 'processed', '\\x7b7d', DELIVERED, 2, 18, 0, 0, 0, 0, '[]'])) // prettier-ignore
  await copy('request', 'id kind subject body incident_id by reason at', each(plans, (plan, nth) =>
    [plan, 'plan', 'scale-api', { params: {}, trigger: {} }, incidents[nth]!, 'sam', 'The p95 is above its threshold.', minute(nth)])) // prettier-ignore
  await copy('plan', 'id state recipe_id recipe_version recipe_digest incident_id requested_by body digest tier quorum because made_at expires_at',
    each(plans, (plan, nth) => [plan, 'used', 'scale-api', 1, DIGEST, incidents[nth]!, 'sam', planBody(plan, incidents[nth]!, size.stepsEach),
      DIGEST, 'T1', 1, null, minute(nth), minute(nth + 60)])) // prettier-ignore
  await copy('approval', 'id plan_id by decision digest note at', each(plans, (plan, nth) =>
    [id('apv'), plan, 'sam', 'yes', DIGEST, '', minute(nth + 1)])) // prettier-ignore
  await copy('run', 'id plan_id plan_digest incident_id recipe_id state started_at verifying_at ended_at because', each(runs, (run, nth) =>
    [run, plans[nth]!, DIGEST, incidents[nth]!, 'scale-api', nth % 20 === 0 ? 'undone' : 'succeeded', minute(nth + 2), minute(nth + 3), minute(nth + 4), 'It holds.'])) // prettier-ignore
  const steps = ids('stp', size.incidents * size.stepsEach)
  await copy('step', 'id run_id number verb args state attempt fence intended_at ended_at before after loan_minutes',
    each(steps, (step, n) => {
      const nth = Math.floor(n / size.stepsEach)
      return [step, runs[nth]!, (n % size.stepsEach) + 1, 'scaleDeployment', args(n), 'done', 1, 1, minute(nth + 2), minute(nth + 3), { replicas: 2 }, { replicas: 5 }, n % size.stepsEach === 0 ? 60 : null]
    })) // prettier-ignore
  await copy('loan', 'id state run_id step_id target verb args out_at until returned_at',
    each(ids('lon', size.incidents / LOAN_EVERY), (loan, n) => {
      const nth = n * LOAN_EVERY
      const out = !over(nth)
      return [loan, out ? 'out' : 'returned', runs[nth]!, steps[nth * size.stepsEach]!, 'deployment:prod/api', 'scaleDeployment', args(n), minute(nth), minute(nth + 60), out ? null : minute(nth + 60)]
    })) // prettier-ignore
  await copy('observation', 'id value at', each(ids('x', FEW), (_, n) => [`deployment:prod/api-${n}`, { replicas: 2, ready: 2 }, minute(n)])) // prettier-ignore
  const exports = ids('exp', FEW)
  await copy('request', 'id kind subject body incident_id by reason at', each(exports, (one, n) =>
    [one, 'export', null, { kind: 'ndjson', filter: {}, controls: [], disclose: false }, null, 'avery', 'The review of the quarter.', minute(n)])) // prettier-ignore
  const freezes = ids('frz', FEW)
  await copy('freeze', 'id scopes reason by at', each(freezes, (freeze, n) => [freeze, [`pipeline:gone-${n}`], 'A leak is suspected.', 'sasha', minute(n)])) // prettier-ignore
  await copy('enforcement', 'id state because at', each(freezes, (freeze, n) => [freeze, 'lifted', null, minute(n + 9)])) // prettier-ignore
  await client.query('reset session_replication_role')
  for (const table of NAMES) await client.query(`alter table flow."${table}" enable trigger user`)
  await client.query(ENTRIES)
  say('entries of every incident')
  // Screens of a house in use stand on statistics that autovacuum has long made.
  await client.query('vacuum analyze')
  return { alerts: alerts.filter((_, n) => n % 100 === 0), incidents, plans, runs, rows }
}

/** Three lines of each incident's story. */
const ENTRIES = `
  with made as materialized (
    select i.id as incident, n, uuidv7() as id from flow.incident i, generate_series(0, 2) as n
  )
  insert into audit.entry (entry_id, stream_id, stream_seq, type, about, body)
  select id, 'incident:' || incident, n, 'note.added', 'note:' || id, convert_to(
    '{"about":"note:' || id || '","actor":{"auth":"key","id":"sam","kind":"person","roles":["sre"]},' ||
    '"detail":{"digest":"sha256:' || repeat('5', 64) || '","incident":"' || incident || '","text":"Looked at it."},' ||
    '"entry_id":"' || id || '","outcome":"ok","stream":"incident:' || incident || '","stream_seq":' || n ||
    ',"ts":"2026-01-01T00:00:00.000Z","type":"note.added","v":1}', 'UTF8')
  from made order by incident, n`

const DIGEST = `sha256:${'5'.repeat(64)}`
const args = (n: number) => ({ namespace: 'prod', name: `api-${n % 200}`, from: 2, to: 5, resource_version: String(n) })

function planBody(plan: string, incident: string, steps: number): object {
  const step = (n: number) => ({
    verb: 'scaleDeployment',
    args: args(n),
    says: `Scales the deployment prod/api-${n} from 2 to 5 replicas`,
    targets: [`deployment:prod/api-${n}`],
    before: { replicas: 2 },
    after: { replicas: 5 },
    reversible: 'yes',
    undo: { says: `Scales the deployment prod/api-${n} back to 2 replicas` },
    loan_minutes: n === 0 ? 60 : null,
  })
  return {
    v: 1, id: plan, recipe: { id: 'scale-api', version: 1, digest: DIGEST }, params: {}, trigger: { service: 'api' }, incident,
    requested_by: 'sam', reason: 'The p95 is above its threshold.', reads: [{ what: 'deployment prod/api', at: '2026-01-01T00:00:00.000Z' }],
    facts: { replicas: 2, p95_ms: 900, ready: 2 }, guards: [{ fact: 'replicas', same: true }],
    steps: Array.from({ length: steps }, (_, n) => step(n)), blast_radius: { targets: steps, steps }, contains: false,
    verify: { within_s: 120, says: 'The p95 is below 400 ms.' }, approval: { tier: 'T1', roles: ['sre'], people: 1 },
    made_at: '2026-01-01T00:00:00.000Z', expires_at: '2026-01-01T01:00:00.000Z',
  } // prettier-ignore
}

function stateBy(percent: number): keyof typeof STATES {
  let upTo = 0
  for (const [state, share] of Object.entries(STATES))
    if (percent <= (upTo += share)) return state as keyof typeof STATES
  return 'closed'
}

function* each<Item>(
  items: readonly Item[],
  row: (item: Item, nth: number) => readonly Cell[],
): Generator<readonly Cell[]> {
  for (const [nth, item] of items.entries()) yield row(item, nth)
}
