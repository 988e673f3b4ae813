import { recipes } from '@firebreak/catalog'
import { HouseError } from '@firebreak/house'
import { ConfigError, readConfig, readHouse } from './config.js'
import { shownConfig } from './shown-config.js'

/**
 * `npm run config`: reads the environment and `firebreak.yaml` as the API does when it starts, and prints what it understood, or
 * what is wrong (exit 1). Nothing is connected to.
 */
try {
  const config = readConfig(process.env)
  const { house } = await readHouse(config.houseFile, recipes)
  process.stdout.write(`${JSON.stringify(shownConfig(config, house), null, 2)}\n`)
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof HouseError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
