import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Built } from './built.js'

const ROOT = resolve(import.meta.dirname, '../../..')

/** Everything as `npm start` starts it, with data and ports of its own: API, worker, sandbox, and this build of the page. */
export interface Whole {
  url: string
  /** Where the sandbox takes `POST /break/…` and `/mend/…`. */
  sandbox: string
  /** Its data folder, gone when it is closed. */
  data: string
  /** The API's process is killed, and stays away until {@link apiComes}. Everything else goes on. */
  apiGoes(): Promise<void>
  /** It is started again, with the same data at the same port. Resolves as soon as it answers. */
  apiComes(): Promise<void>
  close(): Promise<void>
}

/** @param more what the programs find in their environment besides, when it is known where the API will be */
export async function startWhole(
  built: Built,
  more: (url: string) => Promise<Record<string, string>> = async () => ({}),
): Promise<Whole> {
  const [port, sandboxPort] = [await freePort(), await freePort()]
  const data = mkdtempSync(join(tmpdir(), 'firebreak-whole-'))
  const url = `http://127.0.0.1:${port}`
  const besides = await more(url)
  const firebreak = spawn(process.execPath, [join(ROOT, 'infra/dev/dist/main.js'), '--no-story'], {
    cwd: ROOT,
    env: {
      ...process.env,
      FIREBREAK_DATA: data,
      FIREBREAK_PORT: String(port),
      FIREBREAK_SANDBOX_PORT: String(sandboxPort),
      FIREBREAK_CONSOLE: built.folder,
      ...besides,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  await new Promise<void>((done, failed) => {
    firebreak.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('Firebreak serves at')) done()
    })
    firebreak.on('exit', () => failed(new Error(`it did not start:\n${said}`)))
  })
  const answers = () =>
    fetch(`${url}/v1/health`).then(
      ({ ok }) => ok,
      () => false,
    )
  // The launcher looks there before it starts again what has ended.
  const hold = join(data, 'hold')
  return {
    ...{ url, data, sandbox: `http://127.0.0.1:${sandboxPort}` },
    apiGoes: async () => {
      const { running } = JSON.parse(readFileSync(join(data, 'launcher.pid'), 'utf8')) as { running: { name: string; pid: number }[] } // prettier-ignore
      mkdirSync(hold, { recursive: true })
      writeFileSync(join(hold, 'api'), '')
      process.kill(running.find(({ name }) => name === 'api')!.pid, 'SIGKILL')
      await until(async () => !(await answers()))
    },
    apiComes: async () => {
      rmSync(join(hold, 'api'))
      await until(answers)
    },
    close: async () => {
      if (firebreak.exitCode === null) {
        const ended = once(firebreak, 'exit')
        firebreak.kill('SIGTERM')
        await ended
      }
      rmSync(data, { recursive: true, force: true })
    },
  }
}

async function until(so: () => Promise<boolean>): Promise<void> {
  while (!(await so())) await sleep(50)
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
