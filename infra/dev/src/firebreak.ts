import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { DataFolder } from './data-folder.js'
import { startPostgres } from './postgres.js'
import { monitorPrograms } from './real/monitor-programs.js'
import { Monitors } from './real/monitors.js'
import { keyOf } from './people-file.js'
import { startRedis } from './redis.js'
import { sandboxTargets } from './sandbox-targets.js'
import { program, runToEnd, server, type Program, type Service } from './service.js'
import { needPort, rememberedPort, type Settings } from './settings.js'
import { Supervisor } from './supervisor.js'
import { WORKER_MEMORY } from './worker-memory.js'

export interface RunningFirebreak {
  apiUrl: string
  sandboxUrl: string
  /** Who watches the sandbox and sends the alerts, as a sentence. */
  monitors: string
  processes: () => { name: string; pid: number }[]
}

const DATABASE = 'firebreak'

/**
 * Starts all that Firebreak is made of, each process with its own connection and no other's secrets (powers.md says who
 * holds what). What does not wait for each other starts side by side.
 */
export async function startFirebreak(
  settings: Settings,
  folder: DataFolder,
  supervisor: Supervisor,
  say: (line: string) => void,
): Promise<RunningFirebreak> {
  const patience = folder.recovering ? 10_000 : 0
  await needPort(settings.port, 'FIREBREAK_PORT', patience)
  await needPort(settings.sandboxPort, 'FIREBREAK_SANDBOX_PORT', patience)
  if (settings.notaryPort !== undefined) await needPort(settings.notaryPort, 'FIREBREAK_NOTARY_PORT', patience)
  const notaryPort = settings.notaryPort ?? (await rememberedPort(folder.file('ports.json'), 'notary'))

  const workerMetrics = await rememberedPort(folder.file('ports.json'), 'worker-metrics')

  const logs = folder.file('logs')
  for (const name of ['sandbox', 'notary', 'keys', 'blobs'])
    mkdirSync(folder.file(name), { recursive: true, mode: 0o700 })
  const apiUrl = `http://127.0.0.1:${settings.port}`
  const sandboxUrl = `http://127.0.0.1:${settings.sandboxPort}`
  const notaryUrl = `http://127.0.0.1:${notaryPort}`
  const people = folder.file('people.json')
  const logKey = folder.file('keys', 'log.key')
  const logVkeys = folder.file('keys', 'log.vkeys')
  const oldLogKey = folder.file('keys', 'log-old.key')
  const exportKey = folder.file('keys', 'export.key')
  const start = (spec: Program) => supervisor.start(program(spec, logs))
  const monitors = await chosenMonitors()

  const postgres = keptServer('postgres', (port) =>
    startPostgres({ dataDir: folder.file('postgres'), logFile: folder.file('logs', 'postgres.log'), ...port }),
  )
  const redis = keptServer('redis', (port) =>
    startRedis({ dir: folder.file('redis-data'), appendOnly: true, say, ...port }),
  )

  await Promise.all([supervisor.start(postgres.service), startedRedis().then(startedSandbox), startedNotary()])
  const databaseUrl = (role: 'fb_api' | 'fb_worker' | 'fb_sequencer') => {
    const url = new URL(postgres.url())
    url.username = role
    url.password = folder.secrets[role]
    url.pathname = `/${DATABASE}`
    return url.href
  }
  await runToEnd(
    {
      name: 'migrate',
      args: ['libs/store/dist/bin/migrate.js'],
      env: {
        FIREBREAK_SUPERUSER_URL: postgres.url(),
        FIREBREAK_DATABASE: DATABASE,
        FIREBREAK_PASSWORDS: folder.file('secrets.json'),
      },
    },
    logs,
  )
  const shared = {
    REDIS_URL: redis.url(),
    FIREBREAK_CONFIG: settings.config,
    FIREBREAK_BLOBS: folder.file('blobs'),
    ...collectorIn(process.env),
  }
  await Promise.all([
    start({
      name: 'sequencer',
      args: ['libs/audit/bin/dist/sequencer.js'],
      env: {
        DATABASE_URL: databaseUrl('fb_sequencer'),
        FIREBREAK_LOG_KEY_FILE: logKey,
        ...(existsSync(oldLogKey) ? { FIREBREAK_LOG_OLD_KEY_FILE: oldLogKey } : {}),
        FIREBREAK_NOTARY_URL: notaryUrl,
        FIREBREAK_NOTARY_VKEY_FILE: folder.file('notary', 'notary.vkey'),
      },
      ready: 'message',
    }),
    start({
      name: 'api',
      args: ['apps/api/dist/main.js'],
      env: {
        ...shared,
        DATABASE_URL: databaseUrl('fb_api'),
        FIREBREAK_PORT: String(settings.port),
        FIREBREAK_MODE: 'sandbox',
        FIREBREAK_PEOPLE_FILE: people,
        FIREBREAK_CONSOLE: process.env['FIREBREAK_CONSOLE'] ?? 'apps/console/dist',
      },
      ready: { http: `${apiUrl}/v1/health` },
    }).then(startedMonitors),
    start({
      name: 'worker',
      args: [...WORKER_MEMORY, 'apps/worker/dist/main.js'],
      env: {
        ...shared,
        DATABASE_URL: databaseUrl('fb_worker'),
        FIREBREAK_LOG_POLICY_FILE: logPolicy(),
        FIREBREAK_EXPORT_KEY_FILE: exportKey,
        ...sandboxTargets(sandboxUrl, folder.file('sandbox'), redis.url()),
        WATCHED_CLOCK: String(settings.sandboxSpeed ?? 1),
        FIREBREAK_METRICS_PORT: String(workerMetrics),
        ...(monitors ? { PROMETHEUS_URL: monitors.prometheusUrl } : {}),
      },
      ready: 'message',
    }),
  ])
  const watching =
    monitors?.says ?? "The sandbox's own imitation of Prometheus and Alertmanager sends the alerts, from the same rules"
  return { apiUrl, sandboxUrl, monitors: watching, processes: () => supervisor.running }

  function startedSandbox(): Promise<void> {
    return start({
      name: 'sandbox',
      args: ['infra/sandbox/dist/main.js'],
      env: {
        FIREBREAK_SANDBOX_PORT: String(settings.sandboxPort),
        SANDBOX_DIR: folder.file('sandbox'),
        SANDBOX_CLOCK: String(settings.sandboxSpeed ?? 1),
        SANDBOX_REDIS_URL: redis.url(),
        SANDBOX_ALERTS_URL: `${apiUrl}/v1/alerts/alertmanager`,
        SANDBOX_ALERTS_KEY_FILE: people,
        // Of two monitors each would tell of the same alert, under a fingerprint of its own.
        ...(monitors ? { SANDBOX_MONITORS: 'elsewhere' } : {}),
      },
      ready: { http: `${sandboxUrl}/healthz` },
    })
  }

  async function chosenMonitors(): Promise<Monitors | undefined> {
    if (settings.monitors === 'sandbox') return undefined
    const programs = monitorPrograms()
    if (!programs && settings.monitors === 'real')
      throw new Error(
        'FIREBREAK_MONITORS is real, and this machine has no Prometheus and Alertmanager. Install the packages prometheus and prometheus-alertmanager, or let `npm run test:real` fetch them.',
      )
    if (!programs) return undefined
    const ports = {
      prometheus: await rememberedPort(folder.file('ports.json'), 'prometheus'),
      alertmanager: await rememberedPort(folder.file('ports.json'), 'alertmanager'),
    }
    return new Monitors({
      programs,
      ports,
      dir: folder.file('monitors'),
      logs: folder.file('logs'),
      sandboxUrl,
      apiUrl,
    })
  }

  /** After the API, which makes the key of the receiver when it starts for the first time. */
  async function startedMonitors(): Promise<void> {
    if (!monitors) return
    monitors.configure(keyOf('alertmanager', people))
    await Promise.all([supervisor.start(monitors.alertmanager), supervisor.start(monitors.prometheus)])
  }

  /** Whose signatures count on this machine: written once, and from then on the operator's. */
  function logPolicy(): string {
    const file = folder.file('log-policy.txt')
    const vkey = (...path: string[]) => readFileSync(folder.file(...path), 'utf8').trim()
    if (!existsSync(file)) {
      const lines = [
        `log ${vkey('keys', 'log.vkey')}`,
        `witness notary ${vkey('notary', 'notary.vkey')}`,
        'quorum notary',
      ]
      writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
    }
    return file
  }

  async function startedRedis(): Promise<void> {
    if (process.env['REDIS_URL']) redis.use(process.env['REDIS_URL'])
    else await supervisor.start(redis.service)
  }

  async function startedNotary(): Promise<void> {
    if (![logKey, logVkeys, exportKey].every((file) => existsSync(file)))
      await runToEnd({ name: 'keygen', args: ['libs/audit/bin/dist/keygen.js', folder.file('keys')], env: {} }, logs)
    await start({
      name: 'notary',
      args: ['libs/audit/bin/dist/notary.js'],
      env: {
        FIREBREAK_NOTARY_DIR: folder.file('notary'),
        FIREBREAK_NOTARY_PORT: String(notaryPort),
        FIREBREAK_LOG_VKEY_FILE: logVkeys,
      },
      ready: { http: `${notaryUrl}/healthz` },
    })
  }
}

/** Where whoever starts this wants traces; only those that make any are told. */
const collectorIn = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS'].flatMap((name) =>
      env[name] ? [[name, env[name]]] : [],
    ),
  )

/** A database server that, when it has to be started again, comes back at the address that the others were given. */
function keptServer(
  name: string,
  start: (at: { port?: number }) => Promise<{ url: string; pid: number | undefined; stop: () => Promise<void> }>,
) {
  let known = ''
  const service: Service = server(name, async () => {
    const { url, pid, stop } = await start(known ? { port: Number(new URL(known).port) } : {})
    if (pid === undefined) throw new Error(`${name} was expected to be a process of ours`)
    known = url
    return { pid, stop }
  })
  return { service, url: () => known, use: (url: string) => void (known = url) }
}
