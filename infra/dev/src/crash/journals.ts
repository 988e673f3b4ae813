import type { Loan, Run, RunStep } from '@firebreak/flow'
import type { Judged } from './verdict.js'

/** One line of a run's stream, in the log's order. */
export interface RunLine {
  stream: string
  type: string
  about: string
}

export interface Journals {
  runs: readonly Pick<Run, 'id' | 'state' | 'ended_at'>[]
  steps: readonly Pick<RunStep, 'id' | 'run_id' | 'number' | 'state'>[]
  loans: readonly Pick<Loan, 'id' | 'run_id' | 'step_id' | 'state'>[]
  /** Targets that are still locked. */
  locks: number
  lines: readonly RunLine[]
  /** Changes that the cluster saw take effect. */
  effects: number
}

const ENDED: readonly Run['state'][] = ['succeeded', 'undone', 'failed', 'needs-a-person']
const BROUGHT_ABOUT: readonly RunStep['state'][] = ['done', 'undone', 'kept']

/** Whether the workers' journals, the log and the world tell one story, whoever was killed while writing it. */
export function judgeJournals(journals: Journals): Judged[] {
  const { runs, steps, loans, locks, effects } = journals
  const odd = runs.flatMap((run) => oddities(run, journals))
  const ended = runs.filter(({ state }) => state === 'succeeded' || state === 'undone').length
  // A step whose end nobody could tell may have had its effect or not.
  const unsure = steps.filter(({ state }) => state === 'unknown' || state === 'kept').length
  const undone = new Set(steps.filter(({ state }) => state === 'undone').map(({ id }) => id))
  const returned = loans.filter(({ state, step_id }) => state === 'returned' && !undone.has(step_id)).length
  const expected = steps.filter(({ state }) => BROUGHT_ABOUT.includes(state)).length + undone.size + returned
  return [
    {
      what: 'every run came to an end that its journal and the log tell alike',
      ok: odd.length === 0 && runs.length > 0,
      says: odd.length > 0 ? odd.slice(0, 3).join('; ') : `${runs.length} runs, ${ended} of them to a good end`,
    },
    {
      what: 'the world changed once for each step and once for each loan given back',
      ok: Math.abs(effects - expected) <= unsure,
      says: `${effects} changes took effect, ${expected} stand in journals${unsure > 0 ? `, ${unsure} unsure` : ''}`,
    },
    { what: 'no target is left locked', ok: locks === 0, says: `${locks} locked` },
  ]
}

function oddities(run: Journals['runs'][number], { steps, lines }: Journals): string[] {
  const odd: string[] = []
  const own = lines.filter(({ stream }) => stream === `run:${run.id}`)
  const of = (type: string, about?: string) =>
    own.filter((line) => line.type === type && (about === undefined || line.about === about))
  if (!ENDED.includes(run.state)) odd.push(`${run.id} is ${run.state}`)
  if (own[0]?.type !== 'run.started' || of('run.started').length !== 1) odd.push(`${run.id} did not start once`)
  const last = own.findLast(({ about, type }) => about === `run:${run.id}` && type !== 'run.taken-over')
  if (last?.type !== `run.${run.state}`) odd.push(`${run.id} is ${run.state}, the log ends with ${last?.type}`)
  for (const step of steps.filter(({ run_id }) => run_id === run.id)) {
    const about = `step:${step.id}`
    if (step.state === 'intended') odd.push(`step ${step.number} of ${run.id} was intended and never recorded`)
    const done = of('step.done', about).length
    const should = BROUGHT_ABOUT.includes(step.state) ? 1 : 0
    if (done !== should)
      odd.push(`step ${step.number} of ${run.id} is ${step.state}, and done ${done} times in the log`)
    if (done > 0 && own.findIndex((line) => line.type === 'step.intended' && line.about === about) < 0)
      odd.push(`step ${step.number} of ${run.id} was done without having been intended`)
    if (run.state === 'succeeded' && step.state !== 'done' && step.state !== 'skipped')
      odd.push(`${run.id} succeeded with step ${step.number} ${step.state}`)
  }
  return odd
}
