import { Refused, type Actor, type RefusalCode } from '@firebreak/flow'
import { roles, type Role } from '@firebreak/kit'
import type { Caller } from '../people/callers.js'

const people = roles.filter((role) => role !== 'service')
const responders = ['sre', 'ml', 'security'] as const

/**
 * Who may do what: the one table. Every route names one of these rights; an app with a route that names none does not
 * start. `anyone` needs no sign-in, `signed-in` no role. What depends on the thing itself (this plan's roles, its own author) is said by the
 * domain, after this.
 */
export const rights = {
  'alert.send': ['service', 'admin'],
  'alert.read': people,
  'target.read': people,
  'incident.read': people,
  'incident.acknowledge': responders,
  'incident.resolve': responders,
  'incident.note': responders,
  /** Saying who has it, oneself or another. */
  'incident.assign': responders,
  /** Its severity, with a reason. */
  'incident.correct': responders,
  'incident.reopen': responders,
  'recipe.read': people,
  'recipe.graduate': responders,
  'plan.read': people,
  'plan.request': responders,
  'plan.approve': responders,
  'plan.cancel': responders,
  'standing.read': people,
  'standing.give': responders,
  'standing.revoke': responders,
  'run.read': people,
  'run.cancel': responders,
  'run.resolve': responders,
  'loan.read': people,
  'loan.return': responders,
  'loan.renew': responders,
  'freeze.read': people,
  'freeze.check': roles,
  'freeze.declare': ['security'],
  /** Asking for a lift, and deciding about one that somebody else asked for. */
  'freeze.lift': ['security'],
  'break-glass.read': people,
  'break-glass.ask': ['security'],
  /** Security; where too few hold it, who leads the incident: the domain says which. */
  'break-glass.decide': responders,
  'break-glass.review': ['security'],
  'budget.read': people,
  'budget.rearm': responders,
  'quiet.read': people,
  'quiet.declare': ['sre'],
  'quiet.cancel': ['sre'],
  'stop.press': responders,
  'stop.release': responders,
  'audit.read': people,
  'audit.export': ['security', 'auditor', 'admin'],
  /** Personal values in an export: asking for them, and taking the file. */
  'audit.disclose': ['security', 'auditor'],
  'audit.succeed': ['security'],
  'runbook.read': people,
  'stream.read': people,
  'self.read': 'signed-in',
  'key.read': people,
  'key.make': people,
  'key.revoke': people,
  /** Keys of services, and taking back anybody's. */
  'key.manage': ['admin'],
  'person.read': people,
  'role.grant': ['admin'],
  'role.revoke': ['admin'],
  'service.add': ['admin'],
  /** What Prometheus is told: counts, and no names of people. */
  'metrics.read': roles,
  'session.begin': 'anyone',
  'session.end': 'anyone',
  'seeded.sign-in': 'anyone',
  'health.read': 'anyone',
  'api.describe': 'anyone',
  'page.load': 'anyone',
} as const satisfies Record<string, Holders>

type Holders = readonly Role[] | 'anyone' | 'signed-in'
export type Right = keyof typeof rights

/** Three values in the contract: allowed, denied with the reason and who can, and (left out) not known yet. */
export interface May {
  ok: boolean
  code?: RefusalCode
  reason?: string
  who?: string[]
}

/** Who asks, and the limits of the key that they ask with. */
export type Asker = Actor & Pick<Caller, 'key'>

/** Whether somebody with these roles has a right; with the sentence and the roles that have it when not. */
export function mayBy(right: Right, actor: Asker): May {
  const told: Holders = rights[right]
  if (told === 'anyone') return { ok: true }
  const holders = told === 'signed-in' ? roles : told
  if (told === 'signed-in' || actor.roles.some((role) => holders.includes(role))) {
    const scopes = actor.key?.scopes
    if (!scopes || scopes.includes(right)) return { ok: true }
    const reason = `${right} is yours, and not one of the scopes of this key: ${scopes.join(', ')}.`
    return { ok: false, code: 'not-your-role', reason, who: [...holders] }
  }
  if (right === 'plan.approve' && actor.kind !== 'person')
    return {
      ok: false,
      code: 'service-cannot-approve',
      reason: 'A plan is approved by a person, not by a service.',
      who: [...holders],
    }
  const yours = actor.roles.length > 0 ? `you are ${actor.roles.join(', ')}` : 'you have no role'
  return {
    ok: false,
    code: 'not-your-role',
    reason: `${right} is for ${holders.join(', ')}; ${yours}.`,
    who: [...holders],
  }
}

/** Refuses whoever does not have a right that only some requests of a route need. */
export function insist(right: Right, actor: Asker): void {
  const may = mayBy(right, actor)
  if (!may.ok) throw new Refused(may.code ?? 'not-your-role', may.reason ?? '')
}

/** Who can end what holds somebody back; the rest ends by itself, or not at all. */
const ends: Partial<Record<RefusalCode, Right>> = {
  frozen: 'freeze.lift',
  halted: 'stop.release',
  disarmed: 'budget.rearm',
}

/** What each right comes to for this person, before anything is said of a thing. */
export const mayAll = (actor: Asker): Record<string, May> =>
  Object.fromEntries(
    (Object.keys(rights) as Right[])
      .filter((right) => Array.isArray(rights[right]))
      .map((right) => [right, mayBy(right, actor)]),
  )

/** The right, and then what the thing itself says: the first "no" is the answer. */
export function mayNow(
  right: Right,
  actor: Asker,
  no?: { code: RefusalCode; reason: string; who?: string[] } | false,
): May {
  const by = mayBy(right, actor)
  if (!by.ok || !no) return by
  const end = ends[no.code]
  const who = no.who ?? (end && [...(rights[end] as readonly Role[])])
  return { ok: false, code: no.code, reason: no.reason, ...(who ? { who } : {}) }
}
