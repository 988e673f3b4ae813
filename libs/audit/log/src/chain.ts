/**
 * What is known of a target from the entries about it: the state in which an entry left it, or saw it last. One rule for
 * whoever writes the log and whoever checks it.
 */

/**
 * Of one target, as one verb sees it: two verbs look at two sides of a thing. The way back of a verb, which a plan that takes a
 * run back calls `undo-<verb>`, looks at the same side.
 */
export const chainOf = (verb: string, target: string): string => `${verb.replace(/^undo-/, '')}@${target}`

/** Entries that tell how an effect ended. Without a picture of the target afterwards, nobody knows how it was left. */
const ENDS: ReadonlySet<string> = new Set([
  'step.done',
  'step.failed',
  'step.unknown',
  'step.undone',
  'step.kept',
  'item.done',
  'item.failed',
  'item.unknown',
  'item.undone',
  'item.kept',
  'loan.returned',
  'loan.overdue',
])

/** What is known after this entry; undefined where it leaves its target in a state that nobody saw. */
export const knownAfter = <State>(
  entry: { type: string; before?: State | undefined; after?: State | undefined },
  known: State | undefined,
): State | undefined => entry.after ?? (ENDS.has(entry.type) ? undefined : (entry.before ?? known))
