import { parseArgs } from 'node:util'
import { GLOBAL, type Command, type Given, type Option, type Options } from './command.js'
import { usage } from './exits.js'

export interface Parsed {
  command: Command | undefined
  /** How far the words were understood: `['plans']` asks what there is for plans. */
  path: readonly string[]
  given: Given<string, Options>
  global: Given<string, typeof GLOBAL>['options']
}

/**
 * Reads a command line. Options of every command may stand anywhere, its own after its name.
 * Throws Ended (exit 2) with what was found and what there is.
 */
export function parse(argv: readonly string[], commands: readonly Command[]): Parsed {
  const { before, path, rest } = pathIn(argv, commands)
  const found = commands.find((one) => one.path.join(' ') === path.join(' '))
  const options: Options = { ...GLOBAL, ...found?.options }
  const { positionals, values } = read([...before, ...rest], options)
  const global = pick(GLOBAL, values) as unknown as Parsed['global']
  if (!found && path.length > 0 && positionals.length > 0)
    throw usage(`${path.join(' ')} has no ${positionals[0]}. There is: ${below(path, commands).join(', ')}`)
  if (!found && positionals.length > 0)
    throw usage(
      `there is no command ${positionals[0]}${didYouMean(positionals[0]!, below([], commands)) || '; firebreak --help lists them'}`,
    )
  if (!found || global.help) return { command: found, path, given: { args: {}, options: {} }, global }
  const own = pick(found.options, values)
  return { command: found, path, given: { args: argumentsOf(found, positionals), options: own }, global }
}

/** Which words may come after these. */
export const below = (path: readonly string[], commands: readonly Command[]): string[] => [
  ...new Set(
    commands
      .filter((one) => path.every((word, at) => one.path[at] === word) && one.path.length > path.length)
      .map((one) => one.path[path.length]!),
  ),
]

/** Takes the longest beginning that names a command; global options may stand before it. */
function pathIn(argv: readonly string[], commands: readonly Command[]) {
  let at = 0
  while (argv[at]?.startsWith('-') && argv[at] !== '--') {
    const [name, value] = argv[at]!.replace(/^--?/, '').split('=', 2)
    const option: Option | undefined = (GLOBAL as Options)[name === 'h' ? 'help' : name!]
    at += option?.takes !== undefined && value === undefined ? 2 : 1
  }
  const before = argv.slice(0, at)
  const path: string[] = []
  while (at < argv.length && below(path, commands).includes(argv[at]!)) path.push(argv[at++]!)
  return { before, path, rest: argv.slice(at) }
}

function read(args: string[], options: Options) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: Object.fromEntries(
        Object.entries(options).map(([name, { many, takes }]) => [
          name,
          {
            type: takes === undefined ? ('boolean' as const) : ('string' as const),
            ...(many ? { multiple: true } : {}),
            ...(name === 'help' ? { short: 'h' } : {}),
          },
        ]),
      ),
    })
  } catch (error) {
    const name = /option '--?([\w-]+)/.exec((error as Error).message)?.[1]
    const guess = name === undefined || name in options ? '' : didYouMean(name, Object.keys(options), '--')
    throw usage((error as Error).message.split('. ')[0]!.replace(/\.$/, '') + guess)
  }
}

function pick(options: Options, values: Record<string, unknown>): Given<string, Options>['options'] {
  return Object.fromEntries(
    Object.entries(options).map(([name, { many, required, takes, words }]) => {
      const value = values[name] as string | boolean | string[] | undefined
      if (required && (value === undefined || value === '')) throw usage(`--${name} <${takes}> is missing`)
      const said = typeof value === 'string' ? [value] : Array.isArray(value) ? value : []
      const unknown = words && said.find((word) => !words.includes(word))
      if (unknown !== undefined) throw usage(`--${name} ${unknown}: there is ${words!.join(', ')}`)
      return [name, takes === undefined ? value === true : many ? (value ?? []) : value]
    }),
  ) as Given<string, Options>['options']
}

function argumentsOf({ args, path }: Command, words: readonly string[]): Record<string, string> {
  const missing = args.find(({ optional }, at) => !optional && (words[at] ?? '') === '')
  const shape = `firebreak ${[...path, ...args.map(shapeOf)].join(' ')}`
  if (missing) throw usage(`<${missing.name}> is missing: ${shape}`)
  if (words.length > args.length) throw usage(`${words[args.length]} is one word too many: ${shape}`)
  for (const [at, { name, words: known }] of args.entries())
    if (known && words[at] !== undefined && !known.includes(words[at]))
      throw usage(`<${name}> is one of ${known.join(', ')}, not ${words[at]}`)
  return Object.fromEntries(args.flatMap(({ name }, at) => (words[at] === undefined ? [] : [[name, words[at]]])))
}

export const shapeOf = ({ name, optional }: { name: string; optional?: true }): string =>
  optional ? `[${name}]` : `<${name}>`

/** The nearest of what there is, where one is near. */
export function didYouMean(word: string, known: readonly string[], prefix = ''): string {
  const near = known
    .map((one) => ({ one, far: distance(word, one) }))
    .filter(({ far, one }) => far <= Math.max(1, Math.floor(one.length / 2)))
    .sort((a, b) => a.far - b.far)[0]
  return near ? `; did you mean ${prefix}${near.one}?` : ''
}

/** How many letters must be put in, left out or exchanged (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= to.length; j += 1)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1))
    row = next
  }
  return row[to.length]!
}
