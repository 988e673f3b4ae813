import { readFile, writeFile } from 'node:fs/promises'
import { withSettings } from './page.js'
import type { Setting } from './settings.js'
import { cannotStart, shownSettings } from './shown.js'

/**
 * A process's `npm run config`: prints what it would understand of this environment, without secrets (exit 0), or why it
 * could not start and what to do (exit 1). With `--write` it brings its part of CONFIGURATION.md up to date instead.
 *
 * @param understand reads the environment as the process does; what it throws is told by its message alone
 */
export async function printSettings(
  process: string,
  settings: readonly Setting[],
  understand: () => object | Promise<object>,
  { argv, env, page }: { argv: readonly string[]; env: NodeJS.ProcessEnv; page: string },
): Promise<{ code: 0 | 1; out: string; err: string }> {
  if (argv.includes('--write')) {
    await writeFile(page, withSettings(await readFile(page, 'utf8').catch(() => ''), process, settings))
    return { code: 0, out: `written  ${page}, ${process}\n`, err: '' }
  }
  try {
    const understood = await understand()
    const shown = { process, settings: shownSettings(settings, env), ...understood }
    return { code: 0, out: `${JSON.stringify(shown, null, 2)}\n`, err: '' }
  } catch (error) {
    return { code: 1, out: '', err: cannotStart(process, settings, env, (error as Error).message) }
  }
}
