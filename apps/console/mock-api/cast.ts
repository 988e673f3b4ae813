import type { Me } from '../src/renderer/api/view.js'

/** The people of the sandbox, by the names that stories, tests and screens share. */
export const cast: readonly Pick<Me, 'id' | 'name' | 'kind' | 'roles'>[] = [
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

export const person = (id: string) => cast.find((one) => one.id === id)

/** A person or a process as others see them. */
export const who = (id: string) => ({ id, name: person(id)?.name ?? id })
