/** What the stream sends: an entry's type, and whose life it belongs to (`incident:inc_…`, `run:run_…`). */
export interface Happened {
  type: string
  id: string
}

/** The beginning of a query's key: a noun, or a noun and which. */
export type Touched = readonly string[]

/** Which queries an event may have changed, by the beginning of their key. What no page shows changes nothing here. */
export function touchedBy({ id }: Happened): readonly Touched[] {
  const colon = id.indexOf(':')
  return touches[id.slice(0, colon)]?.(id.slice(colon + 1)) ?? []
}

const nouns =
  (...all: string[]) =>
  (): readonly Touched[] =>
    all.map((noun) => [noun])

/** The first word of an event's id, and what it may have changed. A page adds its own. */
const touches: Record<string, (own: string) => readonly Touched[]> = {
  // In a storm of incidents the room of another one is left alone.
  incident: (own) => [
    ['incident', own],
    ['incident', 'list'],
    ['incident', 'open'],
    ['timeline', own],
  ],
  plan: nouns('incident', 'plan', 'timeline'),
  run: nouns('incident', 'plan', 'run', 'loan', 'timeline', 'change', 'evidence'),
  recipe: nouns('recipe'),
  person: nouns('person'),
  // What holds everybody back, or no longer does: a plan says whether it may be approved.
  freeze: nouns('plan'),
  stop: nouns('plan'),
  quiet: nouns('plan'),
}

/** The nouns of all that any event may change: what is asked again when some were missed. */
export const everything: readonly Touched[] = [
  ...new Set(Object.values(touches).flatMap((touched) => touched('').flatMap(([noun]) => noun ?? []))),
].map((noun) => [noun])
