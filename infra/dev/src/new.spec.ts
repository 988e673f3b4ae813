import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { begin } from './new.js'
import { NotWritten } from './new/skeleton.js'
import { ROOT } from './root.js'

let copy: string
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'firebreak-new-'))
  const made = new Set(['node_modules', 'dist', '.firebreak', '.nx'])
  const files = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isFile())
  for (const part of [...files.map(({ name }) => name), 'libs', 'infra/sandbox'])
    cpSync(join(ROOT, part), join(copy, part), {
      recursive: true,
      filter: (path) => !made.has(basename(path)) && !path.endsWith('.tsbuildinfo'),
    })
  // The packages are those of the checkout; our own projects are those of the copy.
  link(join(ROOT, 'node_modules'), join(copy, 'node_modules'), (name) => name !== '@firebreak')
  mkdirSync(join(copy, 'node_modules/@firebreak'))
  for (const manifest of readdirSync(copy, { recursive: true, encoding: 'utf8' })) {
    if (basename(manifest) !== 'package.json' || manifest.includes('node_modules') || dirname(manifest) === '.')
      continue
    const folder = dirname(manifest)
    const { name } = JSON.parse(readFileSync(join(copy, manifest), 'utf8')) as { name: string }
    symlinkSync(join(copy, folder), join(copy, 'node_modules', name))
    if (existsSync(join(ROOT, folder, 'node_modules')))
      link(join(ROOT, folder, 'node_modules'), join(copy, folder, 'node_modules'), () => true)
  }
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

function link(from: string, to: string, which: (name: string) => boolean): void {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from).filter((name) => which(name) && !name.startsWith('.')))
    symlinkSync(join(from, name), join(to, name))
}

const run = (program: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(copy, 'node_modules', program), ...args], { cwd: copy, encoding: 'utf8' })

interface Report {
  testResults: { name: string; assertionResults: { title: string; status: string; failureMessages: string[] }[] }[]
}

test('what is begun compiles, and its spec fails because it is not written yet', { timeout: 240_000 }, () => {
  expect(begin(copy, ['recipe', 'pause-nightly'])).toEqual(
    expect.arrayContaining([
      'wrote  libs/recipes/catalog/src/pause-nightly/recipe.ts',
      'added  pauseNightly to libs/recipes/catalog/src/index.ts',
      expect.stringContaining('npx vitest run libs/recipes/catalog/src/pause-nightly') as string,
    ]),
  )
  begin(copy, ['recipe', 'pause-hourly'])
  expect(begin(copy, ['recipe', 'wake-workers', '--yaml'])).toContain(
    'wrote  libs/recipes/yaml/examples/wake-workers.yaml',
  )
  begin(copy, ['integration', 'grafana-cloud'])

  const specs = [
    'libs/recipes/catalog/src/pause-nightly/recipe.spec.ts',
    'libs/recipes/yaml/src/examples/wake-workers.spec.ts',
    'libs/integrations/sources/src/grafana-cloud/intake.spec.ts',
  ]
  const built = run(
    '@typescript/native-preview/bin/tsgo',
    '-b',
    'libs/recipes/catalog',
    'libs/recipes/yaml',
    'libs/integrations/sources',
  )
  expect(built.stdout).toBe('')
  expect(built.status).toBe(0)

  const indexes = ['libs/recipes/yaml/src/examples.spec.ts', 'libs/integrations/sources/src/index.spec.ts']
  const file = join(copy, 'report.json')
  run('vitest/vitest.mjs', 'run', ...specs, ...indexes, '--reporter=json', `--outputFile=${file}`)
  const report = (JSON.parse(readFileSync(file, 'utf8')) as Report).testResults
  for (const spec of specs) {
    const ran = report.find(({ name }) => name.endsWith(spec))!.assertionResults
    const failed = ran.filter(({ status }) => status === 'failed')
    expect(failed.length, spec).toBeGreaterThan(0)
    for (const { failureMessages } of failed) expect(failureMessages[0]).toMatch(/not written yet|proves nothing/i)
  }
  for (const index of indexes)
    expect(report.find(({ name }) => name.endsWith(index))!.assertionResults.map(({ status }) => status)).not.toContain(
      'failed',
    )
})

test('an id is checked before anything is written', () => {
  for (const id of ['Pause', 'pause_batch', '../pause', 'pause-', 'p4use', '-pause', 'a'.repeat(64)])
    expect(() => begin(copy, ['recipe', id]), id).toThrow(NotWritten)
  expect(() => begin(copy, ['recipe', 'pause_batch'])).toThrow(
    '"pause_batch" is no id: expected lower-case words joined by -, such as pause-batch',
  )
})

test('nothing is written over, in neither language', () => {
  const before = readFileSync(join(copy, 'libs/recipes/catalog/src/scale-api/recipe.ts'), 'utf8')
  for (const words of [['scale-api'], ['scale-api', '--yaml'], ['scale-workers'], ['scale-workers', '--yaml']])
    expect(() => begin(copy, ['recipe', ...words])).toThrow(
      `there is a recipe ${words[0]} already; nothing was written`,
    )
  expect(() => begin(copy, ['integration', 'alertmanager'])).toThrow('is there already; nothing was written')
  expect(readFileSync(join(copy, 'libs/recipes/catalog/src/scale-api/recipe.ts'), 'utf8')).toBe(before)
})

test('an index that cannot be read is named, and nothing is written', () => {
  const index = join(copy, 'libs/integrations/sources/src/index.ts')
  const before = readFileSync(index, 'utf8')
  rmSync(index)
  cpSync(join(copy, 'README.md'), index)
  expect(() => begin(copy, ['integration', 'nagios'])).toThrow(
    /index\.ts does not look as it did .*: add nagios by hand/,
  )
  expect(existsSync(join(copy, 'libs/integrations/sources/src/nagios'))).toBe(false)
  expect(before).toContain('alertmanager')
})

test('whoever does not know what to say is told', () => {
  for (const words of [[], ['recipe'], ['verb', 'sing'], ['integration', 'x', '--yaml'], ['recipe', 'a', 'b']])
    expect(() => begin(copy, words)).toThrow('npm run new recipe <id>')
})
