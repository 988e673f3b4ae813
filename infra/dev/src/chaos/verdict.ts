import type { Loan, Plan, Run, RunStep } from '@firebreak/flow'
import type { Judged } from '../crash/verdict.js'
import type { Change } from './counting-cluster.js'

/*
 * What must be true after all that chaos, and is not looked at by the crash suite: each effect by its key, each approved plan
 * by its run, each run by its owners. Pure; its spec shows each of these failing, and an engine without fences plays against it.
 */

/** One line of a run's stream, in its order. */
export interface OwnedLine {
  stream: string
  type: string
  /** Who wrote it. */
  actor: string
}

export interface Chaos {
  /** Plans that were approved. */
  approved: readonly string[]
  plans: readonly Pick<Plan, 'id' | 'state' | 'because'>[]
  runs: readonly Pick<Run, 'id' | 'plan_id' | 'state' | 'ended_at' | 'because'>[]
  steps: readonly Pick<RunStep, 'id' | 'run_id' | 'number' | 'state' | 'args'>[]
  loans: readonly Pick<Loan, 'step_id' | 'state'>[]
  changes: readonly Change[]
  lines: readonly OwnedLine[]
}

export function judgeChaos(chaos: Chaos): Judged[] {
  return [...effects(chaos), lost(chaos), owners(chaos)]
}

/** The names of the checks that a doubled effect fails. */
export const NEVER_TWICE = 'no effect was had twice'
const ONCE = 'no effect is missing'

function effects({ steps, loans, changes }: Chaos): Judged[] {
  const had = Map.groupBy(changes, ({ deployment, from, to }) => keyOf(deployment, from, to))
  const owed = new Map<string, { least: number; most: number; steps: string[] }>()
  const owe = (key: string, least: number, most: number, step: Chaos['steps'][number]) => {
    const so = owed.get(key) ?? { least: 0, most: 0, steps: [] }
    const steps = [...so.steps, `step ${step.number} of ${step.run_id} is ${step.state}`]
    owed.set(key, { least: so.least + least, most: so.most + most, steps })
  }
  const returned = new Set(loans.filter(({ state }) => state === 'returned').map(({ step_id }) => step_id))
  for (const step of steps) {
    const { deployment, from, to } = step.args as unknown as Change
    const { least, most } = forward(step.state)
    owe(keyOf(deployment, from, to), least, most, step)
    const back = step.state === 'undone' || returned.has(step.id) ? 1 : 0
    owe(keyOf(deployment, to, from), back, step.state === 'kept' ? 1 : back, step)
  }
  const [doubled, missing]: [string[], string[]] = [[], []]
  for (const key of new Set([...had.keys(), ...owed.keys()])) {
    const times = had.get(key)?.length ?? 0
    const { least, most, steps } = owed.get(key) ?? { least: 0, most: 0, steps: ['no step speaks of it'] }
    const told = `${key} ${times} times; ${steps.join(', ')}`
    if (times > most) doubled.push(told)
    if (times < least) missing.push(told)
  }
  const all = `${changes.length} changes under ${had.size} keys`
  return [
    {
      what: NEVER_TWICE,
      ok: doubled.length === 0 && changes.length > 0,
      says: `${doubled.length} keys more often than owed, of ${all}${some(doubled)}`,
    },
    { what: ONCE, ok: missing.length === 0, says: `${missing.length} keys less often than owed${some(missing)}` },
  ]
}

/** How often a step's effect may have been had, by its state. Of one that is unknown nobody can tell. */
function forward(state: RunStep['state']): { least: number; most: number } {
  if (state === 'done' || state === 'undone' || state === 'kept') return { least: 1, most: 1 }
  return { least: 0, most: state === 'unknown' || state === 'intended' ? 1 : 0 }
}

/** A plan that was approved became one run that ended, or says why not. */
function lost({ approved, plans, runs }: Chaos): Judged {
  const odd = approved.flatMap((id) => {
    const own = runs.filter(({ plan_id }) => plan_id === id)
    if (own.length > 1) return [`${id} has ${own.length} runs`]
    const [run] = own
    if (run) return run.ended_at !== null || (run.state === 'needs-a-person' && run.because) ? [] : [`${run.id} is ${run.state}`] // prettier-ignore
    const plan = plans.find((one) => one.id === id)
    return plan && plan.state !== 'proposed' && plan.state !== 'used' && plan.because ? [] : [`${id} is ${plan?.state ?? 'gone'} and has no run`] // prettier-ignore
  })
  const states = [...Map.groupBy(runs, ({ state }) => state)].map(([state, those]) => `${those.length} ${state}`)
  return {
    what: 'no approved plan lost its run',
    ok: odd.length === 0 && approved.length > 0,
    says: `${odd.length} lost of ${approved.length} approved (${states.sort().join(', ')})${some(odd)}`,
  }
}

/** What is written by whoever owns the run. Loans lie in its stream, too, and have owners of their own. */
const ENGINE = /^(run|step|target)\./

/** In its own stream every run is written by one worker at a time: by its starter, and after each taking-over by the taker. */
function owners({ lines }: Chaos): Judged {
  const owner = new Map<string, string>()
  const odd: string[] = []
  let takenOver = 0
  for (const { stream, type, actor } of lines) {
    if (!ENGINE.test(type) || !stream.startsWith('run:')) continue
    if (type === 'run.taken-over') takenOver++
    // A run that asks a person is nobody's; whoever hears of the answer first goes on with it.
    if (type === 'run.needs-a-person') owner.delete(stream)
    else if (type === 'run.started' || type === 'run.taken-over' || !owner.has(stream)) owner.set(stream, actor)
    else if (owner.get(stream) !== actor)
      odd.push(`${type} of ${stream} by ${actor}, its owner is ${owner.get(stream)}`)
  }
  return {
    what: 'every run had one owner at a time',
    ok: odd.length === 0 && lines.length > 0,
    says: `${odd.length} lines by another of ${new Set(lines.map(({ stream }) => stream)).size} runs, which were taken over ${takenOver} times${some(odd)}`,
  }
}

const keyOf = (deployment: string, from: number, to: number) => `${deployment} ${from} → ${to}`
const some = (odd: readonly string[]) => (odd.length === 0 ? '' : `: ${odd.slice(0, 3).join('; ')}`)
