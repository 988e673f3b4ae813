import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataFolder } from './data-folder.js'
import { ROOT } from './root.js'

let folder: string
let data: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-spec-'))
  data = join(folder, 'data')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function bootstrap(...args: string[]) {
  const env = { ...process.env, FIREBREAK_DATA: data }
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'infra/dev/bootstrap.mjs'), ...args], {
    env,
    encoding: 'utf8',
  })
  return { status, stderr }
}

test('reset is refused while a Firebreak runs from the folder, and wipes all of it afterwards', async () => {
  const held = await DataFolder.open(data)
  const refused = bootstrap('reset')
  expect(refused).toMatchObject({ status: 1 })
  expect(refused.stderr).toContain(`as process ${process.pid}`)
  expect(existsSync(join(data, 'secrets.json'))).toBe(true)

  held.release()
  expect(bootstrap('reset')).toMatchObject({ status: 0 })
  expect(existsSync(data)).toBe(false)
  expect(bootstrap('reset')).toMatchObject({ status: 0 })
})

test('reset does not take a folder that is not its own', () => {
  mkdirSync(data)
  writeFileSync(join(data, 'thesis.tex'), 'years of work')
  expect(bootstrap('reset')).toMatchObject({ status: 1 })
  expect(existsSync(join(data, 'thesis.tex'))).toBe(true)
})

test('a command that there is not is named, with those that there are', () => {
  const { status, stderr } = bootstrap('strat')
  expect(status).toBe(1)
  expect(stderr).toMatch(/strat is not a command here. There are: start, test,/)
})

test.each(['wroker', 'constructor'])(
  'config of a process that there is not, %s, names those that there are',
  (name) => {
    const { status, stderr } = bootstrap('config', name)
    expect(status).toBe(1)
    expect(stderr).toBe(`${name} is no process with settings. There are: api, worker, sequencer, notary\n`)
  },
)
