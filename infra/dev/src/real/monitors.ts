import { execFile, execFileSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../processes.js'
import { ROOT } from '../root.js'
import { server, type Service } from '../service.js'
import { writeState } from '../state.js'
import { startForeign } from './foreign.js'
import type { MonitorPrograms } from './monitor-programs.js'

export interface MonitorsOptions {
  programs: MonitorPrograms
  ports: { prometheus: number; alertmanager: number }
  /** Their configuration and data; made when it is not there. */
  dir: string
  logs: string
  /** What is scraped: `/metrics` there. */
  sandboxUrl: string
  /** Who is told. */
  apiUrl: string
}

const RULES = join(ROOT, 'infra/sandbox/rules')
/** Where a file of these says a thing that is different here. */
const WRITTEN = { url: 'http://127.0.0.1:4600/v1/alerts/alertmanager', key: 'credentials_file: alertmanager.key' }

/**
 * A real Prometheus that scrapes the sandbox with the house's rules, and a real Alertmanager that delivers to Firebreak,
 * as services for a supervisor. Every interval is a second, for people do not want to wait here.
 */
export class Monitors {
  readonly prometheusUrl: string
  readonly alertmanagerUrl: string
  readonly alertmanager: Service
  readonly prometheus: Service

  constructor(private readonly options: MonitorsOptions) {
    const { programs, ports, dir, logs } = options
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    this.alertmanagerUrl = `http://127.0.0.1:${ports.alertmanager}`
    this.prometheusUrl = `http://127.0.0.1:${ports.prometheus}`
    const alertmanagerUrl = this.alertmanagerUrl
    this.alertmanager = server('alertmanager', () =>
      startForeign({
        name: 'alertmanager',
        command: programs.alertmanager,
        args: [
          `--config.file=${join(dir, 'alertmanager.yaml')}`,
          `--storage.path=${join(dir, 'alertmanager')}`,
          `--web.listen-address=127.0.0.1:${ports.alertmanager}`,
          `--web.external-url=${alertmanagerUrl}`,
          // What it told is in a file this often. One that is killed in between tells again what still fires, and never tells
          // that it is over what it does not know to have told.
          '--data.maintenance-interval=1s',
          // Alone: no port for others like it.
          '--cluster.listen-address=',
        ],
        cwd: programs.cwd,
        logFile: join(logs, 'alertmanager.log'),
        ready: `${alertmanagerUrl}/-/ready`,
      }),
    )
    const config = join(dir, 'prometheus.json')
    const data = join(dir, 'prometheus')
    this.prometheus = server('prometheus', () =>
      launchPrometheus(programs, { config, data, port: ports.prometheus, log: join(logs, 'prometheus.log') }),
    )
  }

  /** Which programs these are. */
  get says(): string {
    const { prometheus, alertmanager } = this.options.programs
    return `Prometheus ${versionOf(prometheus)} and Alertmanager ${versionOf(alertmanager)} watch the sandbox`
  }

  /** Writes their configuration, with the key of the receiver `alertmanager`. Before they are started. */
  configure(key: string): void {
    const { dir, ports, sandboxUrl, apiUrl } = this.options
    const file = (name: string) => join(dir, name)
    writeState(file('prometheus.json'), prometheusConfig(new URL(sandboxUrl).host, ports.alertmanager))
    writeState(file('alertmanager.yaml'), alertmanagerConfig(apiUrl, file('alertmanager.key')))
    writeState(file('alertmanager.key'), key)
  }
}

/** A Prometheus without anything to watch, for whoever asks it what needs no data. It takes `dir` along when it goes. */
export async function startPrometheus(programs: MonitorPrograms, dir: string) {
  const [config, data, log] = [join(dir, 'prometheus.json'), join(dir, 'prometheus'), join(dir, 'prometheus.log')]
  writeState(config, {})
  const port = await freePort()
  const { stop } = await launchPrometheus(programs, { config, data, port, log }, dir)
  return { url: `http://127.0.0.1:${port}`, stop }
}

const run = promisify(execFile)

/** Holds the house's files against the programs' own checks, and the rules against their examples. Answers what they say. */
export async function checkRules({ promtool, amtool }: MonitorPrograms): Promise<string> {
  const files = (pattern: string) => globSync(pattern, { cwd: RULES }).sort()
  const said: string[] = []
  for (const [program, ...args] of [
    [promtool, 'check', 'rules', ...files('*.rules.yaml')],
    [promtool, 'test', 'rules', ...files('*.test.yaml')],
    [amtool, 'check-config', 'alertmanager.yaml'],
  ] as [string, ...string[]][]) {
    const { stdout, stderr } = await run(program, args, { cwd: RULES })
    said.push(stdout, stderr)
  }
  return said.join('\n')
}

function launchPrometheus(
  programs: MonitorPrograms,
  { config, data, port, log }: { config: string; data: string; port: number; log: string },
  takes?: string,
) {
  const url = `http://127.0.0.1:${port}`
  return startForeign({
    name: 'prometheus',
    command: programs.prometheus,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      // What a screen shows of the past is hours old at most; a sandbox's disk is somebody's laptop.
      '--storage.tsdb.retention.time=1d',
      `--web.listen-address=127.0.0.1:${port}`,
      `--web.external-url=${url}`,
      // An Alertmanager that was away hears of what fires this much later. It also takes an alert for over that it has
      // not heard of for four times as long, so a busy machine must be able to keep this up.
      '--rules.alert.resend-delay=5s',
    ],
    cwd: programs.cwd,
    logFile: log,
    ready: `${url}/-/ready`,
    ...(takes === undefined ? {} : { takes }),
  })
}

/** JSON is YAML too. */
const prometheusConfig = (sandbox: string, alertmanagerPort: number) => ({
  global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
  rule_files: [join(RULES, '*.rules.yaml')],
  alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }] },
  scrape_configs: [{ job_name: 'sandbox', static_configs: [{ targets: [sandbox] }] }],
})

function alertmanagerConfig(apiUrl: string, keyFile: string): string {
  const written = readFileSync(join(RULES, 'alertmanager.yaml'), 'utf8')
  for (const line of Object.values(WRITTEN))
    if (written.split(line).length !== 2) throw new Error(`alertmanager.yaml does not say ${line} once`)
  return written
    .replace(WRITTEN.url, `${apiUrl}/v1/alerts/alertmanager`)
    .replace(WRITTEN.key, `credentials_file: ${JSON.stringify(keyFile)}`)
}

/** `prometheus, version 2.42.0+ds (…)`: the number in it. */
const versionOf = (program: string): string =>
  /version (\d+(?:\.\d+)*)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8', stdio: 'pipe' }))?.[1] ?? '?'
