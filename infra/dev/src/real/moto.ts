import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../processes.js'
import { startForeign } from './foreign.js'
import type { RunningServer } from './mlflow.js'
import { pythonWith } from './python.js'

/**
 * moto's server: S3 with versions, tags and Object Lock, and IAM, empty; any credentials are good. It is an imitation too,
 * but one that many others hold against the real thing. Rejects with a reason where it cannot be had.
 */
export async function startMoto(say?: (line: string) => void): Promise<RunningServer> {
  const python = await pythonWith('moto', say)
  const dir = mkdtempSync(join(tmpdir(), 'firebreak-moto-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const { stop } = await startForeign({
    name: 'moto',
    command: python,
    args: ['-m', 'moto.server', '--host', '127.0.0.1', '--port', String(port)],
    cwd: dir,
    logFile: join(dir, 'server.log'),
    ready: `${url}/moto-api/`,
    takes: dir,
  })
  return { url, stop }
}
