import type { Problem } from '../../../api/view.js'
import { written, type Field } from './fields.js'
import { read } from './read.js'

/** Where what stands in a field comes from. */
export type Origin = 'link' | 'recipe' | 'you' | 'nobody'

/** What stands in each field, and where it comes from. */
export type Draft = Record<string, { written: string; origin: Origin }>

/** What a form begins with, and what of a link it could not use. */
export interface Begun {
  draft: Draft
  /** Names in the link that this recipe has no parameter for. */
  unknown: string[]
}

/** Of a link's words these are the page's own, and no parameters. */
export const reserved = ['incident', 'service', 'plan', 'reason'] as const

/** A form as it is opened: by the link where it names something, else by what the recipe says. Nothing else is chosen. */
export function begin(fields: readonly Field[], link: Record<string, unknown>): Begun {
  const named = Object.entries(link).filter(([name]) => !reserved.some((own) => own === name))
  const known = new Map(named)
  return {
    draft: Object.fromEntries(
      fields.map(({ name, standard }) => [
        name,
        known.has(name)
          ? { written: written(known.get(name)), origin: 'link' as const }
          : { written: standard ?? '', origin: standard === null ? ('nobody' as const) : ('recipe' as const) },
      ]),
    ),
    unknown: named.map(([name]) => name).filter((name) => fields.every((field) => field.name !== name)),
  }
}

/** What somebody wrote; emptied, it is nobody's any more, and the recipe decides. */
export const write = (draft: Draft, name: string, text: string): Draft => ({
  ...draft,
  [name]: { written: text, origin: text.trim() === '' ? 'nobody' : 'you' },
})

/** Exactly what the form shows, as the API takes it, and what is wrong by the name of its field. */
export function paramsOf(
  fields: readonly Field[],
  draft: Draft,
): { params: Record<string, unknown>; wrong: Record<string, string> } {
  const params: Record<string, unknown> = {}
  const wrong: Record<string, string> = {}
  for (const field of fields) {
    const said = read(field, draft[field.name]?.written ?? '')
    if (said === 'left out') continue
    if ('wrong' in said) wrong[field.name] = said.wrong
    else params[field.name] = said.value
  }
  return { params, wrong }
}

/**
 * The API's own faults beside the fields that they are about. `/params/jobs/3` is the fourth line of `jobs`. What is
 * about no field stands above the form.
 */
export function faultsOf(
  errors: Problem['errors'],
  fields: readonly Field[],
): { by: Record<string, string>; rest: NonNullable<Problem['errors']> } {
  const by: Record<string, string> = {}
  const rest: NonNullable<Problem['errors']> = []
  for (const fault of errors ?? []) {
    const [root, name, line] = fault.pointer.split('/').slice(1).map(plain)
    const field = root === 'params' ? fields.find((one) => one.name === name) : undefined
    if (!field) rest.push(fault)
    else by[field.name] ??= line === undefined ? fault.message : `Line ${Number(line) + 1}: ${fault.message}`
  }
  return { by, rest }
}

/** RFC 6901. */
const plain = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')
