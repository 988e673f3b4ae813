/**
 * What every `npm run` command goes through. Plain JavaScript without dependencies: it runs on any Node from 20.19 on, before
 * anything is installed. It installs what is missing, builds what has changed, and hands over to the built program on
 * the Node that npm brought.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { constants as os } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = resolve(import.meta.dirname, '../..')
const at = (...parts) => join(root, ...parts)
const say = (line) => process.stderr.write(`${line}\n`)
const [command, ...args] = process.argv.slice(2)
/** Each process reads its own settings, so each prints them. */
const configs = {
  api: 'apps/api/dist/print-config.js',
  worker: 'apps/worker/dist/print-config.js',
  sequencer: 'libs/audit/bin/dist/print-config.js',
  notary: 'libs/audit/bin/dist/print-config.js',
}
/** Whose settings are asked for: the API's where nobody is named. */
const whose = args[0] === undefined || args[0].startsWith('-') ? 'api' : args[0]

const programs = {
  start: 'infra/dev/dist/main.js',
  test: 'infra/dev/dist/test.js',
  'test:real': 'infra/dev/dist/test-real.js',
  'test:tamper': 'infra/dev/dist/test-tamper.js',
  'test:crash': 'infra/dev/dist/test-crash.js',
  'test:chaos': 'infra/dev/dist/test-chaos.js',
  'test:fuzz': 'infra/dev/dist/test-fuzz.js',
  rehearse: 'infra/dev/dist/rehearse.js',
  coverage: 'infra/dev/dist/print-coverage.js',
  bench: 'infra/dev/dist/bench.js',
  'audit-check': 'libs/audit/bin/dist/audit-check.js',
  openapi: 'apps/api/dist/openapi.js',
  config: configs[whose],
  new: 'infra/dev/dist/new.js',
  firebreak: 'apps/cli/dist/main.js',
}

try {
  process.exitCode = command === 'reset' ? await reset() : await run()
} catch (error) {
  say(error.message)
  process.exitCode = 1
}

async function run() {
  if (!Object.hasOwn(programs, command ?? ''))
    throw new Error(
      `${command ?? 'nothing'} is not a command here. There are: ${Object.keys(programs).join(', ')}, reset`,
    )
  if (command === 'config' && !Object.hasOwn(configs, whose))
    throw new Error(`${whose} is no process with settings. There are: ${Object.keys(configs).join(', ')}`)
  await install()
  const node = bestNode()
  // Tests report a wrong type as a failing lane, so they want to start in spite of it; what is begun anew may stand
  // beside something half written.
  build(node, { mustSucceed: command !== 'test' && command !== 'new', page: !['new', 'firebreak'].includes(command) })
  const program = programs[command]
  if (!existsSync(at(program)))
    throw new Error(`${program} is not there after the build: this checkout has no ${command} yet`)
  return handOver(node, program)
}

/** npm ci, unless what is installed is what the lock file says. */
async function install() {
  if (isInstalled()) return
  const began = performance.now()
  say('installing the npm packages of package-lock.json')
  const [program, first] = process.env.npm_execpath ? [process.execPath, [process.env.npm_execpath]] : ['npm', []]
  const flags = ['ci', '--include=dev', '--include=optional', '--loglevel=error', '--no-audit', '--no-fund']
  const { status, error } = spawnSync(program, [...first, ...flags], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...npmHome() },
  })
  if (status !== 0) throw new Error(`npm ci failed${error ? `: ${error.message}` : ''}; what it said stands above`)
  say(`installed in ${seconds(began)}`)
}

/**
 * Compares npm's own record of the last install with the lock file, package by package. npm writes that record last, so
 * an install that was broken off has none. Packages for other platforms may be missing.
 */
function isInstalled() {
  const record = at('node_modules/.package-lock.json')
  if (!existsSync(record)) return false
  const { packages: wanted } = JSON.parse(readFileSync(at('package-lock.json'), 'utf8'))
  const { packages: have } = JSON.parse(readFileSync(record, 'utf8'))
  return Object.entries(wanted).every(([path, { version, integrity, optional, link }]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true
    const found = have[path]
    if (!found) return optional === true
    return link === true || (found.version === version && found.integrity === integrity)
  })
}

/** npm wants to write below HOME; where there is none, its cache goes into the checkout. */
function npmHome() {
  try {
    if (!process.env.HOME) throw new Error('no HOME')
    accessSync(process.env.HOME, constants.W_OK)
    return {}
  } catch {
    return { npm_config_cache: at('.firebreak/npm-cache') }
  }
}

/** The Node of the lock file; where npm has none for this platform, the user's own if it is new enough. */
function bestNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const own = at(`node_modules/node-${platform}-${process.arch}/bin/node${platform === 'win' ? '.exe' : ''}`)
  if (existsSync(own) && spawnSync(own, ['--version'], { stdio: 'ignore' }).status === 0) return own
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath
  throw new Error(
    `Firebreak needs Node 22 or newer. npm has none for ${process.platform}-${process.arch}, and yours is ${process.versions.node}: install Node 24.`,
  )
}

function build(node, { mustSucceed, page: wantsPage }) {
  const began = performance.now()
  const compiler = spawnSync(node, [at('node_modules/@typescript/native-preview/bin/tsgo'), '-b'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (compiler.status !== 0 && mustSucceed) throw new Error(`the build failed:\n${compiler.stdout}${compiler.stderr}`)
  const page = wantsPage && buildPage(node, mustSucceed)
  if (page || performance.now() - began > 3_000) say(`built in ${seconds(began)}`)
}

/** The console's page; skipped when nothing that goes into it has changed. Returns whether it was built. */
function buildPage(node, mustSucceed) {
  if (!existsSync(at('apps/console/vite.config.ts'))) return false
  const stamp = at('node_modules/.cache/firebreak/console')
  const digest = digestOf(['apps/console', 'libs/client/src', 'libs/audit/log/src', 'package-lock.json'])
  const built =
    existsSync(at('apps/console/dist/index.html')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest
  if (built) return false
  const vite = spawnSync(node, [at('node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], {
    cwd: at('apps/console'),
    encoding: 'utf8',
  })
  if (vite.status !== 0) {
    const text = `the console's page was not built:\n${vite.stdout}${vite.stderr}`
    if (mustSucceed) throw new Error(text)
    say(text)
    return false
  }
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, digest)
  return true
}

/** Of names, sizes and times, not of contents: it is asked at every start. */
function digestOf(paths) {
  const hash = createHash('sha256')
  const add = (path) => {
    const stat = statSync(path)
    if (!stat.isDirectory()) hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`)
    else
      for (const name of readdirSync(path).sort())
        if (!['dist', 'node_modules', 'e2e'].includes(name) && !name.endsWith('.tsbuildinfo')) add(join(path, name))
  }
  for (const path of paths.map((path) => at(path)).filter(existsSync)) add(path)
  return hash.digest('hex')
}

/** Runs the program and becomes its shadow: it gets our signals, we get its exit code, and it ends when we are killed. */
async function handOver(node, program) {
  const child = spawn(
    node,
    [
      '--enable-source-maps',
      '--import',
      pathToFileURL(at('infra/dev/preload/die-with-parent.mjs')).href,
      at(program),
      ...args,
    ],
    {
      // npm changes into the checkout; names of files that a person types are from where the person is.
      cwd: ['audit-check', 'firebreak'].includes(command) ? (process.env.INIT_CWD ?? process.cwd()) : root,
      env: { ...process.env, PATH: `${at('node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`, TZ: 'UTC' },
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      // A group of its own: of one Ctrl-C, the terminal, npm and we would each bring it a copy, and the second one kills.
      detached: true,
    },
  )
  let last = -Infinity
  const forward = (signal) => {
    if (performance.now() - last > 400) child.kill(signal)
    last = performance.now()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => forward(signal))
  const watch = watchNpm(() => forward('SIGTERM'))
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (...how) => resolve(how))
  })
  clearInterval(watch)
  return code ?? 128 + (os.signals[signal] ?? 0)
}

/** Started by npm, we are nothing without it: when it is killed outright, nobody could stop us any more. */
function watchNpm(gone) {
  const npm = process.env.npm_lifecycle_event
    ? ancestors(process.ppid).find(({ command }) => /^npm |npm-cli\.js/.test(command))
    : undefined
  return npm && setInterval(() => startOf(npm.pid) !== npm.start && gone(), 500)
}

/** From `pid` upwards, a few steps: between npm and us there may be the shell that npm runs scripts in. Empty without /proc. */
function ancestors(pid, steps = 3) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return [{ pid, command, start: startOf(pid) }, ...(steps > 1 ? ancestors(parent, steps - 1) : [])]
  } catch {
    return []
  }
}

/** Wipes everything that Firebreak keeps, but never under a Firebreak that runs. */
async function reset() {
  const data = resolve(root, process.env.FIREBREAK_DATA || '.firebreak')
  if (!existsSync(data)) return 0
  const ours =
    data === at('.firebreak') || existsSync(join(data, 'secrets.json')) || existsSync(join(data, 'launcher.pid'))
  if (!ours) throw new Error(`${data} does not look like Firebreak's data; remove it yourself if it is`)
  const launcher = json(join(data, 'launcher.pid'))
  if (launcher && startOf(launcher.pid) !== undefined && startOf(launcher.pid) === launcher.start) {
    throw new Error(
      `Firebreak runs from ${data} as process ${launcher.pid}. Stop it first, with Ctrl-C there or: kill ${launcher.pid}`,
    )
  }
  for (const { name, pid, start } of launcher?.running ?? []) if (startOf(pid) === start) await end(name, pid, start)
  rmSync(data, { recursive: true, force: true })
  say(`wiped ${data}`)
  return 0
}

/** What a killed launcher left running. */
async function end(name, pid, start) {
  for (const signal of [name === 'postgres' ? 'SIGINT' : 'SIGTERM', 'SIGKILL']) {
    try {
      process.kill(pid, signal)
    } catch {
      return
    }
    const deadline = performance.now() + 10_000
    while (startOf(pid) === start && performance.now() < deadline) await new Promise((wake) => setTimeout(wake, 50))
  }
}

/** As `startOf` in src/processes.ts, which is not built when this runs; undefined when there is no such process, or a zombie. */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    if (existsSync('/proc/self')) return undefined
    return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() || undefined
  }
}

function json(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function seconds(began) {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`
}
