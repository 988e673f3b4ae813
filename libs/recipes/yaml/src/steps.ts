import {
  checkedArgs,
  each as eachOf,
  givesText,
  takesText,
  type EachTerms,
  type Json,
  type JsonObject,
  type Step,
  type Verb,
  type VerbWord,
} from '@firebreak/kit'
import { checkEach } from './each.js'
import { verbs } from '@firebreak/kit/verbs'
import { z } from 'zod'
import type { Expression, Scalar, Scope } from './cel/index.js'
import { handIn, type Lookups } from './lookups.js'
import { among, shown, type Path } from './sheet/index.js'
import { valueOf, type Given, type Source } from './source.js'

/** One step of the plan that was checked. */
export interface StepMaker {
  verb: Verb
  name: string | undefined
  when: Expression | undefined
  /** Undefined when it is not to be done, as things are. */
  make(values: Record<string, unknown>): Step | undefined
}

type Tree = { given: Given | { is: 'wrong' } | Later } | { [key: string]: Tree } | Tree[]
/** What a step before it will have given. */
type Later = { is: 'later'; step: string; path: string }

const LONGEST_LOAN = 10_080

export function checkStep(
  source: Source,
  path: Path,
  scope: Scope,
  lookups: Lookups,
  before: readonly (StepMaker | undefined)[],
): StepMaker | undefined {
  const when = source.condition([...path, 'when'], scope)
  const id = source.at([...path, 'do'])
  const verb = typeof id === 'string' ? verbs.get(id) : undefined
  if (typeof id === 'string' && !verb)
    source.fault([...path, 'do'], shown(id), among(id, [...verbs.keys()]), 'a new verb is written in TypeScript')
  const each = checkEach(source, [...path, 'each'], scope, lookups)
  const given = new Map<string, Given>()
  const tree = readTree(source, [...path, 'with'], each?.scope ?? scope, given)
  for (const [at, one] of given) refuseLabels(source, JSON.parse(at) as Path, one, lookups)
  const loan = checkLoan(source, [...path, 'loan_minutes'], scope, lookups)
  if (!verb) return undefined
  checkArguments(source, path, verb, tree, given)
  for (const { place, to } of laterIn(tree)) checkLater(source, [...path, 'with', ...place], verb, place, to, before)
  const name = checkName(source, [...path, 'name'], before)
  if (each) refuseForMany(source, path, tree)
  const where = `step ${Number(path.at(-1)) + 1} (${verb.id})`
  return {
    ...{ verb, name, when },
    make: (values) => {
      if (when && when.evaluate(values) !== true) return undefined
      const minutes = loan && valueOf(loan, values)
      if (minutes !== undefined && !(Number(minutes) >= 1 && Number(minutes) <= LONGEST_LOAN))
        throw new Error(`${where}: a loan of ${minutes} minutes, expected 1 to ${LONGEST_LOAN}`)
      if (each) {
        const spoken = each
          .itemsOf(values)
          .map((item) => argsOf(verb, treeOf(tree, { ...values, item }) as JsonObject, where))
        return madeOfMany(verb, spoken, {
          ...each.terms,
          ...(minutes === undefined ? {} : { loan_minutes: Number(minutes) }),
        })
      }
      const args = argsOf(verb, treeOf(tree, values) as JsonObject, where)
      return {
        verb: verb.id,
        ...(name === undefined ? {} : { name }),
        args,
        ...(minutes === undefined ? {} : { loan_minutes: Number(minutes) }),
      }
    },
  }
}

/** Spoken once for each item; the kit's own rules about many hold. */
function madeOfMany(verb: Verb, spoken: JsonObject[], terms: EachTerms): Step {
  const word: VerbWord<JsonObject> = Object.assign((args: JsonObject) => ({ verb: verb.id, args }), {
    definition: verb as Verb<JsonObject>,
  })
  return eachOf(word, spoken, terms)
}

/** What a step of one effect may have, and one of many may not. */
function refuseForMany(source: Source, path: Path, tree: Tree): void {
  if (source.at([...path, 'name']) !== undefined)
    source.fault([...path, 'name'], 'the name of a step over many', 'no name', 'it gives nothing to later steps', 'key')
  for (const { place } of laterIn(tree))
    source.fault(
      [...path, 'with', ...place],
      'a reference',
      'a value that is known beforehand',
      'items are approved one by one',
    )
}

/** What a verb takes, or a sentence for whoever reads the plan that could not be made. */
function argsOf(verb: Verb, args: JsonObject, where: string): JsonObject {
  try {
    return checkedArgs(verb, args)
  } catch (error) {
    const says =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
        : (error as Error).message
    throw new Error(`${where} does not fit its verb: ${says}`, { cause: error })
  }
}

function checkName(source: Source, path: Path, before: readonly (StepMaker | undefined)[]): string | undefined {
  const name = source.at(path)
  if (typeof name !== 'string') return undefined
  if (before.some((step) => step?.name === name))
    source.fault(path, shown(name), 'a name of its own', 'a step before it has this name')
  return name
}

/** A reference is held against the steps before it: their names, and what their verbs give. */
function checkLater(
  source: Source,
  path: Path,
  verb: Verb,
  place: Path,
  { step, path: gives }: Later,
  before: readonly (StepMaker | undefined)[],
): void {
  const giver = before.find((one) => one?.name === step)
  const names = before.flatMap((one) => one?.name ?? [])
  if (!giver) {
    const expected = names.length > 0 ? among(step, names) : 'the name of a step before it'
    source.fault([...path, 'ref'], shown(step), expected)
  } else if (!givesText(giver.verb, gives))
    source.fault([...path, 'path'], shown(gives), `a text that ${giver.verb.id} gives`)
  if (!takesText(verb, place)) source.fault(path, 'a reference', 'a value that is no text', 'a reference gives a text')
}

function laterIn(tree: Tree, place: Path = []): { place: Path; to: Later }[] {
  if (isGiven(tree)) return tree.given.is === 'later' ? [{ place, to: tree.given }] : []
  if (Array.isArray(tree)) return tree.flatMap((one, at) => laterIn(one, [...place, at]))
  return Object.entries(tree).flatMap(([key, one]) => laterIn(one, [...place, key]))
}

function checkLoan(source: Source, path: Path, scope: Scope, lookups: Lookups): Given | undefined {
  const loan = source.given(path, scope, ['int'])
  if (!loan) return undefined
  refuseLabels(source, path, loan, lookups)
  if (loan.is === 'written' && !(typeof loan.value === 'number' && loan.value >= 1 && loan.value <= LONGEST_LOAN))
    source.fault(path, shown(loan.value), `minutes from 1 to ${LONGEST_LOAN}`)
  return loan
}

/** An alert may be why something is done. What is done is nothing that it could choose. */
function refuseLabels(source: Source, path: Path, given: Given, lookups: Lookups): void {
  if (handIn(given, 'facts', lookups.hands).labels)
    source.fault(
      path,
      'an argument that an alert would choose',
      'one of facts and params',
      'ask for the label in `when`, or let it pick from the house by `read: service`',
    )
}

function readTree(source: Source, path: Path, scope: Scope, found: Map<string, Given>): Tree {
  const value = source.at(path)
  if (Array.isArray(value)) return value.map((_, at) => readTree(source, [...path, at], scope, found))
  const later = asLater(value)
  if (later) return { given: later }
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.keys(value).map((key) => [key, readTree(source, [...path, key], scope, found)]))
  const given = source.given(path, scope, ['int', 'string', 'bool'])
  if (given) found.set(JSON.stringify(path), given)
  else if (typeof value === 'number') source.fault(path, shown(value), 'a whole number')
  return { given: given ?? { is: 'wrong' } }
}

/** `{ ref: mint, path: key_id }`. */
function asLater(value: unknown): Later | undefined {
  if (typeof value !== 'object' || value === null || Object.keys(value).sort().join() !== 'path,ref') return undefined
  const { ref, path } = value as { ref: unknown; path: unknown }
  return typeof ref === 'string' && typeof path === 'string' ? { is: 'later', step: ref, path } : undefined
}

const isGiven = (tree: Tree): tree is { given: Given | { is: 'wrong' } | Later } =>
  !Array.isArray(tree) && 'given' in tree && typeof (tree.given as Given).is === 'string'

function treeOf(tree: Tree, values: Record<string, unknown>): Json {
  if (Array.isArray(tree)) return tree.map((one) => treeOf(one, values))
  if (isGiven(tree)) {
    const { given } = tree
    if (given.is === 'later') return { ref: { step: given.step, path: given.path } }
    return given.is === 'wrong' ? null : valueOf(given, values)
  }
  return Object.fromEntries(Object.entries(tree).map(([key, one]) => [key, treeOf(one, values)]))
}

/**
 * As far as can be told without working anything out: the verb's own schema judges what is written out, its keys, and
 * what is missing; of an expression the type is known, and no more.
 */
function checkArguments(source: Source, path: Path, verb: Verb, tree: Tree, given: ReadonlyMap<string, Given>): void {
  const at = [...path, 'with']
  const open = openPlaces(tree)
  const isOpen = (place: readonly PropertyKey[]) =>
    open.some((one) => one.every((step, index) => step === place[index]))
  const shape = z.toJSONSchema(verb.args, { io: 'input', unrepresentable: 'any' }) as Shape
  // Something that no schema takes stands for each expression; what is said of it there is not listened to.
  const { error } = verb.args.safeParse(unopened(tree))
  for (const issue of error?.issues ?? []) {
    if (isOpen(issue.path)) continue
    const place = [...at, ...(issue.path as Path)]
    if (issue.code === 'unrecognized_keys') {
      const known = Object.keys(shapeAt(shape, issue.path as Path)?.properties ?? {})
      for (const key of issue.keys) source.fault([...place, key], 'an unknown key', among(key, known), '', 'key')
    } else source.fault(place, shown(source.at(place)), wanted(shapeAt(shape, issue.path as Path), issue.message))
  }
  for (const place of open) {
    const one = given.get(JSON.stringify([...at, ...place]))
    const kinds = typesOf(shapeAt(shape, place))
    if (one?.is === 'worked-out' && one.by.sure && kinds.length > 0 && !kinds.includes(one.by.gives))
      source.fault(
        [...at, ...place],
        `an expression that gives ${words[one.by.gives]}`,
        kinds.map((kind) => words[kind]).join(' or '),
      )
  }
}

/** Where something is worked out, or is wrong for a reason that was told. */
function openPlaces(tree: Tree, place: Path = []): Path[] {
  if (isGiven(tree)) return tree.given.is === 'written' ? [] : [place]
  if (Array.isArray(tree)) return tree.flatMap((one, at) => openPlaces(one, [...place, at]))
  return Object.entries(tree).flatMap(([key, one]) => openPlaces(one, [...place, key]))
}

function unopened(tree: Tree): unknown {
  if (Array.isArray(tree)) return tree.map(unopened)
  if (isGiven(tree)) return tree.given.is === 'written' ? tree.given.value : Symbol('worked out later')
  return Object.fromEntries(Object.entries(tree).map(([key, one]) => [key, unopened(one)]))
}

interface Shape {
  type?: string
  description?: string
  properties?: Record<string, Shape>
  items?: Shape
  anyOf?: Shape[]
}

const shapeAt = (shape: Shape, path: Path): Shape | undefined =>
  path.reduce<Shape | undefined>((at, step) => (typeof step === 'number' ? at?.items : at?.properties?.[step]), shape)

const scalars: Record<string, Scalar> = { integer: 'int', number: 'int', string: 'string', boolean: 'bool' }
const words: Record<Scalar, string> = { int: 'a whole number', string: 'a text', bool: 'true or false' }

/** Which kinds of value may stand there; none where that cannot be told. */
function typesOf(shape: Shape | undefined): Scalar[] {
  if (shape?.anyOf) return shape.anyOf.flatMap((one) => typesOf(one))
  const type = scalars[shape?.type ?? '']
  return type ? [type] : []
}

function wanted(shape: Shape | undefined, message: string): string {
  const [type] = typesOf(shape)
  // What is only of the wrong kind needs no second sentence.
  return type ? `${words[type]}${message.startsWith('Invalid input') ? '' : ` (${message})`}` : message
}
