import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onPath, reason } from '../apt.js'
import { withLock } from '../lock.js'
import { ROOT } from '../root.js'

const HOME = join(ROOT, '.firebreak/real')
const INSTALL_MS = 600_000
const run = promisify(execFile)

/**
 * The Python of a virtual environment that has exactly the packages of `infra/dev/python/<name>.txt`. It is made once for
 * each content of that file, under `.firebreak/real/`. Rejects with a reason where there is no Python or no PyPI.
 */
export async function pythonWith(name: string, say: (line: string) => void = () => {}): Promise<string> {
  const wanted = join(ROOT, 'infra/dev/python', `${name}.txt`)
  const version = createHash('sha256').update(readFileSync(wanted)).digest('hex').slice(0, 12)
  const folder = join(HOME, `${name}-${version}`)
  const python = join(folder, 'bin/python')
  // Written last: an environment without it was broken off in the middle.
  const whole = join(folder, 'installed')
  if (existsSync(whole)) return python
  const own = onPath('python3')
  if (!own) throw new Error('there is no python3 on this system.')
  mkdirSync(HOME, { recursive: true })
  return withLock(join(HOME, `${name}.lock`), async () => {
    if (existsSync(whole)) return python
    rmSync(folder, { recursive: true, force: true })
    const began = performance.now()
    say(`installing ${name} from PyPI into .firebreak/`)
    try {
      await run(own, ['-m', 'venv', folder], { timeout: INSTALL_MS })
      const quietly = ['--quiet', '--no-input', '--disable-pip-version-check', '--no-compile']
      await run(python, ['-m', 'pip', 'install', ...quietly, '-r', wanted], { timeout: INSTALL_MS, maxBuffer: 64e6 })
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      throw new Error(reason(error))
    }
    writeFileSync(whole, '')
    say(`installed ${name} in ${Math.round((performance.now() - began) / 1000)} s`)
    return python
  })
}
