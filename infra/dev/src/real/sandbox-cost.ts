import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../processes.js'
import { program } from '../service.js'

/** What its README promises, on a machine that has nothing else to do. */
export const PROMISED = { seconds: 2, megabytes: 150 }

/** Starts a sandbox and answers how long it took until it served, and what it then had in memory; 0 where there is no /proc. */
export async function sandboxCost(): Promise<{ seconds: number; megabytes: number }> {
  const dir = mkdtempSync(join(tmpdir(), 'firebreak-cost-'))
  const port = await freePort()
  const sandbox = program(
    {
      name: 'sandbox',
      args: ['infra/sandbox/dist/main.js'],
      env: { FIREBREAK_SANDBOX_PORT: String(port), SANDBOX_DIR: dir },
      ready: { http: `http://127.0.0.1:${port}/healthz` },
    },
    dir,
  )
  try {
    const began = performance.now()
    const { pid, stop } = await sandbox.start(new AbortController().signal)
    const seconds = (performance.now() - began) / 1_000
    // So that what is loaded late is in it.
    await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    const megabytes = residentMegabytes(pid)
    await stop()
    return { seconds, megabytes }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** What a process has in memory now; 0 where there is no /proc. */
export function residentMegabytes(pid: number): number {
  try {
    return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
  } catch {
    return 0
  }
}
