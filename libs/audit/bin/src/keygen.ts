import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { formatVkey, KEY_TYPE } from '@firebreak/audit-log'
import { makeKeyFile, readKeyFile, writeVkeyFile } from '@firebreak/audit-store'
import { endBecause } from './environment.js'

/**
 * `keygen <dir>`: the log's key, `log.key` (0600) and `log.vkey`. A key that is there is kept, so it may run at every start.
 * FIREBREAK_LOG_ORIGIN names the log; the name is part of the key and of every checkpoint.
 */
async function main(): Promise<void> {
  const [dir, ...rest] = process.argv.slice(2)
  if (dir === undefined || rest.length > 0) throw new Error('usage: keygen <dir>')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const secret = join(dir, 'log.key')
  const origin = process.env['FIREBREAK_LOG_ORIGIN'] ?? 'firebreak.local/log'
  const key = existsSync(secret) ? readKeyFile(secret, KEY_TYPE.log) : await makeKeyFile(secret, origin, KEY_TYPE.log)
  if (process.env['FIREBREAK_LOG_ORIGIN'] && key.name !== origin) {
    throw new Error(
      `${secret} is the key of ${key.name}, not of ${origin}: a log with another name is another log, in another folder`,
    )
  }
  await writeVkeyFile(join(dir, 'log.vkey'), formatVkey(key))
  console.log(formatVkey(key))
}

main().catch((error: unknown) => endBecause('keygen', error))
