import { ESLint } from 'eslint'
import { beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from './root.js'

/** Lints a text as if it stood in this file; answers the rules that it breaks. */
async function broken(file: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: `${ROOT}/${file}` })
  return (result?.messages ?? []).filter(({ severity }) => severity === 2).map(({ ruleId }) => ruleId ?? 'syntax')
}

let eslint: ESLint
beforeAll(() => {
  eslint = new ESLint({ cwd: ROOT })
})

const wall = '@nx/enforce-module-boundaries'

// The linter reads the types of a whole project for each: minutes, when everything else runs beside it.
describe('the house refuses', { timeout: 180_000 }, () => {
  test.each([
    [
      'the language of recipes that knows a database',
      'libs/recipes/kit/src/index.ts',
      `import pg from 'pg'\nexport default pg`,
    ],
    [
      'a recipe that knows the engine',
      'libs/recipes/catalog/src/index.ts',
      `import { Runner } from '@firebreak/flow'\nexport default Runner`,
    ],
    [
      'the reader of recipes in YAML that knows the engine',
      'libs/recipes/yaml/src/index.ts',
      `import { Runner } from '@firebreak/flow'\nexport default Runner`,
    ],
    [
      'a domain that knows its store',
      'libs/flow/src/index.ts',
      `import { openStore } from '@firebreak/store'\nexport default openStore`,
    ],
    [
      'an API that has hands',
      'apps/api/src/main.ts',
      `import { KubernetesHands } from '@firebreak/targets'\nexport default KubernetesHands`,
    ],
    [
      'a log that knows its tables',
      'libs/audit/log/src/index.ts',
      `import { append } from '@firebreak/audit-store'\nexport default append`,
    ],
    [
      'a page that knows the record',
      'apps/console/src/renderer/main.tsx',
      `import { openStore } from '@firebreak/store'\nexport default openStore`,
    ],
    [
      'a command line that knows the rules by itself',
      'apps/cli/src/main.ts',
      `import { Approvals } from '@firebreak/flow'\nexport default Approvals`,
    ],
    [
      'an app inside a library',
      'libs/store/src/index.ts',
      `import { WorkerModule } from '@firebreak/worker'\nexport default WorkerModule`,
    ],
    [
      'a way into another project past its door',
      'libs/store/src/index.ts',
      `import { Runner } from '../../flow/src/runner.js'\nexport default Runner`,
    ],
  ])('%s', async (_, file, text) => {
    expect(await broken(file, text)).toContain(wall)
  })

  test.each([
    ['a clock', 'export const now = () => Date.now()', 'no-restricted-properties'],
    ['a date of its own', 'export const now = () => new Date()', 'no-restricted-syntax'],
    ['dice', 'export const roll = () => Math.random()', 'no-restricted-properties'],
  ])('%s in the domain', async (_, text, rule) => {
    expect(await broken('libs/flow/src/index.ts', text)).toContain(rule)
  })

  test('nothing of what the table allows', async () => {
    const allowed = `import { Runner } from '@firebreak/flow'\nexport default Runner`
    expect(await broken('libs/store/src/index.ts', allowed)).not.toContain(wall)
  })
})
