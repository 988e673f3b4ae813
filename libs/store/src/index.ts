export * from './cluster.js'
export * from './migrate.js'
export * from './postgres-backlog.js'
export * from './postgres-ledger.js'
