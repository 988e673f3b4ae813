import { who } from './cast.js'
import type { Night } from './night.js'
import { makePlan, planned } from './planning.js'
import type { PlanRecord } from './world.js'

/** The plans of the night so far: two that wait on others than who asked, and what became of older ones. */
export function pastPlans(night: Night): void {
  const minutes = (ago: number) => new Date(night.options.now().getTime() - ago * 60_000)
  const ocr = [...night.world.incidents.values()].find((one) => one.class === 'ocr-failures')?.id ?? null
  const wide = { recipe: 'requeue-failed-jobs', params: {}, incident: ocr, by: 'sam' }
  const reason = 'Storage is back since 03:02; these five failed while it was away.'
  makePlan(night, { ...wide, reason }, minutes(4))
  two(night, minutes(11))

  const old = (ago: number, by: string, change: Partial<PlanRecord>) => {
    const wish = { recipe: 'scale-api', params: { minutes: 60 }, incident: null, reason: 'slow after the deploy', by }
    Object.assign(makePlan(night, wish, minutes(ago)), change)
  }
  old(95, 'noor', { state: 'expired', because: 'Nobody decided in time.' })
  old(130, 'hannah', { state: 'stale', because: 'Since the plan was made: deployment.replicas was 2 and is 4.' })
  old(190, 'hannah', { state: 'cancelled', because: 'hannah cancelled it: the deploy was rolled back' })
  const no = makePlan(night, { ...wide, incident: null, reason: 'all of them, please' }, minutes(260))
  const vote = { id: night.newId('apr'), by: who('noor'), decision: 'no' as const, digest: no.digest!, note: 'The cause is still there.', at: minutes(255).toISOString() } // prettier-ignore
  Object.assign(no, { state: 'refused', because: 'Noor Haddad said no: The cause is still there.', approvals: [vote] })
}

/** A plan that two people have to approve, and one has. */
function two(night: Night, at: Date): void {
  const id = night.newId('pln')
  const keys = ['invoices/2026/11/0117.pdf', 'invoices/2026/11/0118.pdf', 'invoices/2026/11/0121.pdf']
  const plan = planned(id, 'quarantine-input', null, at, {
    facts: {
      queue: { name: 'ocr-inputs', service: 'ocr', environment: 'prod' },
      looked_at: 200,
      unreadable: keys.length,
    },
    guards: [{ fact: 'queue.name', same: true }],
    reads: [{ what: 'the newest 200 inputs of ocr-inputs', at: at.toISOString() }],
    steps: keys.map((key) => ({
      ...{ verb: 'move-object', args: { key }, says: `Move ${key} to quarantine/`, targets: ['bucket:inputs'] },
      ...{ before: { key }, after: { key: `quarantine/${key}` }, reversible: 'yes' as const, loan_minutes: null },
      undo: { says: `Move ${key} back` },
    })),
    verify: { within_s: 60, says: 'No input that can be read was moved, and the engines fail on none of these.' },
    approval: { tier: 'T2', roles: ['sre', 'security'], people: 2 },
  })
  const yes = { id: night.newId('apr'), by: who('noor'), decision: 'yes' as const, digest: plan.digest!, note: 'Looked at all three.', at: at.toISOString() } // prettier-ignore
  night.world.plans.set(id, { ...plan, requested_by: who('leo'), reason: 'Three scans that no engine reads.', approvals: [yes] }) // prettier-ignore
}
