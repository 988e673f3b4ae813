import type { Incident, May } from '../../api/view.js'
import { isOver } from './words.js'

/** What a person may do with an incident besides writing to it, as its rights name it. */
export type VerbName = 'acknowledge' | 'assign' | 'correct' | 'resolve' | 'reopen'

/** A verb as its button says it. One that asks something first ends in `…`. */
export interface Offered {
  verb: VerbName
  name: string
  /** Null: it is not in reach of one key. */
  keys: string | null
}

/** The verbs of an incident as it is now, in the order of their buttons. */
export function offered({ state, owner }: Pick<Incident, 'state' | 'owner'>): Offered[] {
  const verbs: (Offered | false)[] = isOver({ state })
    ? [{ verb: 'reopen', name: 'Open again…', keys: 'r' }]
    : [
        state === 'open' && { verb: 'acknowledge', name: 'Acknowledge', keys: 'e' },
        { verb: 'assign', name: owner === null ? 'Assign…' : 'Hand over…', keys: 'a' },
        { verb: 'resolve', name: 'Resolve…', keys: 'r' },
      ]
  return [...verbs.filter((verb) => verb !== false), { verb: 'correct', name: 'Correct severity…', keys: null }]
}

/** Why some of them may not be pressed, each reason once with the names it holds back: a role that is missing is said once. */
export function whysNot(verbs: readonly { name: string; may: May }[]): { says: string; of: string[] }[] {
  const denied = verbs.filter(({ may }) => !may.ok)
  const by = Map.groupBy(denied, ({ may }) => (may.code === 'not-your-role' ? 'role' : (may.reason ?? '')))
  return [...by.values()].map((those) => ({
    says: those[0]!.may.reason ?? 'You may not do this.',
    of: those.map(({ name }) => name),
  }))
}
