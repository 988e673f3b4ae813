import { referencesIn, resolvedArgs, type JsonObject, type Readers } from '@firebreak/kit'
import { verbOf, type Outcome } from './effect.js'
import { reasonOf } from './planner.js'
import type { PlanBody, RunStep } from './rows.js'

/*
 * What a step gives, and what later steps make of it. It stands in the journal, committed with the step's outcome: whoever
 * takes the run over reads the same there.
 */

/** What of an outcome is kept for later steps; null where the verb gives nothing, or not what it said. */
export function givenBy(step: RunStep, output: JsonObject): JsonObject | null {
  const given = verbOf(step).gives?.output.safeParse(output)
  return given?.success ? given.data : null
}

/**
 * An effect that was found in place was made by somebody who never told what it gave. It is read back; where it cannot be, a
 * person has to look: what was made must not be lost, and made again it would be doubled.
 */
export async function recalled(
  step: RunStep,
  outcome: Outcome,
  patiently: (recall: (readers: Readers) => Promise<JsonObject>) => Promise<JsonObject>,
): Promise<Outcome> {
  const { gives } = verbOf(step)
  if (outcome.kind !== 'done' || !outcome.found || !gives) return outcome
  try {
    return { ...outcome, output: gives.output.parse(await patiently((readers) => gives.recall(readers, step.args))) }
  } catch (error) {
    return {
      kind: 'unknown',
      because: `Its effect is there, and what it gave could not be read back: ${reasonOf(error)}`,
    }
  }
}

/** The steps of a run with what earlier ones gave in the arguments of later ones, where it is known by now. */
export function withGiven(body: PlanBody | null, steps: readonly RunStep[]): RunStep[] {
  return steps.map((step) => {
    if (referencesIn(step.args).length === 0) return step
    try {
      return { ...step, args: filledIn(body, step, steps) }
    } catch {
      return step
    }
  })
}

/** Why a step cannot be done: a reference that nothing fills, or that leads where nobody approved. Undefined when it can. */
export function whatIsMissing(body: PlanBody, step: RunStep, steps: readonly RunStep[]): string | undefined {
  const planned = body.steps[step.number - 1]
  if (!planned || referencesIn(planned.args).length === 0) return undefined
  try {
    const args = filledIn(body, { ...step, args: planned.args }, steps)
    const astray = verbOf(step)
      .targets(args)
      .find((target) => !planned.targets.includes(target))
    return astray === undefined ? undefined : `It would touch ${astray}, which nobody approved.`
  } catch (error) {
    return `What it refers to is not there, so nothing was done: ${reasonOf(error)}.`
  }
}

const filledIn = (body: PlanBody | null, step: RunStep, steps: readonly RunStep[]): JsonObject =>
  resolvedArgs(verbOf(step), step.args, (name) => {
    const number = (body?.steps.findIndex((one) => one.name === name) ?? -1) + 1
    return steps.find((one) => one.number === number && one.number < step.number)?.output
  })
