/** The ways in which the mock API says no, as the real one does. */
export class No extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** What is wrong at which place, by JSON pointer. */
    readonly errors: readonly { pointer: string; message: string }[] = [],
  ) {
    super(message)
  }
}

export const notSignedIn = () => new No(401, 'not-signed-in', 'Sign in, or send "Authorization: Bearer fbk_…".')
export const notFound = (what: string) => new No(404, 'not-found', `There is nothing at ${what}.`)

/** Who repairs: the roles that hold most of the rights. */
export const responders = ['sre', 'ml', 'security']

export interface Denied {
  ok: false
  code: string
  reason: string
  who?: string[]
}
export type Allowed = { ok: true } | Denied

/** The right by role alone: who may, and the sentence for who may not. */
export function byRole(right: string, holders: readonly string[], roles: readonly string[]): Allowed {
  if (roles.some((role) => holders.includes(role))) return { ok: true }
  return {
    ok: false,
    code: 'not-your-role',
    reason: `${right} is for ${holders.join(', ')}; you are ${roles.join(', ')}.`,
    who: [...holders],
  }
}

/** A right that is not there is a no. */
export function demand(may: Allowed, status = 403): void {
  if (!may.ok) throw new No(status, may.code, may.reason)
}
