import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { classify, loadHouse } from '@firebreak/house'
import { freePort } from './processes.js'
import { program } from './service.js'

/** One thing that can be broken in the sandbox. */
export interface Fault {
  name: string
  says: string
  /** The alert that it makes fire, and the page of the runbook that this is; undefined when it alerts nobody. */
  becomes: { alertname: string; service: string; page: string } | undefined
}

/** What `GET /break` answers. */
interface Breakable {
  faults: Record<string, string>
  alerts: Record<string, { alertname: string; service: string } | null>
}

/** Asks a sandbox of its own, there for a moment, what can be broken; `config` says which page each alert is. */
export async function knownFaults(config: string): Promise<Fault[]> {
  const house = loadHouse(readFileSync(config, 'utf8'), config)
  const dir = mkdtempSync(join(tmpdir(), 'firebreak-faults-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const sandbox = program(
    {
      name: 'sandbox',
      args: ['infra/sandbox/dist/main.js'],
      env: { FIREBREAK_SANDBOX_PORT: String(port), SANDBOX_DIR: dir },
      ready: { http: `${url}/healthz` },
    },
    dir,
  )
  try {
    const { stop } = await sandbox.start(new AbortController().signal)
    try {
      const { faults, alerts } = (await (await fetch(`${url}/break`)).json()) as Breakable
      return Object.entries(faults).map(([name, says]) => {
        const labels = alerts[name]
        const becomes = labels ? { ...labels, page: classify(house, { ...labels }) } : undefined
        return { name, says, becomes }
      })
    } finally {
      await stop()
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
