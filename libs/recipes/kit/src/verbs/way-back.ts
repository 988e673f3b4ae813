import type { Verb } from '../verb.js'

const PREFIX = 'undo-'

/** The id by which the way back of a verb stands in a plan of its own. */
export const wayBackOf = (id: string): string => `${PREFIX}${id}`

/** The verb that `wayBackOf` was made of; undefined where the id is no way back. */
export const forwardOf = (id: string): string | undefined =>
  id.startsWith(PREFIX) ? id.slice(PREFIX.length) : undefined

/**
 * The verb that does what `verb` undoes, with the same arguments; its own way back is to do it once more. Undefined where
 * there is none.
 */
export function inverseOf(verb: Verb): Verb | undefined {
  const { undo } = verb
  if ('none' in undo) return undefined
  return {
    ...{ id: wayBackOf(verb.id), args: verb.args, targets: verb.targets, state: verb.state, needs: verb.needs },
    ...(verb.part ? { part: verb.part } : {}),
    ...{ before: verb.after, after: verb.before, reversible: verb.reversible },
    ...{ says: undo.says, do: undo.do, probe: undo.probe },
    undo: { says: verb.says, do: verb.do, probe: verb.probe },
  }
}
