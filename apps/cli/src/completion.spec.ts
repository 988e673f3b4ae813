import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { allCommands } from './commands/index.js'
import { completion } from './completion.js'

const there = (shell: string) => spawnSync(shell, ['--version']).error === undefined

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const script = `${completion('bash', allCommands())}
COMP_WORDS=(firebreak ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _firebreak; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { status, stderr, stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.split('\n').filter((word) => word !== '' && !word.startsWith('--'))
}

test.skipIf(!there('bash'))('bash offers commands, their words, and the values of options', () => {
  expect(offered('')).toEqual([...new Set(allCommands().map(({ path }) => path[0]))])
  expect(offered('plans', '')).toEqual(['list', 'show', 'create', 'cancel'])
  expect(offered('--as', 'hannah', 'plans', 'c')).toEqual(['create', 'cancel'])
  expect(offered('alerts', 'list', '--state', '')).toEqual(['firing', 'resolved'])
  expect(offered('completion', 'z')).toEqual(['zsh'])
})

test.each(['bash', 'zsh', 'fish'] as const)(
  '%s: every command and every option is in it, and the shell can read it',
  (shell) => {
    const script = completion(shell, allCommands())
    for (const { options, path } of allCommands()) {
      for (const word of path) expect(script).toContain(word)
      for (const name of Object.keys(options)) expect(script).toContain(shell === 'fish' ? `'${name}'` : `--${name}`)
    }
    if (!there(shell)) return console.warn(`no ${shell} here: its script was not read by it`)
    const { stderr } = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' })
    expect(stderr).toBe('')
  },
)
