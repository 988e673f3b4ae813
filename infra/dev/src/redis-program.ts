import { execFile } from 'node:child_process'
import { existsSync, globSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { onPath, reason, unpackPackages } from './apt.js'
import { withLock } from './lock.js'

export interface RedisProgram {
  path: string
  /** What it needs in its environment to find its libraries. */
  env: Record<string, string>
}

const NAMES = ['redis-server', 'valkey-server']
const run = promisify(execFile)

/**
 * A Redis server to run: of the system, or the distribution's own package unpacked under `<home>/redis`, fetched once
 * without root and without installing anything. Several processes may ask at once: one fetches, the others wait.
 */
export async function redisProgram(home: string, say: (line: string) => void = () => {}): Promise<RedisProgram> {
  const own = onPath(...NAMES)
  if (own) return { path: own, env: {} }
  const folder = join(home, 'redis')
  const unpacked = () => (existsSync(join(folder, 'usr/bin/redis-server')) ? programIn(folder) : undefined)
  const there = unpacked()
  if (there) return there
  mkdirSync(home, { recursive: true })
  return withLock(join(home, 'redis.lock'), async () => {
    const byAnother = unpacked()
    if (byAnother) return byAnother
    const aside = `${folder}.${process.pid}`
    try {
      say("fetching Redis: the distribution's package, unpacked under .firebreak/")
      // redis-tools holds the server's program under another name.
      await unpackPackages(aside, ['redis-tools'])
      symlinkSync('redis-check-rdb', join(aside, 'usr/bin/redis-server'))
      await run(programIn(aside).path, ['--version'], { env: { ...process.env, ...programIn(aside).env } })
      rmSync(folder, { recursive: true, force: true })
      renameSync(aside, folder)
      return programIn(folder)
    } catch (error) {
      throw new Error(`There is no Redis, and it could not be fetched: ${reason(error)}\n${CURES}`)
    } finally {
      rmSync(aside, { recursive: true, force: true })
    }
  })
}

const CURES =
  'Do one of these: set REDIS_URL to a Redis you have; put redis-server or valkey-server on the PATH; on Debian or Ubuntu make the package archive reachable for apt-get.'

function programIn(folder: string): RedisProgram {
  const libraries = ['usr/lib/*-linux-*', 'lib/*-linux-*'].flatMap((pattern) => globSync(join(folder, pattern)))
  return { path: join(folder, 'usr/bin/redis-server'), env: { LD_LIBRARY_PATH: libraries.join(delimiter) } }
}
