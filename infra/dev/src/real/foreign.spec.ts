import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort, isAlive, until } from '../processes.js'
import { startForeign, type Foreign } from './foreign.js'

let dir: string
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'firebreak-foreign-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const foreign = async (script: string, more: Partial<Foreign> = {}): Promise<Foreign> => {
  const port = await freePort()
  return {
    name: 'stranger',
    command: process.execPath,
    args: ['-e', script, String(port)],
    cwd: dir,
    logFile: join(dir, 'log'),
    ready: `http://127.0.0.1:${port}/`,
    ...more,
  }
}

/** Serves from a child that pays no heed to SIGTERM, as servers with workers do. */
const STUBBORN = `
  const { spawn } = require('node:child_process')
  const child = spawn(process.execPath, ['-e', \`
    process.on('SIGTERM', () => {})
    require('node:http').createServer((_, answer) => answer.end()).listen(\${process.argv[1]}, '127.0.0.1')
  \`])
  require('node:fs').writeFileSync('child', String(child.pid))
  process.on('SIGTERM', () => process.exit(0))
`

test('all that a server started ends with it, and its folder goes', { timeout: 60_000 }, async () => {
  const { pid, stop } = await startForeign(await foreign(STUBBORN, { takes: dir }))
  const child = Number(readFileSync(join(dir, 'child'), 'utf8'))
  expect([isAlive(pid), isAlive(child)]).toEqual([true, true])
  await stop()
  expect([isAlive(pid), isAlive(child)]).toEqual([false, false])
  expect(() => readFileSync(join(dir, 'child'))).toThrow(/ENOENT/)
})

test('what does not start says its last words', async () => {
  await expect(startForeign(await foreign(`console.log('no room'); process.exit(3)`))).rejects.toThrow(
    /stranger does not start \(ended with 3\)[^]*no room/,
  )
  await expect(startForeign(await foreign('', { command: join(dir, 'nothing') }))).rejects.toThrow(/ENOENT/)
})

test('what is never ready is ended', async () => {
  const script = `require('node:fs').writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1000)`
  const never = await foreign(script, { readyMs: 2_000 })
  await expect(startForeign(never)).rejects.toThrow(/not ready in time/)
  const pid = Number(readFileSync(join(dir, 'pid'), 'utf8'))
  expect(await until(() => !isAlive(pid), 5_000)).toBe(true)
})

test("a developer's keys stay with the developer", async () => {
  process.env['AWS_SECRET_ACCESS_KEY'] = 'of a developer'
  try {
    const script = `
      require('node:http').createServer((_, answer) => answer.end()).listen(process.argv[1], '127.0.0.1')
      require('node:fs').writeFileSync('environment', JSON.stringify(process.env))
    `
    const { stop } = await startForeign(await foreign(script, { env: { OWN: 'yes' } }))
    const environment = JSON.parse(readFileSync(join(dir, 'environment'), 'utf8')) as Record<string, string>
    await stop()
    expect(environment).toMatchObject({ OWN: 'yes', TZ: 'UTC' })
    expect(environment).not.toHaveProperty('AWS_SECRET_ACCESS_KEY')
  } finally {
    delete process.env['AWS_SECRET_ACCESS_KEY']
  }
})
