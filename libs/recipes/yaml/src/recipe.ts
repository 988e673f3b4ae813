import type { Json, JsonObject, Recipe } from '@firebreak/kit'
import type { z } from 'zod'
import { Scope, type Expression } from './cel/index.js'
import { recipeFormat, recipeJsonSchema } from './format.js'
import { checkGuard } from './guards.js'
import { Lookups } from './lookups.js'
import { checkParams, schemaOfParams, shapeOfParams } from './params.js'
import { faultsOf, kinds, Sheet } from './sheet/index.js'
import { Source, valueOf } from './source.js'
import { checkStep, type StepMaker } from './steps.js'

/** Raised when the same text comes to mean something else; the digest of every recipe covers it. */
const FORMAT = 1
/** A recipe is a page; what is longer was not written by a person. */
const MOST_CHARACTERS = 64 * 1024
const MOST_ALIASES = 20

type Content = z.output<typeof recipeFormat>

/**
 * Reads a recipe that an operator wrote. It is a value like every other recipe: its conditions are CEL that was checked
 * against what the reads give and the verbs take, and nothing in it is ever run as code.
 *
 * @param filename what complaints begin with; its last part is the id and `.yaml`
 * @throws SheetError with everything that is wrong, a line each
 */
export function readRecipe(text: string, filename: string): Recipe {
  const source = new Source(Sheet.read(text, filename, { most: MOST_CHARACTERS, aliases: MOST_ALIASES }), filename)
  const { data, error } = recipeFormat.safeParse(source.sheet.value, { error: kinds })
  if (error) source.add(...faultsOf(source.sheet, error.issues, recipeJsonSchema()))

  const params = shapeOfParams(source)
  checkParams(source)
  const diagnose = Lookups.check(source, ['diagnose'], 'facts', { labels: 'labels', params })
  const look = Lookups.check(source, ['verify', 'look'], 'now', { facts: diagnose.shape, params }, diagnose)
  const facts = new Scope({ facts: diagnose.shape })
  const wide = new Scope({ facts: diagnose.shape, params, labels: 'labels' })
  const stops = source.list(['stop_if']).map((_, at) => source.condition(['stop_if', at, 'when'], wide))
  const guards = source.list(['guards']).map((_, at) => checkGuard(source, ['guards', at], facts, diagnose))
  const steps: (StepMaker | undefined)[] = []
  for (const at of source.list(['plan']).keys()) steps.push(checkStep(source, ['plan', at], wide, diagnose, steps))
  const after = new Scope({ facts: diagnose.shape, now: look.shape, params, labels: 'labels' })
  const holds = source.condition(['verify', 'holds'], after)
  const says = source.given(['verify', 'says'], facts, ['string'])
  checkWhole(source, filename, steps)
  source.throwFaults()

  const recipe = data!
  // What an alert said is a fact only where something hangs on it: then its approver sees it.
  const conditions = [...stops, ...steps.map((step) => step?.when), holds]
  const needsLabels = conditions.some((one) => one?.names.some(([root]) => root === 'labels'))
  const given = (facts: JsonObject, params: JsonObject) => ({ facts, params, labels: facts['labels'] })
  return {
    ...{ id: recipe.id, version: recipe.version, title: recipe.title, page: recipe.page },
    ...{ meaning: recipe.meaning, impact: recipe.impact, stage: recipe.stage, approval: recipe.approval },
    content: { format: FORMAT, recipe: source.sheet.value as Json },
    params: schemaOfParams(recipe.params),

    async diagnose(readers, { labels }, params) {
      const found = await diagnose.make(readers, 'facts', { labels, params })
      return needsLabels ? { ...found, labels: { ...labels } } : found
    },

    stopIf: recipe.stop_if.map(({ because }, at) => ({
      when: (facts, params) => stops[at]!.evaluate(given(facts, params)) === true,
      because,
    })),

    guards: (facts) => guards.flatMap((guard) => guard!.of(facts)),

    plan: (facts, params) =>
      steps.flatMap((step) => {
        const made = step!.make(given(facts, params))
        return made ? [made] : []
      }),

    verify: {
      within_s: recipe.verify.within_s,
      says: (facts) => String(valueOf(says!, { facts })),
      async holds(readers, facts, params) {
        const now = await look.make(readers, 'now', { facts, params })
        const sentence = String(valueOf(says!, { facts }))
        if (holds!.evaluate({ ...given(facts, params), now }) === true) return { holds: true, says: sentence }
        return { holds: false, says: `Not so yet: ${sentence} ${asFound(holds!, now)}`.trim() }
      },
    },
  }
}

/** What was found of that on which it hangs. */
function asFound({ names }: Expression, now: JsonObject): string {
  const found = names.flatMap(([root, ...path]) => {
    if (root !== 'now' || path.length === 0) return []
    const value = path.reduce<Json | undefined>((at, name) => (at as JsonObject | undefined)?.[name], now)
    return typeof value === 'object'
      ? []
      : [`${path.join('.')} is ${value === undefined ? 'missing' : JSON.stringify(value)}`]
  })
  return found.length > 0 ? `Now ${found.join(', ')}.` : ''
}

const QUORUM: Record<Content['approval']['tier'], number> = { T0: 0, T1: 1, T2: 1, T3: 2 }

/** What only the whole file can tell. */
function checkWhole(source: Source, filename: string, steps: readonly (StepMaker | undefined)[]): void {
  const id = source.at(['id'])
  const file = filename.split(/[\\/]/).at(-1)
  if (typeof id === 'string' && file !== `${id}.yaml`)
    source.fault(
      ['id'],
      JSON.stringify(id),
      `the name of the file, ${JSON.stringify(file?.replace(/\.yaml$/, ''))}`,
      'rename one of them',
    )

  const tier = source.at(['approval', 'tier'])
  const people = source.at(['approval', 'people'])
  const quorum = typeof tier === 'string' && Object.hasOwn(QUORUM, tier) ? QUORUM[tier as 'T0'] : undefined
  if (quorum !== undefined && typeof people === 'number' && people < quorum)
    source.fault(['approval', 'people'], String(people), `at least ${quorum} for ${String(tier)}`)
  if (tier === 'T0' && steps.length > 0)
    source.fault(['approval', 'tier'], 'T0 with a plan that changes something', 'T1, T2 or T3', 'T0 only reads')
  for (const [at, step] of steps.entries())
    if (step?.verb.reversible === 'no' && typeof tier === 'string' && tier !== 'T3')
      source.fault(
        ['plan', at, 'do'],
        `${step.verb.id}, which cannot be taken back`,
        'tier T3',
        'raise approval.tier and people',
      )

  const reasons = source.list(['stop_if']).map((_, at) => source.at(['stop_if', at, 'because']))
  for (const [at, because] of reasons.entries())
    if (typeof because === 'string' && reasons.indexOf(because) < at)
      source.fault(
        ['stop_if', at, 'because'],
        'a reason that stood there before',
        'a sentence of its own',
        'people tell stops apart by it',
      )
}
