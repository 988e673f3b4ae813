import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onPath, unpackPackages } from '../apt.js'
import { withLock } from '../lock.js'
import { ROOT } from '../root.js'

/** Prometheus and Alertmanager with their checking tools, as paths. */
export interface MonitorPrograms {
  prometheus: string
  promtool: string
  alertmanager: string
  amtool: string
  /** Where the two servers have to be started. */
  cwd: string
}

const HOME = join(ROOT, '.firebreak/real')
const UNPACKED = join(HOME, 'monitors')
const PACKAGES = ['prometheus', 'prometheus-alertmanager']

/** What this machine has: installed, or unpacked by an earlier call of `fetchMonitors`. */
export function monitorPrograms(): MonitorPrograms | undefined {
  const installed = {
    prometheus: onPath('prometheus'),
    promtool: onPath('promtool'),
    alertmanager: onPath('prometheus-alertmanager', 'alertmanager'),
    amtool: onPath('amtool'),
  }
  if (isWhole(installed)) return { ...installed, cwd: '/' }
  return existsSync(UNPACKED) ? programsIn(UNPACKED) : undefined
}

/** The same, fetched when it is missing: Debian's packages, unpacked under `.firebreak/`, by any user. */
export async function fetchMonitors(say: (line: string) => void = () => {}): Promise<MonitorPrograms> {
  mkdirSync(HOME, { recursive: true })
  return (
    monitorPrograms() ??
    withLock(join(HOME, 'monitors.lock'), async () => {
      const byAnother = monitorPrograms()
      if (byAnother) return byAnother
      const aside = `${UNPACKED}.${process.pid}`
      try {
        say("fetching Prometheus and Alertmanager: the distribution's packages, unpacked under .firebreak/")
        // Both are static but for the C library; what else they depend on is for their pages in a browser.
        await unpackPackages(aside, PACKAGES, { alone: true })
        looksBesideItself(programsIn(aside).alertmanager)
        renameSync(aside, UNPACKED)
        return programsIn(UNPACKED)
      } finally {
        rmSync(aside, { recursive: true, force: true })
      }
    })
  )
}

const programsIn = (folder: string): MonitorPrograms => ({
  prometheus: join(folder, 'usr/bin/prometheus'),
  promtool: join(folder, 'usr/bin/promtool'),
  alertmanager: join(folder, 'usr/bin/prometheus-alertmanager'),
  amtool: join(folder, 'usr/bin/amtool'),
  cwd: folder,
})

const isWhole = (found: Record<string, string | undefined>): found is Omit<MonitorPrograms, 'cwd'> & typeof found =>
  Object.values(found).every((path) => path !== undefined)

/**
 * Debian's Alertmanager opens its default template at an absolute path, whatever its configuration says, and ends when it
 * is not there. In our copy that path becomes a relative one of the same length: one slash moves. So it is started in its
 * own folder.
 */
function looksBesideItself(program: string): void {
  const absolute = Buffer.from('/usr/share/prometheus/alertmanager')
  const relative = Buffer.from('usr/share/prometheus//alertmanager')
  const bytes = readFileSync(program)
  for (let at = bytes.indexOf(absolute); at >= 0; at = bytes.indexOf(absolute, at)) relative.copy(bytes, at)
  const aside = join(dirname(program), 'relative')
  writeFileSync(aside, bytes, { mode: 0o755 })
  renameSync(aside, program)
}
