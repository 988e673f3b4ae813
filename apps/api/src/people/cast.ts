import type { Role } from '@firebreak/kit'

/** Somebody of the sandbox. */
export interface Seeded {
  id: string
  name: string
  kind: 'person' | 'service'
  roles: Role[]
}

/** The people of the sandbox: stories, tests and screens share them. Production knows none of them. */
export const cast: readonly Seeded[] = [
  { id: 'hannah', name: 'Hannah Okafor', kind: 'person', roles: ['sre'] },
  { id: 'sam', name: 'Sam Lindqvist', kind: 'person', roles: ['sre'] },
  { id: 'noor', name: 'Noor Haddad', kind: 'person', roles: ['sre'] },
  { id: 'mira', name: 'Mira Castellanos', kind: 'person', roles: ['ml'] },
  { id: 'leo', name: 'Leo Tanaka', kind: 'person', roles: ['ml'] },
  { id: 'theo', name: 'Theo Brandt', kind: 'person', roles: ['security'] },
  { id: 'ines', name: 'Inês Carvalho', kind: 'person', roles: ['security'] },
  { id: 'viktor', name: 'Viktor Marek', kind: 'person', roles: ['security'] },
  { id: 'audrey', name: 'Audrey Whitfield', kind: 'person', roles: ['auditor'] },
  { id: 'ada', name: 'Ada Nwosu', kind: 'person', roles: ['admin'] },
  { id: 'alertmanager', name: 'Alertmanager', kind: 'service', roles: ['service'] },
]
