import { type ChildProcess, spawn, spawnSync, type SpawnOptions } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'

interface Owner {
  uid: number
  gid: number
}

/** A way to run Postgres' programs as somebody who is not root. */
export interface Runner {
  spawn(program: string, args: string[], options: SpawnOptions): ChildProcess
  /** Who the files must belong to, where that is not who we are. */
  owner?: Owner
}

const NAMESPACE = ['--user', '--map-user=1000', '--map-group=1000', '--']

/**
 * Postgres refuses to run as root. For root there are two ways, and the first one that can use `folder` is taken:
 * a user namespace in which root is called 1000 (files stay root's, and folders of mode 0700 are no hindrance), or a user
 * of the system, to whom the folder is given. unshare execs the program, so its pid is the program's.
 */
export function runnerFor(postgres: string, folder: string): Runner {
  if (process.getuid?.() !== 0) return { spawn }
  const usable = ['/bin/sh', '-c', 'test -w "$1" && "$2" --version', 'sh', folder, postgres] as const
  if (spawnSync('unshare', [...NAMESPACE, ...usable], { stdio: 'ignore' }).status === 0) {
    return { spawn: (program, args, options) => spawn('unshare', [...NAMESPACE, program, ...args], options) }
  }
  const [shell, ...args] = usable
  for (const owner of systemUsers(folder)) {
    give(folder, owner)
    if (spawnSync(shell, args, { stdio: 'ignore', ...owner }).status === 0) {
      return { owner, spawn: (program, args, options) => spawn(program, args, { ...options, ...owner }) }
    }
  }
  throw new Error(
    'Postgres does not run as root, and here root may neither make a user namespace (unshare --user) nor hand the folder ' +
      `to the user postgres or nobody: ${folder}. Run as an ordinary user, or from a folder that others may enter.`,
  )
}

/** Whoever the folder belongs to already, else the users that Linux systems have for such work. */
function systemUsers(folder: string): Owner[] {
  const { uid, gid } = statSync(folder)
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const named = ['postgres', 'nobody'].flatMap((name) => users.filter((user) => user[0] === name))
  return [
    ...(uid === 0 ? [] : [{ uid, gid }]),
    ...named.map((user) => ({ uid: Number(user[2]), gid: Number(user[3]) })),
  ]
}

function give(folder: string, { uid, gid }: Owner): void {
  if (statSync(folder).uid !== uid) spawnSync('chown', ['-R', `${uid}:${gid}`, folder], { stdio: 'ignore' })
}
