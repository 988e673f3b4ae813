import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataFolder } from './data-folder.js'
import { isAlive, startOf, until } from './processes.js'

let folder: string
const started: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-spec-'))
})

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

function run(file: string, code: string): ChildProcess {
  writeFileSync(join(folder, file), code)
  const child = spawn(process.execPath, [join(folder, file)], { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(child)
  return child
}

const firstLine = (child: ChildProcess) =>
  new Promise<string>((resolve) => child.stdout?.once('data', (data) => resolve(String(data).trim())))

test('a process ends by itself when its launcher is killed outright, even one that will not hear of it', async () => {
  const preload = new URL('../preload/die-with-parent.mjs', import.meta.url).href
  writeFileSync(
    join(folder, 'child.mjs'),
    `process.on('SIGTERM', () => console.log('asked')); setInterval(() => {}, 1000)`,
  )
  const launcher = run(
    'launcher.mjs',
    `import { spawn } from 'node:child_process'
     const child = spawn(process.execPath, ['--import', ${JSON.stringify(preload)}, ${JSON.stringify(join(folder, 'child.mjs'))}], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true })
     console.log(child.pid)
     setInterval(() => {}, 1000)`,
  )
  const pid = Number(await firstLine(launcher))
  expect(isAlive(pid)).toBe(true)
  launcher.kill('SIGKILL')
  expect(await firstLine(launcher)).toBe('asked')
  expect(await until(() => !isAlive(pid), 25_000)).toBe(true)
})

test('what a test started goes with it when the test is killed', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'firebreak-spec-'))
  const processes = new URL('./processes.ts', import.meta.url).href
  const holder = run(
    'holder.mjs',
    `import { spawn } from 'node:child_process'
     import { guard } from ${JSON.stringify(processes)}
     const child = spawn('sleep', ['600'], { stdio: 'ignore', detached: true })
     guard(child.pid, ${JSON.stringify(scratch)})
     console.log(child.pid)
     setInterval(() => {}, 1000)`,
  )
  const pid = Number(await firstLine(holder))
  expect(isAlive(pid)).toBe(true)
  holder.kill('SIGKILL')
  expect(await until(() => !isAlive(pid) && !existsSync(scratch), 20_000)).toBe(true)
})

test('a second launcher is refused while the first lives, and told which process that is', async () => {
  const first = await DataFolder.open(folder)
  await expect(DataFolder.open(folder)).rejects.toThrow(`as process ${process.pid}`)
  first.release()
  const second = await DataFolder.open(folder)
  expect(second.recovering).toBe(false)
  expect(second.secrets).toEqual(first.secrets)
})

test('after a launcher was killed, the next one ends what it left', async () => {
  const left = run('left.mjs', `console.log('here'); setInterval(() => {}, 1000)`)
  await firstLine(left)
  const pid = left.pid ?? 0
  const stranger = process.pid
  // The launcher's pid lives on, but as another process: it started at another time.
  writeFileSync(
    join(folder, 'launcher.pid'),
    JSON.stringify({
      pid: stranger,
      start: 'long ago',
      running: [
        { name: 'worker', pid, start: startOf(pid) },
        { name: 'api', pid: stranger, start: 'long ago' },
      ],
    }),
  )
  const folderNow = await DataFolder.open(folder)
  expect(folderNow.recovering).toBe(true)
  expect(isAlive(pid)).toBe(false)
})
