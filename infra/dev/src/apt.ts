import { execFile } from 'node:child_process'
import { accessSync, constants, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const APT_MS = 180_000
const run = promisify(execFile)

/** The first program of these names that is on the PATH. */
export function onPath(...names: string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/**
 * Unpacks the distribution's packages into `folder`, with what they need and this system lacks. With lists and cache of
 * its own: as an ordinary user, without touching the system's, and without running what a package does when it is
 * installed. `alone`: only these, for programs that bring all they need besides the C library.
 */
export async function unpackPackages(folder: string, packages: string[], { alone = false } = {}): Promise<void> {
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
  const missing = alone ? [] : await missingFor(packages, config, options)
  await run('apt-get', ['-c', config, '-q', 'download', ...new Set([...packages, ...missing])], options)
  for (const file of globSync(join(apt, 'packages/*.deb'))) await run('dpkg', ['-x', file, folder], options)
  rmSync(apt, { recursive: true })
}

/** What these packages lack on this system is for apt to say. */
async function missingFor(packages: string[], config: string, options: object): Promise<string[]> {
  const simulate = ['-c', config, '-q', '--simulate', '--no-install-recommends', 'install', ...packages]
  const { stdout } = await run('apt-get', simulate, options)
  return [...String(stdout).matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '')
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

/** Why a command of another program failed, in its own last words. */
export function reason(error: unknown): string {
  const { message, stderr, code, path } = error as { message?: string; stderr?: string; code?: string; path?: string }
  if (code === 'ENOENT') return `there is no ${path ?? 'apt-get'} on this system.`
  return (stderr?.trim() || message || String(error)).split('\n').slice(-4).join('\n')
}
