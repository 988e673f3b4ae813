import { expect, test } from 'vitest'
import { commandsIn } from './commands.js'

test('a line is a command, and one that goes on is one with the next', () => {
  expect(commandsIn('kubectl get pods\nkubectl scale \\\n  --replicas=5 \\\n  deploy/api\n\necho done\n')).toEqual([
    'kubectl get pods',
    'kubectl scale \\\n  --replicas=5 \\\n  deploy/api',
    '',
    'echo done',
  ])
})

test('what is copied line by line is all that is shown, and nothing else', () => {
  const text = 'a\n\n b\\\nc\n'
  expect(commandsIn(text).join('\n')).toBe(text.trimEnd())
})
