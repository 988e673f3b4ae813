import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'

const project = dirname(import.meta.dirname)

/** The page as it is shipped, built from the sources as they are now, into a folder of its own. */
export interface Built {
  folder: string
  remove(): Promise<void>
}

/** @param mode `demo`: with the mock API in the page, for a server of files */
export async function build(mode: 'production' | 'demo' = 'production'): Promise<Built> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-console-'))
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js')
  // A process of its own: the test runner's NODE_ENV would make it a development build.
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', '--mode', mode, '--logLevel', 'warn', '--outDir', folder],
    {
      cwd: project,
      env: { ...process.env, NODE_ENV: 'production' },
    },
  )
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** Bytes, compressed, of every script that the first page needs: what index.html names, and what that imports at once. */
export async function initialScripts(built: Built): Promise<number> {
  let bytes = 0
  for (const name of await namesAtOnce(built)) bytes += await compressed(built, name)
  return bytes
}

/** Bytes, compressed, of every script that the first page does not need, by name. */
export async function lazyScripts(built: Built): Promise<Record<string, number>> {
  const first = await namesAtOnce(built)
  const names = (await readdir(join(built.folder, 'assets'))).filter((name) => name.endsWith('.js') && !first.has(name))
  const sizes: Record<string, number> = {}
  for (const name of names.sort()) sizes[name] = await compressed(built, name)
  return sizes
}

async function namesAtOnce({ folder }: Built): Promise<Set<string>> {
  const html = await readFile(join(folder, 'index.html'), 'utf8')
  const waiting = [...html.matchAll(/<script[^>]+src="\/assets\/([^"]+)"/g)].map((found) => found[1]!)
  const seen = new Set<string>()
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    const code = await readFile(join(folder, 'assets', name), 'utf8')
    waiting.push(...[...code.matchAll(/(?:from|import)\s*["`]\.\/([^"`]+\.js)["`]/g)].map((found) => found[1]!))
  }
  if (seen.size === 0) throw new Error('index.html names no script')
  return seen
}

const compressed = async ({ folder }: Built, name: string): Promise<number> =>
  gzipSync(await readFile(join(folder, 'assets', name)), { level: 9 }).length
