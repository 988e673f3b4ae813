import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { Ended, EXIT } from '../exits.js'
import { refusal } from './answers.js'

export interface Wanted {
  url: string
  path: string
  /** Bytes, and their digest in hex, as the record has them. */
  size: number
  sha256: string
}

const TRIES = 5

/**
 * Fetches a file to `path`. What has come so far lies in `path.part`: after a broken connection, or in the next call, it goes
 * on from there, and only if it is still the same file. It gets its name when it has the right digest, and not before.
 *
 * Throws Ended: refused (3), unreachable (5), or exit 1 when the bytes are not those that the record names.
 */
export async function download(
  { path, sha256, size, url }: Wanted,
  {
    fetch,
    say,
    sleep,
  }: { fetch: typeof globalThis.fetch; say: (line: string) => void; sleep: (ms: number) => Promise<void> },
): Promise<{ resumedAt: number }> {
  const part = `${path}.part`
  const resumedAt = Math.min(await sizeOf(part), size)
  for (let failures = 0; ;) {
    let have = await sizeOf(part)
    if (have === size) break
    if (have > size) {
      await rm(part)
      have = 0
    }
    if (have > 0) say(`going on from byte ${have} of ${size}`)
    try {
      await piece(url, part, have, sha256, fetch)
      // Ended as if it were whole: only where that was more of the file, it leads to an end.
      const now = await sizeOf(part)
      if (now <= have || now > size)
        throw new Ended(EXIT.unreachable, `the server answers with ${now} bytes of ${size}`, 'unreachable')
    } catch (error) {
      failures += 1
      if ((error instanceof Ended && error.exit !== EXIT.unreachable) || failures >= TRIES) throw error
      say(`the download broke off (${(error as Error).message.split('. ')[0]}); trying again`)
      await sleep(500 * failures)
    }
  }
  if ((await digestOf(part)) !== sha256) {
    await rm(part, { force: true })
    if (resumedAt === 0)
      throw new Ended(
        EXIT.bad,
        'the bytes that came are not those that the record names by their digest; they were thrown away',
        'digest',
      )
    // What lay there was another file's beginning, or was spoilt on the disk: once from the start.
    return download({ path, sha256, size, url }, { fetch, say, sleep })
  }
  await rename(part, path)
  return { resumedAt }
}

async function piece(
  url: string,
  part: string,
  from: number,
  sha256: string,
  fetch: typeof globalThis.fetch,
): Promise<void> {
  const headers = from === 0 ? {} : { range: `bytes=${from}-`, 'if-range': `"${sha256}"` }
  const answer = await fetch(url, { headers })
  if (!answer.ok || !answer.body) throw refusal(answer.status, await answer.text())
  // A whole file where a part was asked for: it begins anew.
  const file = await open(part, from > 0 && answer.status === 206 ? 'a' : 'w', 0o600)
  try {
    for await (const chunk of answer.body) await file.write(chunk)
    await file.sync()
  } finally {
    await file.close()
  }
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  )

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
