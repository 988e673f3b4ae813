import { resolve } from 'node:path'
import { printSettings } from '@firebreak/settings'
import { readConfig } from './config.js'
import { settings } from './settings.js'

/** `npm run config -- worker`: as for the API, of the worker. Keys are read and not shown; nothing is connected to. */
const { code, err, out } = await printSettings(
  'worker',
  settings,
  () => ({ recipes: [...readConfig(process.env).recipes.keys()] }),
  { argv: process.argv.slice(2), env: process.env, page: resolve(import.meta.dirname, '../../../CONFIGURATION.md') },
)
process.stdout.write(out)
process.stderr.write(err)
process.exitCode = code
