import { GLOBAL, type Command, type Option, type Options } from './command.js'
import { EXIT } from './exits.js'
import { shapeOf } from './parse.js'

const pad = (rows: readonly (readonly [string, string])[]): string[] => {
  const wide = Math.max(0, ...rows.map(([name]) => name.length)) + 2
  return rows.map(([name, about]) => `  ${name.padEnd(wide)}${about}`)
}

export const usageOf = ({ args, options, path }: Command): string =>
  [
    'firebreak',
    ...path,
    ...args.map(shapeOf),
    ...Object.entries(options).flatMap(([name, option]) => (option.required ? [named(name, option)] : [])),
  ].join(' ')

const named = (name: string, { takes }: Option) => (takes === undefined ? `--${name}` : `--${name} <${takes}>`)
const optionRows = (options: Options): [string, string][] =>
  Object.entries(options).map(([name, option]) => [
    named(name, option),
    `${option.about}${option.words ? ` (${option.words.join(', ')})` : ''}${option.many ? ' (repeat)' : ''}`,
  ])

/** What one command takes. */
export function helpOf(command: Command): string {
  const { about, args, more = [], options } = command
  return [
    `usage: ${usageOf(command)} [options]`,
    '',
    `${about.charAt(0).toUpperCase()}${about.slice(1)}.`,
    ...(args.length > 0 ? ['', ...pad(args.map((one) => [shapeOf(one), one.about]))] : []),
    ...(Object.keys(options).length > 0 ? ['', ...pad(optionRows(options))] : []),
    ...(more.length > 0 ? ['', ...more] : []),
    '',
    'always:',
    ...pad(optionRows(GLOBAL)),
    '',
  ].join('\n')
}

/** All commands, or those that begin with the words given. */
export function overview(path: readonly string[], commands: readonly Command[]): string {
  const these = commands.filter((one) => path.every((word, at) => one.path[at] === word))
  return [
    `usage: firebreak ${path.length > 0 ? `${path.join(' ')} ` : ''}<command> [options]`,
    '',
    ...pad(these.map(({ about, args, path: words }) => [[...words, ...args.map(shapeOf)].join(' '), about])),
    '',
    ...pad(optionRows(GLOBAL)),
    '',
    `exit code: ${EXIT.ok} ok, ${EXIT.bad} it ended badly, ${EXIT.usage} usage, ${EXIT.refused} refused, ${EXIT.notSignedIn} not signed in, ${EXIT.unreachable} unreachable, ${EXIT.timeout} not in time, ${EXIT.incomplete} check incomplete`,
    'firebreak <command> --help tells more. Your API key: FIREBREAK_TOKEN, or a file of mode 0600.',
    '',
  ].join('\n')
}
