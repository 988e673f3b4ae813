import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { freePort, isAlive, until } from '../src/processes.js'
import { ROOT } from '../src/root.js'

/** `npm start` as a person sees it: the built programs, a data folder and ports of their own, one folder for all stories. */
const MAIN = join(ROOT, 'infra/dev/dist/main.js')
const PATIENCE = 120_000

let data: string
let env: NodeJS.ProcessEnv
const launchers: ChildProcess[] = []

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'firebreak-start-'))
  const [port, sandboxPort] = [await freePort(), await freePort()]
  env = {
    ...process.env,
    FIREBREAK_DATA: data,
    FIREBREAK_PORT: String(port),
    FIREBREAK_SANDBOX_PORT: String(sandboxPort),
    // The same on every machine. With a real Prometheus: infra/dev/src/real/monitors.real.spec.ts.
    FIREBREAK_MONITORS: 'sandbox',
  }
})

afterEach(async () => {
  for (const launcher of launchers.splice(0)) {
    launcher.kill('SIGTERM')
    await until(() => launcher.exitCode !== null || launcher.signalCode !== null, PATIENCE)
  }
})

afterAll(() => {
  spawnSync(process.execPath, [join(ROOT, 'infra/dev/bootstrap.mjs'), 'reset'], { env })
  rmSync(data, { recursive: true, force: true })
})

function start(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  launchers.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, by) => resolve(code ?? by)),
  )
  const said = () => text
  const serves = async () => {
    await until(() => text.includes('Ctrl-C stops it') || child.exitCode !== null, PATIENCE)
    expect(text).toContain('Ctrl-C stops it')
  }
  return { child, ended, said, serves }
}

interface Noted {
  name: string
  pid: number
}
const running = () => (JSON.parse(readFileSync(join(data, 'launcher.pid'), 'utf8')) as { running: Noted[] }).running
const pidOf = (name: string) => running().find((one) => one.name === name)?.pid ?? 0

test(
  'the story is told, all of it holds, and nothing is left running',
  async () => {
    const { ended, said } = start('--once')
    expect(await ended, said()).toBe(0)
    expect(JSON.parse(readFileSync(join(data, 'story/story.json'), 'utf8'))).toMatchObject({ ok: true })
    expect(() => running()).toThrow(/ENOENT/)
  },
  PATIENCE,
)

test(
  'a second start is refused while the first runs, and one on its port with the variable to set; Ctrl-C stops everything',
  async () => {
    const first = start('--no-story')
    await first.serves()
    const processes = running()
    expect(processes.map((one) => one.name).toSorted()).toEqual([
      'api',
      'notary',
      'postgres',
      'redis',
      'sandbox',
      'sequencer',
      'worker',
    ])

    const second = start('--no-story')
    expect(await second.ended).toBe(1)
    expect(second.said()).toContain(`as process ${first.child.pid}`)

    const other = mkdtempSync(join(tmpdir(), 'firebreak-start-'))
    try {
      const { status, stderr } = spawnSync(process.execPath, [MAIN, '--no-story'], {
        cwd: ROOT,
        env: { ...env, FIREBREAK_DATA: other },
        encoding: 'utf8',
      })
      expect(status).toBe(1)
      expect(stderr).toMatch(/Port \d+ of 127.0.0.1 is taken.*set FIREBREAK_PORT/)
    } finally {
      rmSync(other, { recursive: true, force: true })
    }

    first.child.kill('SIGINT')
    expect(await first.ended, first.said()).toBe(0)
    expect(processes.filter(({ pid }) => isAlive(pid))).toEqual([])
  },
  PATIENCE,
)

test(
  'kill -9 of each program: it is started again, and the API is well',
  async () => {
    const { child, ended, said, serves } = start('--no-story')
    await serves()
    const health = () =>
      fetch(`http://127.0.0.1:${env['FIREBREAK_PORT']}/v1/health`).then(
        (response) => response.status === 200,
        () => false,
      )
    for (const name of ['api', 'worker', 'sequencer', 'notary', 'sandbox', 'redis', 'postgres']) {
      const pid = pidOf(name)
      process.kill(pid, 'SIGKILL')
      expect(await until(() => ![0, pid].includes(pidOf(name)), PATIENCE), said()).toBe(true)
      expect(said()).toContain(`! ${name} ended`)
      expect(await until(health, PATIENCE, 100), `${name}\n${said()}`).toBe(true)
    }
    child.kill('SIGTERM')
    expect(await ended, said()).toBe(0)
  },
  2 * PATIENCE,
)

test(
  'after kill -9 of the launcher its programs end, and the next start goes on with the same data',
  async () => {
    const first = start('--no-story')
    await first.serves()
    const before = running()
    first.child.kill('SIGKILL')
    await first.ended
    const programs = before.filter(({ name }) => !['postgres', 'redis'].includes(name))
    expect(await until(() => programs.every(({ pid }) => !isAlive(pid)), PATIENCE)).toBe(true)

    const again = start('--once')
    expect(await again.ended, again.said()).toBe(0)
    expect(before.filter(({ pid }) => isAlive(pid))).toEqual([])
  },
  2 * PATIENCE,
)

test(
  'after kill -9 of all of them at once, in the middle of a repair, nothing is lost',
  async () => {
    const first = start()
    await until(() => first.said().includes('checking whether it helped') || first.child.exitCode !== null, PATIENCE)
    const { people } = JSON.parse(readFileSync(join(data, 'people.json'), 'utf8')) as {
      people: { id: string; key: string }[]
    }
    const authorization = `Bearer ${people.find(({ id }) => id === 'audrey')?.key}`
    const answer = await fetch(`http://127.0.0.1:${env['FIREBREAK_PORT']}/v1/audit/checkpoint`, {
      headers: { authorization },
    })
    const kept = join(data, 'kept-by-the-auditor.txt')
    writeFileSync(kept, await answer.text())
    for (const pid of [first.child.pid!, ...running().map(({ pid }) => pid)]) process.kill(pid, 'SIGKILL')
    await first.ended

    const again = start('--once')
    expect(await again.ended, again.said()).toBe(0)
    // The run that was cut short came to its end: what it had borrowed was there to be given back.
    expect(again.said()).toContain('(left by an earlier story)')
    // And the log is the one that the auditor saw, and more: consistent with the checkpoint that they kept.
    const story = join(data, 'story')
    const check = [join(ROOT, 'libs/audit/bin/dist/audit-check.js'), join(story, 'bundle.tar')]
    const { status, stdout } = spawnSync(
      process.execPath,
      [...check, '--policy', join(story, 'policy.txt'), '--checkpoint', kept],
      { encoding: 'utf8' },
    )
    expect(status, stdout).toBe(0)
    expect(stdout).toMatch(/VALID/)
  },
  2 * PATIENCE,
)
