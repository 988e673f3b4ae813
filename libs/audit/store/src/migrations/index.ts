import { log } from './001-log.js'
import { keys } from './002-keys.js'
import { disclosures } from './003-disclosures.js'
import { home } from './004-home.js'
import { swift } from './005-swift.js'
import { sameEra } from './006-same-era.js'

/** One forward step of the schema `audit`, in SQL. */
export interface Migration {
  name: string
  sql: string
}

/** Run in this order, once each, as audit_owner, who owns the schema. Forward only: an old step is never edited. */
export const auditMigrations: readonly Migration[] = [
  { name: 'audit-001-log', sql: log },
  { name: 'audit-002-keys', sql: keys },
  { name: 'audit-003-disclosures', sql: disclosures },
  { name: 'audit-004-home', sql: home },
  { name: 'audit-005-swift', sql: swift },
  { name: 'audit-006-same-era', sql: sameEra },
]
