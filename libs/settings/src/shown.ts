import type { Setting } from './settings.js'

export const HIDDEN = '***'

/** Where it leads, without the password, wherever it stands. What cannot be read as an address is not shown at all. */
export function shownUrl(text: string): string {
  const url = URL.parse(text)
  if (!url) return HIDDEN
  if (url.password !== '') url.password = HIDDEN
  for (const name of [...url.searchParams.keys()])
    if (/pass|secret|token|key/i.test(name)) url.searchParams.set(name, HIDDEN)
  return url.href
}

/** One address, or several with their names: `primary=http://…,fallback=http://…`. */
function shownAddresses(text: string): string {
  const pairs = text.split(',').map((piece) => /^([\w-]+)=(.*)$/s.exec(piece.trim()))
  if (URL.canParse(text) || pairs.some((pair) => !pair)) return shownUrl(text)
  return pairs.map((pair) => `${pair![1]}=${shownUrl(pair![2]!)}`).join(',')
}

/** What a variable comes to, and where that is from. */
export interface Shown {
  value: string | null
  from: 'environment' | 'default' | 'missing' | 'not set'
}

/** What an environment comes to, by name, without any secret. */
export function shownSettings(settings: readonly Setting[], env: NodeJS.ProcessEnv): Record<string, Shown> {
  return Object.fromEntries(
    settings.map((setting): [string, Shown] => [setting.name, shownSetting(setting, env[setting.name])]),
  )
}

function shownSetting({ fallback, needed, secret }: Setting, set: string | undefined): Shown {
  if (set) {
    const value = secret === 'whole' ? HIDDEN : secret === 'password' ? shownAddresses(set) : set
    return { value, from: 'environment' }
  }
  if (fallback !== undefined) return { value: fallback, from: 'default' }
  return { value: null, from: needed ? 'missing' : 'not set' }
}

/** What stands between a person and a start: the faults, what the missing ones mean, and what to do. */
export function cannotStart(
  process: string,
  settings: readonly Setting[],
  env: NodeJS.ProcessEnv,
  faults: string,
): string {
  const missing = settings.filter(({ name, needed }) => needed && !env[name])
  const wide = Math.max(0, ...missing.map(({ name }) => name.length))
  return [
    `The ${process} cannot start with this environment:`,
    ...faults.split('\n').map((line) => `  ${line}`),
    ...(missing.length > 0
      ? ['', 'It needs:', ...missing.map(({ meaning, name }) => `  ${name.padEnd(wide)}  ${meaning}`)]
      : []),
    '',
    'This is read as the process would read it, started from here. `npm start` sets all of it by itself, for everything on',
    'this machine, and needs nothing of you. In earnest set it where the process is started, and ask there; CONFIGURATION.md',
    'has every setting with its meaning and default.',
    '',
  ].join('\n')
}
