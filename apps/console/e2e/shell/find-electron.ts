import { accessSync, constants, readFileSync } from 'node:fs'
import { join } from 'node:path'

const home = join(import.meta.dirname, '../../../../node_modules/electron')
const folder = () => process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(home, 'dist')

/** Where Electron's program would be, for people. */
export const whereLooked = (): string => `${folder()}; ELECTRON_OVERRIDE_DIST_PATH names another folder`

/** Electron's program, when it is here already. Files are looked at: to load the package would fetch it. */
export function findElectron(): string | undefined {
  const names = ['electron', 'electron.exe', 'Electron.app/Contents/MacOS/Electron']
  try {
    names.unshift(readFileSync(join(home, 'path.txt'), 'utf8').trim())
  } catch {
    // Nothing was fetched.
  }
  return names.map((name) => join(folder(), name)).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
