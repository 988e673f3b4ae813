import { setTimeout as sleep } from 'node:timers/promises'
import { Dice } from '../crash/dice.js'
import { sees, severalOfEach } from '../several.js'
import type { Plan, Run } from '../story-api.js'
import { median, type Figure, type Subject } from './figure.js'

const ROUNDS = 15
const REACH_S = 8
/** Blows fall anywhere between two renewals of a tenure. */
const RENEWED_MS = 1_400

/** How long a run is nobody's when its worker is killed: two workers that are as patient as they are by default. */
export const resume: Subject = {
  name: 'resume',
  async measure({ small, say }) {
    const stage = await severalOfEach({ apis: 1, workers: 2, sequencers: 1 })
    const dice = new Dice(1)
    const seconds: number[] = []
    try {
      for (let round = 1; round <= (small ? 3 : ROUNDS); round++) {
        const run = await underWay(stage)
        await sleep(dice.between(0, RENEWED_MS))
        const [owner] = await stage.writers(`run:${run}`, 'run.%')
        const killed = performance.now()
        stage.workers.find(({ pid }) => owner?.endsWith(`:${pid}`))!.kill()
        await sees('somebody to take the run over', async () => (await stage.lines(`run:${run}`))['run.taken-over'])
        seconds.push((performance.now() - killed) / 1_000)
        say(`round ${round}: ${seconds.at(-1)!.toFixed(1)} s`)
        await goesHome(stage, run)
      }
    } finally {
      await stage.stop()
    }
    const figure: Figure = {
      what: 'kill -9 of a run’s worker until another one goes on, at worst',
      kind: 'absolute',
      unit: 's',
      measured: Math.max(...seconds),
      reach: REACH_S,
      better: 'less',
      beside: { what: 'median', value: median(seconds), unit: 's' },
      note: `${seconds.length} runs; tenure and sweep as they are by default`,
    }
    return [figure]
  },
}

type House = Awaited<ReturnType<typeof severalOfEach>>

/** A run that is being verified, and does not come to an end before it may. */
async function underWay({ hannah: [hannah], sandbox, slow }: House): Promise<string> {
  sandbox.break('no-help')
  await slow()
  const wish = { recipe: 'scale-api', params: {}, labels: { service: 'api' }, reason: 'the bench' }
  const { id } = await hannah.post<Plan>('/v1/plans', wish)
  const plan = await sees('the plan', async () => {
    const now = await hannah.get<Plan>(`/v1/plans/${id}`)
    if (now.state === 'stopped' || now.state === 'failed') throw new Error(`the plan ${now.state}: ${now.because}`)
    return now.state === 'proposed' ? now : undefined
  })
  await hannah.post(`/v1/plans/${id}/approvals`, { digest: plan.digest, decision: 'yes', note: '' })
  return sees('the verification', async () => {
    const { run } = await hannah.get<Plan>(`/v1/plans/${id}`)
    return run && (await hannah.get<Run>(`/v1/runs/${run}`)).state === 'verifying' ? run : undefined
  })
}

/** The run ends well, everybody is there again, and what was lent comes back. */
async function goesHome(house: House, run: string): Promise<void> {
  house.sandbox.mend('no-help')
  await house.succeeds(run)
  house.sandbox.mend('slow')
  await Promise.all(house.workers.map((worker) => worker.ready()))
  await house.takesBack()
}
