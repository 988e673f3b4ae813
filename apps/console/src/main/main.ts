import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { app, dialog } from 'electron'
import { beforeReady, ElectronDesktop } from './desktop/electron.js'
import { logLine } from './log.js'
import { readPage } from './page/files.js'
import { startShell, type Start } from './shell.js'
import { policyFileOf, readSettings, SettingsError } from './start/settings.js'
import { REFUSED_EXIT, refusalText, refusedSwitches } from './start/switches.js'

const log = (line: string) => void process.stderr.write(`${logLine(line)}\n`)

/** Says it where somebody sees it, and ends. */
function refuse(why: string): never {
  process.stderr.write(`${why}\n`)
  dialog.showErrorBox('Firebreak does not start', why)
  app.exit(REFUSED_EXIT)
  throw new Error('does not start')
}

/** Everything that is read before Electron is ready. Throws what stops the start. */
async function prepare(): Promise<Start> {
  const file = policyFileOf(process.platform, process.env['ProgramData'])
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new SettingsError(`${file} cannot be read (${error.code}).`)
  })
  const packaged = app.isPackaged
  const settings = readSettings(text, file, { packaged, url: process.env['FIREBREAK_URL'] })
  // Whoever develops the shell looks into it; a package is for people who hold a session.
  const windows = process.platform === 'win32'
  const refused = packaged ? refusedSwitches(process.argv, { allowed: settings.allowSwitches, windows }) : []
  if (refused.length > 0) throw new SettingsError(refusalText(refused, file))
  const here = import.meta.dirname
  return {
    desktop: new ElectronDesktop(),
    settings,
    files: await readPage(join(here, '..')),
    preload: join(here, 'preload.cjs'),
    argv: process.argv,
    now: Date.now,
    log,
  }
}

const failed = (error: unknown) =>
  refuse(
    error instanceof SettingsError ? error.message : logLine(error instanceof Error ? error.message : String(error)),
  )

beforeReady()
app.on('window-all-closed', () => app.quit())
// Electron is not ready before this file has ended: so a link with which macOS starts us finds its listener.
const start = await prepare().catch(failed)
// And never gets ready while this file waits for it.
startShell(start).catch(failed)
