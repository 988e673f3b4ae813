import type { Role } from '@firebreak/kit'

/** Who does something. Comes from the session or the key (API), or is the process itself (worker). */
export interface Actor {
  kind: 'person' | 'service' | 'process'
  id: string
  /** How they proved it: `api-key`, `session`, `process`. */
  auth: string
  roles: readonly Role[]
  /** The request in which they do it, where there is one. */
  request_id?: string
  /** Where they act from, as the connection says. Personal: the log keeps a commitment, and it stands in no message. */
  ip?: string
}

/** A process of ours acting by itself. */
export const processActor = (id: string): Actor => ({ kind: 'process', id, auth: 'process', roles: [] })
