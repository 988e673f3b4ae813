import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../processes.js'
import { startForeign } from './foreign.js'
import { pythonWith } from './python.js'

/** A server for one lane or test: it goes away with `stop()`, or with this process. */
export interface RunningServer {
  url: string
  stop: () => Promise<void>
}

/** MLflow's tracking server with its model registry, empty. Rejects with a reason where it cannot be had. */
export async function startMlflow(say?: (line: string) => void): Promise<RunningServer> {
  const python = await pythonWith('mlflow', say)
  const dir = mkdtempSync(join(tmpdir(), 'firebreak-mlflow-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const { stop } = await startForeign({
    name: 'mlflow',
    command: python,
    args: [
      ...['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
      // The registry wants a database; files serve the tracking of runs only.
      ...[
        '--backend-store-uri',
        `sqlite:///${join(dir, 'mlflow.db')}`,
        '--artifacts-destination',
        join(dir, 'artifacts'),
      ],
    ],
    cwd: dir,
    // Neither its queue of jobs nor what it tells its makers has a part here.
    env: { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' },
    logFile: join(dir, 'server.log'),
    ready: `${url}/health`,
    // It imports for ten seconds on a quiet machine.
    readyMs: 180_000,
    takes: dir,
  })
  return { url, stop }
}
