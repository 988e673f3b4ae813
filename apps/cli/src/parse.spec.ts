import { expect, test } from 'vitest'
import { allCommands } from './commands/index.js'
import { parse } from './parse.js'

const read = (line: string) => parse(line.split(' '), allCommands())

test('a command, its words and its options; those of every command stand anywhere', () => {
  for (const line of [
    'plans create scale-api --param replicas=5 --param x=y --json --url http://h',
    '--json --url http://h plans create --param replicas=5 scale-api --param x=y',
    '--url=http://h plans create scale-api --json --param=replicas=5 --param x=y',
  ])
    expect(read(line)).toMatchObject({
      command: { path: ['plans', 'create'] },
      given: { args: { recipe: 'scale-api' }, options: { param: ['replicas=5', 'x=y'], wait: false } },
      global: { json: true, url: 'http://h' },
    })
})

test.each([
  ['plnas list', 'there is no command plnas; did you mean plans?'],
  ['frobnicate', 'there is no command frobnicate; firebreak --help lists them'],
  ['plans lsit', 'plans has no lsit. There is: list, show, create, cancel'],
  ['plans list --limt 3', "Unknown option '--limt'; did you mean --limit?"],
  ['plans show', '<plan> is missing: firebreak plans show <plan>'],
  ['plans show a b', 'b is one word too many: firebreak plans show <plan>'],
  ['plans cancel pln_1', '--reason <text> is missing'],
  ['alerts list --state burning', '--state burning: there is firing, resolved'],
  ['completion tcsh', '<shell> is one of bash, zsh, fish, not tcsh'],
  ['plans list --limit', "Option '--limit <value>' argument missing"],
])('%s: says what was found and what there is', (line, says) => {
  expect(() => read(line)).toThrow(expect.objectContaining({ exit: 2, message: says }) as Error)
})

test('no two commands have one name, and none is hidden behind another', () => {
  const names = allCommands().map(({ path }) => path.join(' '))
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(names.filter((other) => other.startsWith(`${name} `))).toEqual([])
})
