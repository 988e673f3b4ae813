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

/** Whether its owner was given it, and has not said "I have it" themselves. */
export const isUntaken = ({ lead, owner, state }: Pick<Incident, 'state' | 'owner' | 'lead'>): boolean =>
  state === 'acknowledged' && owner !== null && lead?.id !== owner.id

/** The verbs of an incident as it is now, for this person, in the order of their buttons. */
export function offered(incident: Pick<Incident, 'state' | 'owner' | 'lead'>, me: string | undefined): Offered[] {
  const { owner, state } = incident
  const takes = state === 'open' || (isUntaken(incident) && owner?.id === me)
  const verbs: (Offered | false)[] = isOver({ state })
    ? [{ verb: 'reopen', name: 'Open again…', keys: 'r' }]
    : [
        takes && { verb: 'acknowledge', name: 'Acknowledge', keys: 'e' },
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
