import { sees, severalOfEach } from '../several.js'
import type { Plan } from '../story-api.js'
import { median, percentile, type Figure, type Subject } from './figure.js'

const ROUNDS = 20
const REACH_MS = 1_000

/** How long an alert waits for the first step of a recipe that was approved in advance: no person is in the way. */
export const firstStep: Subject = {
  name: 'first-step',
  async measure({ small, say }) {
    const house = await severalOfEach({ apis: 1, workers: 1, sequencers: 1 })
    const [whole, untilRequested]: [number[], number[]] = [[], []]
    try {
      await graduate(house)
      await approveInAdvance(house)
      for (let round = 1; round <= (small ? 3 : ROUNDS); round++) {
        await house.slow()
        const began = Date.now()
        const payload = alert('firing', round)
        await house.alertmanager[0].post('/v1/alerts/alertmanager', payload)
        const answered = Date.now()
        const run = await sees('a run that nobody started', () => newRun(house, began))
        const intended = await sees('its first step', async () => (await house.when(`run:${run}`, 'step.intended'))[0])
        whole.push(intended.getTime() - began)
        untilRequested.push(answered - began)
        say(`round ${round}: ${whole.at(-1)} ms`)
        await goesHome(house, run, round)
      }
    } finally {
      await house.stop()
    }
    const figure: Figure = {
      what: 'an alert until the first step of its `auto` recipe is intended, p95',
      kind: 'absolute',
      unit: 'ms',
      measured: percentile(whole, 95),
      reach: REACH_MS,
      better: 'less',
      beside: { what: 'until the delivery was answered, p50', value: median(untilRequested), unit: 'ms' },
      note: `p50 ${median(whole)} ms; ${whole.length} alerts, one after the other; the built programs`,
    }
    return [figure]
  },
}

type House = Awaited<ReturnType<typeof severalOfEach>>

/** A recipe acts by itself after a run of it has helped: round 0 is approved by hand. */
async function graduate(house: House): Promise<void> {
  const [hannah] = house.hannah
  const began = Date.now()
  await house.slow()
  await house.alertmanager[0].post('/v1/alerts/alertmanager', alert('firing', 0))
  const plan = await sees('a plan to approve', async () => {
    const [plan] = (await hannah.get<{ items: Plan[] }>('/v1/plans?limit=1')).items
    return plan?.state === 'proposed' ? plan : undefined
  })
  await hannah.post(`/v1/plans/${plan.id}/approvals`, { digest: plan.digest, decision: 'yes' })
  await goesHome(house, await sees('the run of round 0', () => newRun(house, began)), 0)
  const { digest } = await hannah.get<{ digest: string }>('/v1/recipes/scale-api')
  await hannah.post('/v1/recipes/scale-api/graduations', { digest, to: 'auto', reason: 'the bench' })
}

async function approveInAdvance({ hannah: [hannah] }: House): Promise<void> {
  const { digest } = await hannah.get<{ digest: string }>('/v1/recipes/scale-api')
  await hannah.post('/v1/standing-approvals', {
    recipe: 'scale-api',
    digest,
    targets: ['deployment:prod/api'],
    bounds: {
      steps: 2,
      runs: { most: 1_000, minutes: 60 },
      after: { replicas: { at_least: 1, at_most: 20 }, min: { at_least: 1, at_most: 20 } },
    },
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    reason: 'the bench',
  })
}

async function newRun({ hannah: [hannah] }: House, since: number): Promise<string | undefined> {
  const { items } = await hannah.get<{ items: (Plan & { because: string | null })[] }>('/v1/plans?limit=1')
  const [plan] = items
  if (!plan || Date.parse(plan.requested_at) < since - 1_000) return undefined
  if (plan.state === 'stopped' || plan.state === 'failed') throw new Error(`the plan ${plan.state}: ${plan.because}`)
  return plan.run ?? undefined
}

/** The run ends well, the alert with it, and what was lent comes back: the next alert finds everything as this one did. */
async function goesHome(house: House, run: string, round: number): Promise<void> {
  await house.succeeds(run)
  house.sandbox.mend('slow')
  await house.alertmanager[0].post('/v1/alerts/alertmanager', alert('resolved', round))
  await house.takesBack()
  await house.later()
}

const alert = (status: 'firing' | 'resolved', round: number) => ({
  version: '4',
  receiver: 'firebreak',
  status,
  alerts: [
    {
      status,
      labels: { alertname: 'HighApiLatency', service: 'api', severity: 'critical' },
      annotations: { summary: 'API latency is high' },
      startsAt: new Date(Date.now() - 1_000).toISOString(),
      endsAt: status === 'resolved' ? new Date().toISOString() : '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus.example:9090/graph',
      fingerprint: round.toString(16).padStart(16, '0'),
    },
  ],
})
