import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../../..')
const PATIENCE = 120_000

/** What a call of `firebreak` came to. */
export interface Said {
  code: number | null
  out: string
  err: string
}

/** All of Firebreak as `npm start` runs it, with a data folder and ports of its own, and people at its command line. */
export class House {
  private constructor(
    readonly data: string,
    readonly url: string,
    readonly sandboxUrl: string,
    private readonly launcher: ChildProcess,
  ) {}

  static async open(): Promise<House> {
    const data = mkdtempSync(join(tmpdir(), 'firebreak-cli-'))
    const [port, sandboxPort] = [await freePort(), await freePort()]
    const env = {
      ...process.env,
      FIREBREAK_DATA: data,
      FIREBREAK_PORT: String(port),
      FIREBREAK_SANDBOX_PORT: String(sandboxPort),
      FIREBREAK_MONITORS: 'sandbox',
    }
    const args = [join(ROOT, 'infra/dev/dist/main.js'), '--no-story']
    const launcher = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [launcher.stdout, launcher.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
    await until('Firebreak to serve', async () => {
      if (launcher.exitCode !== null) throw new Error(said)
      return said.includes('Ctrl-C stops it') || undefined
    })
    return new House(data, `http://127.0.0.1:${port}`, `http://127.0.0.1:${sandboxPort}`, launcher)
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.launcher.once('exit', resolve))
    this.launcher.kill('SIGTERM')
    await ended
    rmSync(this.data, { recursive: true, force: true })
  }

  pidOf(name: string): number {
    const { running } = JSON.parse(readFileSync(join(this.data, 'launcher.pid'), 'utf8')) as { running: { name: string; pid: number }[] } // prettier-ignore
    return running.find((one) => one.name === name)!.pid
  }

  breakIt = (fault: string) => fetch(`${this.sandboxUrl}/break/${fault}`, { method: 'POST' })
  mend = (fault: string) => fetch(`${this.sandboxUrl}/mend/${fault}`, { method: 'POST' })

  /** The built program, as a process. `as` is a person of the sandbox, or nobody. */
  start(as: string | undefined, ...argv: string[]) {
    const child = spawn(
      process.execPath,
      [join(ROOT, 'apps/cli/bin/firebreak.mjs'), ...(as === undefined ? [] : ['--as', as]), ...argv],
      {
        cwd: this.data,
        env: { PATH: process.env['PATH'], HOME: this.data, FIREBREAK_DATA: this.data, FIREBREAK_URL: this.url },
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    )
    const said: Said = { code: null, out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said.out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said.err += chunk))
    const ended = new Promise<Said>((resolve) => child.once('close', (code) => resolve(Object.assign(said, { code }))))
    return { child, said, ended }
  }

  run(as: string | undefined, ...argv: string[]): Promise<Said> {
    const { child, ended } = this.start(as, ...argv)
    child.stdin.end()
    return ended
  }

  /** The documents that it printed, one a line or one in all. Throws what it said where it did not end well. */
  async json<T>(as: string, ...argv: string[]): Promise<T[]> {
    const { code, err, out } = await this.run(as, ...argv, '--json')
    if (code !== 0) throw new Error(`firebreak ${argv.join(' ')}: ${code}\n${err}`)
    if (out.startsWith('{\n')) return [JSON.parse(out) as T]
    return out.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as T) // prettier-ignore
  }
}

/** Looks until there is something to see. */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + PATIENCE; ;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > end) throw new Error(`waited ${PATIENCE} ms for ${what}`)
    await new Promise((wake) => setTimeout(wake, 100))
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}
