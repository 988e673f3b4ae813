import { once } from 'node:events'
import { Notary, notaryServer, openNotaryFolder, vkeysIn } from '@firebreak/audit-store'
import { endBecause, needed } from './environment.js'

/**
 * The notary: cosigns checkpoints that extend what it has signed. FIREBREAK_NOTARY_DIR is its own, and lies in earnest on
 * another machine, with another administrator; FIREBREAK_LOG_VKEY_FILE says whose checkpoints count, one vkey a line. That
 * file is read again when it changes: a key that is rotated, or a successor's, is a line more and no restart.
 */
async function main(): Promise<void> {
  const logs = vkeysIn(needed('FIREBREAK_LOG_VKEY_FILE'), (line) => console.log(`notary: ${line}`))
  const port = Number(needed('FIREBREAK_NOTARY_PORT'))
  const name = process.env['FIREBREAK_NOTARY_NAME'] ?? 'firebreak.local/notary'
  const { key, memory } = await openNotaryFolder(needed('FIREBREAK_NOTARY_DIR'), name)
  const server = notaryServer(new Notary(key, logs, memory, () => new Date()))

  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const origins = [...new Set(logs().map((log) => log.name))]
  console.log(`notary ${key.name} listens on 127.0.0.1:${port} for ${origins.join(', ')}`)
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
