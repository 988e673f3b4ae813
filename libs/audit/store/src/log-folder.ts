import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { formatVkey, KEY_TYPE, type SigningKey } from '@firebreak/audit-log'
import { makeKeyFile, readKeyFile, writeVkeyFile } from './key-file.js'

/**
 * The folder of the log's keys: `log.key` (0600), its `log.vkey`, and `log.vkeys`, every key that this log has had and that
 * its notary is to trust, oldest first. During a change also `log-old.key`, which the sequencer needs once more for a rotation.
 */
const files = (dir: string) => ({
  key: join(dir, 'log.key'),
  vkey: join(dir, 'log.vkey'),
  vkeys: join(dir, 'log.vkeys'),
  old: join(dir, 'log-old.key'),
  fresh: join(dir, 'log-new.key'),
})

/** The log's key; made where there is none. Safe to call at every start. */
export async function openLogFolder(dir: string, origin: string): Promise<SigningKey> {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const { fresh, key } = files(dir)
  if (!existsSync(key) && existsSync(fresh)) await putInPlace(dir)
  const mine = existsSync(key) ? readKeyFile(key, KEY_TYPE.log) : await makeKeyFile(key, origin, KEY_TYPE.log)
  await announce(dir, mine)
  return mine
}

/**
 * Puts a new key in place of the log's: under the same name for a rotation, under another for a successor. The old one is
 * kept as `log-old.key`. A call that was cut short is completed by the next.
 */
export async function changeLogKey(dir: string, name: (now: string) => string): Promise<SigningKey> {
  const { fresh, key, old } = files(dir)
  const midway = !existsSync(key) && existsSync(fresh)
  if (!midway) {
    if (existsSync(old)) {
      throw new Error(
        `${old} is still there from the change before. Once the newest checkpoint is signed by the key of ${key}, nobody needs it: ` +
          `put it away for good, and run this again`,
      )
    }
    const mine = readKeyFile(key, KEY_TYPE.log)
    if (!existsSync(fresh)) await makeKeyFile(fresh, name(mine.name), KEY_TYPE.log)
  }
  const next = readKeyFile(fresh, KEY_TYPE.log)
  // First of all: a notary that reads these lines trusts the key before anything is signed with it.
  await announce(dir, next)
  await putInPlace(dir)
  return next
}

async function putInPlace(dir: string): Promise<void> {
  const { fresh, key, old } = files(dir)
  if (existsSync(key)) await rename(key, old)
  await rename(fresh, key)
}

async function announce(dir: string, key: SigningKey): Promise<void> {
  const { vkey, vkeys } = files(dir)
  const line = formatVkey(key)
  const lines = existsSync(vkeys)
    ? readFileSync(vkeys, 'utf8')
        .split('\n')
        .filter((known) => known !== '')
    : []
  if (!lines.includes(line)) await writeVkeyFile(vkeys, [...lines, line].join('\n'))
  await writeVkeyFile(vkey, line)
}
