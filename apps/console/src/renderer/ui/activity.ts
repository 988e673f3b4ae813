import { now } from './now.js'
import { storeOf, useStore } from './store.js'

/*
 * What happened while the page was open, newest first. A note that appears on the glass is only ever a glimpse of a line
 * here: whoever looked away has missed nothing. What failed stays until somebody puts it away; the rest makes room.
 */

export interface Fact {
  id: number
  /** When, by the server's clock: RFC 3339, UTC. */
  at: string
  kind: 'news' | 'done' | 'failed'
  /** One sentence. */
  says: string
  /** In the API's own words, why. */
  because?: string
  /** An address of the console where one reads more. */
  to?: string
}

/** How many that did not fail are kept. */
export const KEPT = 100

/** One more line: of what did not fail, the oldest goes. */
export function withFact(facts: readonly Fact[], fact: Fact): readonly Fact[] {
  let others = 0
  return [fact, ...facts].filter(({ kind }) => kind === 'failed' || ++others <= KEPT)
}

const facts = storeOf<readonly Fact[]>([])
let count = 0

export const useFacts = (): readonly Fact[] => useStore(facts)

export function tell(fact: Omit<Fact, 'id' | 'at'>): void {
  facts.set(withFact(facts.get(), { ...fact, id: ++count, at: now().toISOString() }))
}

export const putAway = (id: number): void => facts.set(facts.get().filter((fact) => fact.id !== id))
export const putAllAway = (): void => facts.set([])
