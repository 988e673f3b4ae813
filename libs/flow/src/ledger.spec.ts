import { FakeLedger } from './testing/fake-ledger.js'
import { ledgerContract } from './testing/ledger-contract.js'

ledgerContract('FakeLedger', async () => {
  const ledger = new FakeLedger()
  return { ledger, entries: async (stream) => ledger.log.filter((entry) => entry.stream === stream) }
})
