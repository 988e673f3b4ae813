import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { allCommands } from './commands/index.js'
import { EXIT } from './exits.js'
import { helpOf, overview, usageOf } from './help.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const rows = readme.split('\n').filter((line) => line.startsWith('|'))

test('the README lists every command with what it takes, in the order of help', () => {
  const listed = rows.flatMap((row) => /^\| `(firebreak [^`]+)` +\| (.+?) +\|$/.exec(row)?.slice(1, 3).join(': ') ?? [])
  const escaped = (text: string) => text.replaceAll('|', '\\|')
  expect(listed).toEqual(allCommands().map((one) => `${usageOf(one)}: ${escaped(one.about)}`))
})

test('and every exit code, as help does', () => {
  const listed = rows.flatMap((row) => /^\| (\d+) /.exec(row)?.[1] ?? []).map(Number)
  expect(listed).toEqual(Object.values(EXIT))
  for (const code of Object.values(EXIT)) if (code !== 130) expect(overview([], [])).toContain(`${code} `)
})

test('the help of each command says all that it takes', () => {
  for (const command of allCommands())
    for (const name of [...Object.keys(command.options), '--json', ...command.args.map((one) => one.name)])
      expect(helpOf(command)).toContain(name)
})
