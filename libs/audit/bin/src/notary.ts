import { once } from 'node:events'
import { Notary, notaryServer, openNotaryFolder, vkeysIn } from '@firebreak/audit-store'
import { openLog, tellTheEnd } from '@firebreak/telemetry'
import { endBecause } from './environment.js'
import { notaryEnvironment, readEnvironment } from './settings.js'

/**
 * The notary: cosigns checkpoints that extend what it has signed. FIREBREAK_NOTARY_DIR is its own, and lies in earnest on
 * another machine, with another administrator; FIREBREAK_LOG_VKEY_FILE says whose checkpoints count, one vkey a line. That
 * file is read again when it changes: a key that is rotated, or a successor's, is a line more and no restart.
 */
async function main(): Promise<void> {
  const env = readEnvironment(notaryEnvironment, process.env)
  const log = openLog({ name: 'notary', level: env.FIREBREAK_LOG_LEVEL })
  tellTheEnd(log)
  const logs = vkeysIn(env.FIREBREAK_LOG_VKEY_FILE, (line) => log.warn(line))
  const { FIREBREAK_NOTARY_NAME: name, FIREBREAK_NOTARY_PORT: port } = env
  const { key, memory } = await openNotaryFolder(env.FIREBREAK_NOTARY_DIR, name)
  const server = notaryServer(new Notary(key, logs, memory, () => new Date()), (line) => log.error(line))

  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const origins = [...new Set(logs().map((log) => log.name))]
  log.info(`${key.name} listens on 127.0.0.1:${port} for ${origins.join(', ')}`)
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
