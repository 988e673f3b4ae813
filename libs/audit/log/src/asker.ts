import type { EntryBody } from './entry.js'

/**
 * Who asked for a plan: who the entry says asked first, where a process asked anew for them, else its actor. Where the entry does
 * not say what they are, nobody can tell: that of the process is not theirs.
 */
export const askerOf = ({ actor, detail }: EntryBody<'plan.requested'>): { id: string; kind: string | undefined } =>
  detail?.asker ? { id: detail.asker.id, kind: detail.asker.kind } : { id: actor.id, kind: actor.kind }
