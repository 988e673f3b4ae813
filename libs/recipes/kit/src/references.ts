import { z } from 'zod'
import type { Json, JsonObject, Step, Verb } from './verb.js'

/** What an earlier step of the same plan will have given, in the place of an argument. A value: it stands in the plan. */
export interface Reference {
  ref: { step: string; path: string }
}

/**
 * Refers to what an earlier step gives: `ref('mint', 'key_id')` is a text that is not known yet. It stands alone in its
 * place: pasted into another text it would be nobody knows what. It fills only places that take a text, never a number:
 * numbers are what people's bounds are held against.
 */
export function ref(step: string, path: string): string {
  const reference: Reference = { ref: { step, path } }
  Object.defineProperty(reference, 'toString', {
    value: () => {
      throw new Error(`ref('${step}', '${path}') stands alone in its place: it cannot be pasted into a text`)
    },
  })
  return reference as unknown as string
}

export function isReference(value: unknown): value is Reference {
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'ref') return false
  const { ref } = value as { ref: unknown }
  return typeof ref === 'object' && ref !== null && Object.keys(ref).sort().join() === 'path,step'
}

type Place = readonly (string | number)[]

/** Every reference among these arguments, and where it stands. */
export function referencesIn(value: unknown, place: Place = []): { place: Place; to: Reference['ref'] }[] {
  if (isReference(value)) return [{ place, to: value.ref }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) =>
    referencesIn(one, [...place, Array.isArray(value) ? Number(key) : key]),
  )
}

/** The same arguments with something else in the place of each reference. */
function filled(value: Json, fill: (to: Reference['ref']) => unknown): unknown {
  if (isReference(value)) return fill(value.ref)
  if (Array.isArray(value)) return value.map((one) => filled(one, fill))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, fill)]))
}

/** As people read them before anybody knows: `‹key_id of mint›`. */
export const shownArgs = (args: JsonObject): JsonObject =>
  referencesIn(args).length === 0 ? args : (filled(args, ({ step, path }) => `‹${path} of ${step}›`) as JsonObject)

/**
 * What the steps before it gave, put in. Checked like what a recipe speaks.
 *
 * @throws when something is missing, or does not fit: the step must not be done
 */
export function resolvedArgs(
  verb: Verb,
  args: JsonObject,
  outputOf: (step: string) => JsonObject | null | undefined,
): JsonObject {
  if (referencesIn(args).length === 0) return args
  const whole = filled(args, ({ step, path }) => {
    const value = at(outputOf(step), path)
    if (typeof value !== 'string') throw new Error(`the step ${step} gave no ${path}`)
    return value
  })
  return verb.args.parse(whole) as JsonObject
}

const at = (output: JsonObject | null | undefined, path: string): Json | undefined =>
  path
    .split('.')
    .reduce<Json | undefined>(
      (value, key) => (value !== null && typeof value === 'object' && !Array.isArray(value) ? value[key] : undefined),
      output ?? undefined,
    )

/**
 * Checks arguments some of which are not known yet, as far as can be told: the verb's schema judges all the others, and
 * says whether a text may stand where a reference does.
 */
export function checkedArgs(verb: Verb, args: JsonObject): JsonObject {
  const references = referencesIn(args)
  if (references.length === 0) return verb.args.parse(args) as JsonObject
  // Something that no schema takes stands for what is not known; what is said of it there is not listened to.
  const { error } = verb.args.safeParse(filled(args, () => Symbol('given later')))
  const issues = (error?.issues ?? []).filter(
    ({ path }) => !references.some(({ place }) => place.every((key, nth) => key === path[nth])),
  )
  if (issues.length > 0)
    throw new Error(`${verb.id}: ${issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`)
  for (const { place, to } of references)
    if (!takesText(verb, place))
      throw new Error(`${verb.id}: ${place.join('.')} takes no text, and ${to.path} of ${to.step} is one`)
  return JSON.parse(JSON.stringify(args)) as JsonObject
}

interface Shape {
  type?: string
  properties?: Record<string, Shape>
  additionalProperties?: Shape
  items?: Shape
  anyOf?: Shape[]
}

const shapeOf = (schema: z.ZodType): Shape => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape
const shapeAt = (shape: Shape, place: Place): Shape | undefined =>
  place.reduce<Shape | undefined>(
    (at, key) => (typeof key === 'number' ? at?.items : (at?.properties?.[key] ?? at?.additionalProperties)),
    shape,
  )
const isText = (shape: Shape | undefined): boolean =>
  shape?.type === 'string' || (shape?.anyOf ?? []).some((one) => isText(one))

/** Whether the verb takes a text at this place of its arguments. */
export const takesText = (verb: Verb, place: Place): boolean => isText(shapeAt(shapeOf(verb.args), place))

/** Whether a step by this verb gives a text at this path. */
export const givesText = (verb: Verb, path: string): boolean =>
  verb.gives !== undefined && isText(shapeAt(shapeOf(verb.gives.output), path.split('.')))

/**
 * Every reference of a plan's steps, held against the steps before it. What a step touches is locked and approved before
 * anything is done: it cannot come from a reference.
 *
 * @throws with a sentence for the person who wrote the recipe
 */
export function checkReferences(steps: readonly Step[], verbOf: (id: string) => Verb | undefined): void {
  const named = new Map<string, Step>()
  for (const [nth, step] of steps.entries()) {
    const where = `step ${nth + 1} (${step.verb})`
    const verb = verbOf(step.verb)
    for (const { to } of referencesIn(step.args)) {
      const before = named.get(to.step)
      if (!before) throw new Error(`${where} refers to ${to.step}, and no step before it has that name`)
      const giver = verbOf(before.verb)
      if (before.items || !giver || !givesText(giver, to.path))
        throw new Error(`${where} refers to ${to.path} of ${to.step}, and ${before.verb} gives no such text`)
    }
    if (verb && referencesIn(step.args).length > 0)
      if (verb.targets(shownArgs(step.args)).some((target) => target.includes('‹')))
        throw new Error(`${where} would touch what an earlier step gives: what it touches is known beforehand`)
    if (step.name === undefined) continue
    if (named.has(step.name)) throw new Error(`${where}: two steps are named ${step.name}`)
    named.set(step.name, step)
  }
}
