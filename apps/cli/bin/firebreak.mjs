#!/usr/bin/env node
/**
 * `npx firebreak …`. Plain JavaScript: in a checkout that is not built yet it hands over to the bootstrap, which installs,
 * builds and comes back to the built program; a Node that is too old gets the one that npm brought.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../../..')
const program = join(import.meta.dirname, '../dist/main.js')

if (existsSync(program) && Number(process.versions.node.split('.')[0]) >= 22) await import(program)
else {
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'infra/dev/bootstrap.mjs'), 'firebreak', ...process.argv.slice(2)],
    { stdio: 'inherit', env: { ...process.env, INIT_CWD: process.cwd() } },
  )
  process.exitCode = status ?? 1
}
