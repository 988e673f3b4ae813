import { execFile } from 'node:child_process'
import {
  accessSync,
  constants,
  existsSync,
  globSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { withLock } from './lock.js'

export interface RedisProgram {
  path: string
  /** What it needs in its environment to find its libraries. */
  env: Record<string, string>
}

const NAMES = ['redis-server', 'valkey-server']
const APT_MS = 180_000
const run = promisify(execFile)

/**
 * A Redis server to run: of the system, or the distribution's own package unpacked under `<home>/redis`, fetched once
 * without root and without installing anything. Several processes may ask at once: one fetches, the others wait.
 */
export async function redisProgram(home: string, say: (line: string) => void = () => {}): Promise<RedisProgram> {
  const own = onPath()
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
      await fetchWithApt(aside)
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

function onPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function programIn(folder: string): RedisProgram {
  const libraries = ['usr/lib/*-linux-*', 'lib/*-linux-*'].flatMap((pattern) => globSync(join(folder, pattern)))
  return { path: join(folder, 'usr/bin/redis-server'), env: { LD_LIBRARY_PATH: libraries.join(delimiter) } }
}

/** apt with lists and cache of its own: as an ordinary user, and without touching the system's. */
async function fetchWithApt(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  const apt = join(folder, 'apt')
  for (const part of ['state/lists/partial', 'cache/archives/partial', 'packages'])
    mkdirSync(join(apt, part), { recursive: true })
  const config = join(apt, 'apt.conf')
  writeFileSync(config, aptConfig(apt))
  const options = {
    cwd: join(apt, 'packages'),
    timeout: APT_MS,
    maxBuffer: 64e6,
    env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
  }
  await run('apt-get', ['-c', config, '-q', 'update'], options)
  // What the server lacks on this system is for apt to say; redis-tools holds the server's program under another name.
  const { stdout } = await run(
    'apt-get',
    ['-c', config, '-q', '--simulate', '--no-install-recommends', 'install', 'redis-tools'],
    options,
  )
  const missing = [...stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '')
  await run('apt-get', ['-c', config, '-q', 'download', ...new Set(['redis-tools', ...missing])], options)
  for (const file of globSync(join(apt, 'packages/*.deb'))) await run('dpkg', ['-x', file, folder], options)
  symlinkSync('redis-check-rdb', join(folder, 'usr/bin/redis-server'))
  rmSync(apt, { recursive: true })
}

/** Hooks that distributions hang on `update` belong to the system's lists; catalogues of pictures and translations cost time. */
const aptConfig = (apt: string) => `
Dir::State "${apt}/state";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "${apt}/cache";
Debug::NoLocking "true";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`

function reason(error: unknown): string {
  const { message, stderr, code } = error as { message?: string; stderr?: string; code?: string }
  if (code === 'ENOENT') return 'there is no apt-get on this system.'
  return (stderr?.trim() || message || String(error)).split('\n').slice(-4).join('\n')
}
