import { once } from 'node:events'
import { Notary, notaryServer, openNotaryFolder, readVkeyFile } from '@firebreak/audit-store'
import { endBecause, needed } from './environment.js'

/**
 * The notary: cosigns checkpoints of one log that extend what it has signed. FIREBREAK_NOTARY_DIR is its own, and lies in
 * earnest on another machine, with another administrator; FIREBREAK_LOG_VKEY_FILE says whose checkpoints count.
 */
async function main(): Promise<void> {
  const log = readVkeyFile(needed('FIREBREAK_LOG_VKEY_FILE'))
  const port = Number(needed('FIREBREAK_NOTARY_PORT'))
  const name = process.env['FIREBREAK_NOTARY_NAME'] ?? 'firebreak.local/notary'
  const { key, memory } = await openNotaryFolder(needed('FIREBREAK_NOTARY_DIR'), name)
  const server = notaryServer(new Notary(key, [log], memory, () => new Date()))

  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  console.log(`notary ${key.name} listens on 127.0.0.1:${port} for ${log.name}`)
  process.send?.({ ready: true })

  const stop = () => {
    server.close()
    server.closeIdleConnections()
    if (process.connected) process.disconnect()
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

main().catch((error: unknown) => endBecause('notary', error))
