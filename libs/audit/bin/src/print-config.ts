import { resolve } from 'node:path'
import { printSettings } from '@firebreak/settings'
import {
  notaryEnvironment,
  notarySettings,
  readEnvironment,
  sequencerEnvironment,
  sequencerSettings,
} from './settings.js'

/** `npm run config -- sequencer` and `-- notary`: what they understand of this environment, or what is wrong with it. */
const [name, ...argv] = process.argv.slice(2)
const of =
  name === 'notary'
    ? { settings: notarySettings, environment: notaryEnvironment }
    : { settings: sequencerSettings, environment: sequencerEnvironment }
const { code, err, out } = await printSettings(
  name === 'notary' ? 'notary' : 'sequencer',
  of.settings,
  () => (readEnvironment(of.environment, process.env), {}),
  { argv, env: process.env, page: resolve(import.meta.dirname, '../../../../CONFIGURATION.md') },
)
process.stdout.write(out)
process.stderr.write(err)
process.exitCode = code
