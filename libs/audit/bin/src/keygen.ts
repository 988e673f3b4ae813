import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { formatVkey, KEY_TYPE, type SigningKey } from '@firebreak/audit-log'
import { changeLogKey, makeKeyFile, openLogFolder, readKeyFile, writeVkeyFile } from '@firebreak/audit-store'
import { endBecause } from './environment.js'

const USAGE = `usage: keygen <dir>                    the log's key and the exporter's; one that is there is kept
       keygen <dir> rotate             a new key for the same log, beside the old one
       keygen <dir> succeed <origin>   a key for the log that is to follow this one`

/**
 * The keys of the log: `log.key` (0600), `log.vkey`, and `log.vkeys` for its notary. What a change of them asks for besides
 * stands in libs/audit/store/README.md. FIREBREAK_LOG_ORIGIN names a new log; the name is part of the key and of every
 * checkpoint.
 */
async function main(): Promise<void> {
  const key = await keyFor(process.argv.slice(2))
  console.log(formatVkey(key))
}

function keyFor([dir, wish, origin, ...rest]: string[]): Promise<SigningKey> {
  if (dir !== undefined && rest.length === 0) {
    if (wish === undefined) return opened(dir)
    if (wish === 'rotate' && origin === undefined) return changeLogKey(dir, (now) => now)
    if (wish === 'succeed' && origin !== undefined) {
      return changeLogKey(dir, (now) => {
        if (origin === now) throw new Error(`a successor of ${now} needs another name`)
        return origin
      })
    }
  }
  throw new Error(USAGE)
}

async function opened(dir: string): Promise<SigningKey> {
  const origin = process.env['FIREBREAK_LOG_ORIGIN']
  const key = await openLogFolder(dir, origin ?? 'firebreak.local/log')
  if (origin && key.name !== origin) {
    throw new Error(
      `${dir} holds the key of ${key.name}, not of ${origin}: to follow it, keygen ${dir} succeed ${origin}`,
    )
  }
  await keepExportKey(dir, `${key.name}/exports`)
  return key
}

/**
 * Beside it, `export.key` and `export.vkey`: with it the worker signs its bundles. Under another name than the log's, so
 * that a statement over a manifest is never taken for a checkpoint.
 */
async function keepExportKey(dir: string, name: string): Promise<void> {
  const file = join(dir, 'export.key')
  const key = existsSync(file) ? readKeyFile(file, KEY_TYPE.log) : await makeKeyFile(file, name, KEY_TYPE.log)
  await writeVkeyFile(join(dir, 'export.vkey'), formatVkey(key))
}

main().catch((error: unknown) => endBecause('keygen', error))
