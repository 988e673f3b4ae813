#!/usr/bin/env node
/**
 * `npx firebreak …`. Plain JavaScript: a Node that is too old gets the one that npm brought, and a checkout that is not built
 * yet goes through the bootstrap, which installs, builds and comes back to the built program.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../../..')
const program = join(import.meta.dirname, '../dist/main.js')
const platform = process.platform === 'win32' ? 'win' : process.platform
const own = join(root, `node_modules/node-${platform}-${process.arch}/bin/node${platform === 'win' ? '.exe' : ''}`)

const isBuilt = existsSync(program)
if (isBuilt && Number(process.versions.node.split('.')[0]) >= 22) await import(program)
else if (isBuilt && existsSync(own)) await become(own, [program])
else await become(process.execPath, [join(root, 'infra/dev/bootstrap.mjs'), 'firebreak'])

/** Runs another program in our place: the terminal and its signals are the child's. */
async function become(node, first) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)
  const child = spawn(node, [...first, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, INIT_CWD: process.cwd() },
  })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (...how) => resolve(how))
  })
  process.exitCode = code ?? 128 + constants.signals[signal]
}
