export * from './fake-ledger.js'
export * from './ledger-contract.js'
export * from './rehearse.js'
export * from './scaling-house.js'
