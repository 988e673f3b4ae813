import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { Ended, EXIT, usage } from './exits.js'

/** What the command line and the environment say about where to ask, and as whom. */
export interface Settings {
  url: string
  /** Which of them said so: `--url`, `FIREBREAK_URL` or `default`. */
  urlFrom: string
  token: string | undefined
  /** Where the token came from; never the token. */
  tokenFrom: string
  timeoutMs: number
}

const DEFAULT_URL = 'http://127.0.0.1:4600'
const DEFAULT_TIMEOUT_S = 600
/** More than any key or token has. */
const LARGEST = 16 * 1024
const OTHERS = 0o077

/**
 * Reads the settings. Throws Ended: exit 2 for what cannot be used, 4 for a file that others may read.
 * @param checkout the folder of the checkout, for the sandbox's people
 */
export function readSettings(
  given: {
    url?: string | undefined
    'token-file'?: string | undefined
    as?: string | undefined
    timeout?: string | undefined
  },
  env: NodeJS.ProcessEnv,
  checkout: string,
): Settings {
  const [url, urlFrom] = given.url
    ? [given.url, '--url']
    : env['FIREBREAK_URL']
      ? [env['FIREBREAK_URL'], 'FIREBREAK_URL']
      : [DEFAULT_URL, 'default']
  const seconds = Number(given.timeout ?? DEFAULT_TIMEOUT_S)
  if (!(seconds > 0 && seconds <= 86_400))
    throw usage('--timeout is a number of seconds, more than 0 and at most 86400')
  return { url: addressOf(url, urlFrom), urlFrom, timeoutMs: seconds * 1000, ...tokenOf(given, env, checkout) }
}

function addressOf(text: string, from: string): string {
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw usage(`${from} must be an address like https://firebreak.example or ${DEFAULT_URL}`)
  if (url.username !== '' || url.password !== '')
    throw usage(`${from} must be without a name and a password: who you are is said by FIREBREAK_TOKEN`)
  if (url.search !== '' || url.hash !== '') throw usage(`${from} must end before ? and #`)
  return url.href.replace(/\/+$/, '')
}

/** Whether what is sent there can be read on the way. */
export const isInTheClear = (url: string): boolean => {
  const { hostname, protocol } = new URL(url)
  return protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

function tokenOf(given: Parameters<typeof readSettings>[0], env: NodeJS.ProcessEnv, checkout: string) {
  if (given.as !== undefined && given['token-file'] !== undefined)
    throw usage('--as and --token-file say the same thing twice')
  if (given.as !== undefined) return seeded(given.as, env, checkout)
  const file = given['token-file'] ?? (env['FIREBREAK_TOKEN'] ? undefined : env['FIREBREAK_TOKEN_FILE'])
  if (file) {
    const text = readPrivate(file, 'the token')
    if (text === undefined) throw usage(`there is no file ${file} to read a token from`)
    return { token: tokenIn(text, file), tokenFrom: file }
  }
  if (env['FIREBREAK_TOKEN'])
    return { token: tokenIn(env['FIREBREAK_TOKEN'], 'FIREBREAK_TOKEN'), tokenFrom: 'FIREBREAK_TOKEN' }
  const own = join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'firebreak', 'token')
  const text = readPrivate(own, 'the token')
  return text === undefined ? { token: undefined, tokenFrom: 'none' } : { token: tokenIn(text, own), tokenFrom: own }
}

function tokenIn(text: string, from: string): string {
  const token = text.trim()
  if (!/^[\x21-\x7e]+$/.test(token)) throw usage(`${from} holds no token: one line like fbk_… was expected`)
  return token
}

/** The sandbox makes keys for its people at its first start. In earnest nobody has such a file. */
function seeded(person: string, env: NodeJS.ProcessEnv, checkout: string) {
  const file =
    env['FIREBREAK_PEOPLE_FILE'] || join(resolve(checkout, env['FIREBREAK_DATA'] || '.firebreak'), 'people.json')
  const people = peopleIn(readPrivate(file, 'the sandbox’s people'))
  if (!people) throw usage(`--as is for the sandbox, and ${file} names nobody: start it with npm start`)
  const found = people.find(({ id }) => id === person)
  if (!found) throw usage(`the sandbox has no ${person}: there is ${people.map(({ id }) => id).join(', ')}`)
  return { token: found.key, tokenFrom: `${file} (${person})` }
}

function peopleIn(text: string | undefined): { id: string; key: string }[] | undefined {
  try {
    return (JSON.parse(text ?? '') as { people?: { id: string; key: string }[] }).people
  } catch {
    return undefined
  }
}

/** Undefined where there is no such file. Throws Ended for one that others may read, that is no file, or too large. */
export function readPrivate(path: string, what: string): string | undefined {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw usage(`${what} in ${path} cannot be read (${code})`)
  }
  try {
    // Of the file that is open, not of whatever stands under that name a moment later.
    const stats = fstatSync(file)
    const { mode, size } = stats
    if (!stats.isFile()) throw usage(`${path} is no file`)
    if (size > LARGEST) throw usage(`${path} has ${size} bytes: that is no token`)
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
      throw new Ended(
        EXIT.notSignedIn,
        `others may read ${path} (mode ${(mode & 0o777).toString(8)}), so what it holds may be known by now. Make it yours alone: chmod 600 ${path}. If somebody may have read it, revoke the key and make a new one.`,
        'token-file-open',
      )
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}
