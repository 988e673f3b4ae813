import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runVitestTwice } from './lane-runs.js'
import { realSpecs } from './lanes.js'
import { fetchMonitors } from './real/monitor-programs.js'
import { startMlflow, type RunningServer } from './real/mlflow.js'
import { startMoto } from './real/moto.js'
import { startPrometheus } from './real/monitors.js'
import { PROMISED, sandboxCost } from './real/sandbox-cost.js'

const print = (line: string) => void process.stdout.write(`${line}\n`)
const began = performance.now()
const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`.padStart(8)

/** The systems that are not ours to write, and the variable by which a spec finds each. */
const SYSTEMS: { name: string; variable: string; start: () => Promise<RunningServer> }[] = [
  {
    name: 'prometheus',
    variable: 'PROMETHEUS_URL',
    start: async () =>
      startPrometheus(await fetchMonitors(print), mkdtempSync(join(tmpdir(), 'firebreak-prometheus-'))),
  },
  { name: 'mlflow', variable: 'MLFLOW_URL', start: () => startMlflow(print) },
  { name: 'moto', variable: 'S3_ENDPOINT', start: () => startMoto(print) },
]

/**
 * `npm run test:real`: the contract suites against real systems. What can be had here is fetched and started; a system that
 * somebody names by its variable is taken as it is; a suite whose system is missing skips itself, and is named.
 */
async function main(): Promise<void> {
  const running: RunningServer[] = []
  const stop = async () => void (await Promise.all(running.splice(0).map((server) => server.stop())))
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => void stop().then(() => process.exit(130)))
  try {
    const env: Record<string, string> = { FIREBREAK_TEST_REAL: '1' }
    // Before anything else runs: a start is measured.
    const { seconds: start, megabytes } = await sandboxCost()
    print(
      `${seconds()}  the sandbox serves after ${start.toFixed(2)} s and takes ${megabytes} MB; promised are ${PROMISED.seconds} s and ${PROMISED.megabytes} MB`,
    )
    for (const name of ['KUBECONFIG', 'KUBEBUILDER_ASSETS']) {
      const given = process.env[name]
      if (!given) continue
      env[name] = given
      print(`${seconds()}  kubernetes: ${name} is ${given}`)
    }
    await Promise.all(
      SYSTEMS.map(async ({ name, variable, start }) => {
        const given = process.env[variable]
        try {
          const server = given ? { url: given, stop: async () => {} } : await start()
          running.push(server)
          env[variable] = server.url
        } catch (error) {
          print(`skipped: ${name}: ${error instanceof Error ? error.message : String(error)}`)
          return
        }
        print(`${seconds()}  ${name} at ${env[variable]}`)
      }),
    )
    const { passed, failed, skipped, failures, flaky, output } = await runVitestTwice(realSpecs(), { env })
    for (const test of skipped) print(`skipped: ${test}`)
    if (failed + flaky.length > 0) print(output)
    for (const test of failures) print(`failed: ${test}`)
    for (const test of flaky) print(`flaky: ${test}`)
    print(`${seconds()}  all of it`)
    print(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`)
    if (failed > 0) process.exitCode = 1
  } finally {
    await stop()
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
