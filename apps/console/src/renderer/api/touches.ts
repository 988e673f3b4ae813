/** What the stream sends: an entry's type, and whose life it belongs to (`incident:inc_…`, `run:run_…`). */
export interface Happened {
  type: string
  id: string
}

/** Which nouns an event may have changed. What no page shows changes nothing here. */
export const touchedBy = ({ id }: Happened): readonly string[] => touches[id.slice(0, id.indexOf(':'))] ?? []

/** The first word of an event's id, and the first words of the keys of what it may have changed. A page adds its own. */
const touches: Record<string, readonly string[]> = {
  incident: ['incident', 'timeline'],
  plan: ['incident', 'plan', 'timeline'],
  run: ['incident', 'plan', 'run', 'loan', 'timeline', 'change', 'evidence'],
  recipe: ['recipe'],
  person: ['person'],
  // What holds everybody back, or no longer does: a plan says whether it may be approved.
  freeze: ['plan'],
  stop: ['plan'],
  quiet: ['plan'],
}

/** All that any event may change: what is asked again when some were missed. */
export const everything: readonly string[] = [...new Set(Object.values(touches).flat())]
