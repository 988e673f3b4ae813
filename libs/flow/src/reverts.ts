import { noParams, type JsonObject, type Probe, type Readers, type Recipe, type Step } from '@firebreak/kit'
import { forwardOf, verbNamed, wayBackOf } from '@firebreak/kit/verbs'
import { verbOf } from './effect.js'
import { withGiven } from './given.js'
import { itemsOf } from './items/item-journal.js'
import type { Books, Ledger } from './ledger.js'
import { changed } from './moves.js'
import type { RefusalCode } from './refused.js'
import type { Request, Run, RunStep, StepItem } from './rows.js'

/*
 * A run that is over is taken back by a plan of its own: what it did is looked at again, and people say yes again. The plan is
 * made by a recipe like any other; this is where it is made of the run's journal.
 */

/** What one run left behind, from its journal. */
interface Left {
  run: Run
  steps: LeftStep[]
  /** Sentences of what cannot be taken back. */
  stays: string[]
}

interface LeftStep {
  step: RunStep
  /** Arguments of each effect that is there, in the order in which they were made. */
  effects: { name: string; args: JsonObject }[]
}

/** What became of an effect since: as the run left it, as it was before the run, or neither. */
type Since = 'as left' | 'back already' | 'changed'
const SINCE: Record<Probe, Since> = { 'in-place': 'as left', 'not-in-place': 'back already', 'cannot-tell': 'changed' }

interface Facts extends JsonObject {
  effects: Record<string, Since>
  stays: string[]
}

/** The run that this request wants taken back. */
export const revertedBy = ({ body }: Pick<Request, 'body'>): string | undefined =>
  typeof body['reverts'] === 'string' ? body['reverts'] : undefined

/**
 * Why this run cannot be taken back now, or undefined when it can. Asked by screens, too.
 *
 * @param steps of the run
 * @param out the ids of its loans that are not given back
 * @param open the plan that is to take it back, where one is asked for or proposed
 */
export function whyNotRevert(
  run: Pick<Run, 'state' | 'ended_at'>,
  steps: readonly RunStep[],
  out: readonly string[],
  open: string | undefined,
): { code: RefusalCode; reason: string } | undefined {
  if (run.state === 'needs-a-person')
    return { code: 'in-progress', reason: 'This run stands still and asks what is there: answer that first.' }
  if (steps.some(({ verb }) => forwardOf(verb) !== undefined))
    return {
      code: 'superseded',
      reason: 'This run took another one back: to do that again, ask for a plan of its recipe.',
    }
  if (run.ended_at === null)
    return { code: 'in-progress', reason: `This run is ${run.state}: cancel it with its undo instead.` }
  if (out[0])
    return {
      code: 'in-progress',
      reason: `What it changed for a while is not given back: give ${out[0]} back (POST /v1/loans/${out[0]}/return).`,
    }
  if (open !== undefined)
    return { code: 'in-progress', reason: `The plan ${open} that takes it back is still open: decide about it first.` }
  if (!steps.some(canBeTakenBack))
    return { code: 'empty-selection', reason: 'This run left nothing behind that can be taken back.' }
  return undefined
}

/** A loan is given back, and not taken back: it has a way of its own. Of a verb of long ago nobody knows the way back. */
function canBeTakenBack(step: RunStep): boolean {
  const undo = verbNamed(step.verb)?.undo
  return changed(step) && step.loan_minutes === null && undo !== undefined && !('none' in undo)
}

/**
 * The recipe by which a plan is made and carried out: the one that it names, or, where the plan takes a run back, one made of
 * that run. Undefined where there is none.
 */
export async function recipeOf(
  ledger: Pick<Ledger, 'read'>,
  recipes: ReadonlyMap<string, Recipe>,
  id: string,
  reverts: string | undefined,
): Promise<Recipe | undefined> {
  const recipe = recipes.get(id)
  if (!recipe || reverts === undefined) return recipe
  const left = await ledger.read((books) => leftBy(books, reverts))
  return left?.run.recipe_id === id ? revertOf(recipe, left) : undefined
}

async function leftBy(books: Books, id: string): Promise<Left | undefined> {
  const run = await books.runs.get(id)
  const plan = run && (await books.plans.get(run.plan_id))
  if (!run || !plan?.body) return undefined
  const inOrder = (await books.steps.where({ run_id: id })).sort((a, b) => a.number - b.number)
  const done = withGiven(plan.body, inOrder).filter((step) => changed(step) && step.loan_minutes === null)
  const steps = await Promise.all(
    done.filter(canBeTakenBack).map(async (step) => ({ step, effects: effectsOf(step, await itemsOf(books, step)) })),
  )
  const stays = done
    .filter((step) => !canBeTakenBack(step))
    .map((step) => {
      const undo = verbNamed(step.verb)?.undo
      return `${plan.body!.steps[step.number - 1]?.says ?? step.verb}. ${undo && 'none' in undo ? undo.none : ''}`
    })
  return { run, steps, stays }
}

/** Each with the name by which the facts speak of it; without dots, which lead into a fact. */
function effectsOf({ args, items, number }: RunStep, journal: readonly StepItem[]): LeftStep['effects'] {
  if (items === null) return [{ name: `step ${number}`, args }]
  return journal
    .filter(({ state }) => state === 'done')
    .sort((a, b) => a.number - b.number)
    .map((item) => ({ name: `step ${number} item ${item.number}`, args: item.args }))
}

/** What people read of a recipe, and of its run's way back: its own words where nothing is taken back. */
export function wordsOf(
  recipe: Pick<Recipe, 'title' | 'meaning' | 'impact'>,
  reverts: string | undefined,
): Pick<Recipe, 'title' | 'meaning' | 'impact'> {
  const { impact, meaning, title } = recipe
  if (reverts === undefined) return { title, meaning, impact }
  return {
    title: `Take back: ${title}`,
    meaning: `Takes back what the run ${reverts} changed, the last change first.`,
    impact: 'What the run helped against may come again.',
  }
}

/** The way back of a run as a recipe. It looks at each effect that the run left, and takes back those that are as it left them. */
function revertOf(recipe: Recipe, { run, stays, steps }: Left): Recipe {
  return {
    ...{ id: recipe.id, version: recipe.version, page: recipe.page, params: noParams, stage: 'propose' },
    ...wordsOf(recipe, run.id),
    approval: recipe.approval,
    // The digest covers which run it is, and by which plan it came about.
    content: { reverts: run.id, plan: run.plan_digest },
    diagnose: async (readers): Promise<Facts> => ({ effects: await lookAt(readers, steps), stays }),
    stopIf: [
      {
        when: ({ effects }) => Object.values(effects as Facts['effects']).includes('changed'),
        because: 'Somebody changed since what the run left: the way back would go over that. Look at it, and put it right by hand.', // prettier-ignore
      },
      {
        when: ({ effects }) => !Object.values(effects as Facts['effects']).includes('as left'),
        because: 'All of it is back already.',
      },
    ],
    guards: () => [{ fact: 'effects', same: true }],
    plan: (facts) => stepsBack(steps, (facts as Facts).effects),
    verify: {
      within_s: 60,
      says: (facts) => `All of it is as it was before the run ${run.id}${remains((facts as Facts).stays)}`,
      holds: async (readers, facts) => {
        const { effects } = facts as Facts
        const mine = Object.keys(effects).filter((name) => effects[name] === 'as left')
        const now = await lookAt(readers, steps)
        const back = mine.filter((name) => now[name] === 'back already').length
        return {
          holds: back === mine.length,
          says: `${back} of ${mine.length} are as they were before the run ${run.id}`,
        }
      },
    },
  }
}

const remains = (stays: readonly string[]): string =>
  stays.length === 0 ? '' : `; ${stays.length} that cannot be taken back ${stays.length === 1 ? 'stays' : 'stay'}`

/** A step may have left a thousand effects, and each is looked at three times until it is back. The watched systems have other things to do. */
const LOOKS_AT_ONCE = 4

/** What became of each effect, by its name. The first that cannot be looked at ends it. */
async function lookAt(readers: Readers, steps: readonly LeftStep[]): Promise<Facts['effects']> {
  const all = steps.flatMap(({ effects, step }) => effects.map((effect) => ({ ...effect, verb: verbOf(step) })))
  const found: Since[] = []
  let next = 0
  const look = async () => {
    while (next < all.length) {
      const nth = next++
      const { args, verb } = all[nth]!
      found[nth] = SINCE[await verb.probe(readers, args)]
    }
  }
  try {
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, look))
  } finally {
    next = all.length
  }
  return Object.fromEntries(all.map(({ name }, nth) => [name, found[nth]!]))
}

function stepsBack(steps: readonly LeftStep[], found: Facts['effects']): Step[] {
  return [...steps].reverse().flatMap(({ effects, step }): Step[] => {
    const verb = wayBackOf(step.verb)
    const back = effects
      .filter(({ name }) => found[name] === 'as left')
      .map(({ args }) => args)
      .reverse()
    if (back.length === 0) return []
    if (step.items === null || step.pace === null) return [{ verb, args: back[0]! }]
    return [{ verb, args: {}, items: back, pace: step.pace }]
  })
}
