import { resolve } from 'node:path'
import { recipes } from '@firebreak/catalog'
import { printSettings } from '@firebreak/settings'
import { readConfig, readHouse } from './config.js'
import { settings } from './settings.js'
import { shownConfig } from './shown-config.js'

/**
 * `npm run config`: reads the environment and `firebreak.yaml` as the API does when it starts, and prints what it understood, or
 * what is wrong and what to do (exit 1). Nothing is connected to.
 */
const { code, err, out } = await printSettings(
  'api',
  settings,
  async () => {
    const config = readConfig(process.env)
    const { house } = await readHouse(config.houseFile, recipes)
    return shownConfig(config, house)
  },
  { argv: process.argv.slice(2), env: process.env, page: resolve(import.meta.dirname, '../../../CONFIGURATION.md') },
)
process.stdout.write(out)
process.stderr.write(err)
process.exitCode = code
