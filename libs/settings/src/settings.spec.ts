import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { printSettings, settingsIn, settingsOf, settingsPage, withSettings } from './index.js'

const schema = z.object({
  DATABASE_URL: z.string('is missing'),
  PORT: z.coerce.number().default(4600),
  FILE: z
    .string()
    .default('firebreak.yaml')
    .transform((path) => `/elsewhere/${path}`),
  MORE: z.string().default(''),
  SECRET: z.string().optional(),
})
const settings = settingsOf(schema, {
  DATABASE_URL: ['password', 'where Postgres is'],
  PORT: 'where it listens',
  FILE: 'one | the other',
  MORE: 'more',
  SECRET: ['whole', 'a secret'],
})
const given = { DATABASE_URL: 'postgres://fb_api:hunter2@db/firebreak', SECRET: 'hunter2' }

test('a schema tells names, defaults as they are written, and what is needed', () => {
  expect(settings.map(({ fallback, name, needed }) => [name, needed, fallback])).toEqual([
    ['DATABASE_URL', true, undefined],
    ['PORT', false, '4600'],
    ['FILE', false, 'firebreak.yaml'],
    ['MORE', false, undefined],
    ['SECRET', false, undefined],
  ])
  // @ts-expect-error a variable without a meaning does not compile
  void (() => settingsOf(schema, { DATABASE_URL: '', PORT: '', FILE: '', MORE: '' }))
})

const ask = (env: NodeJS.ProcessEnv, ...argv: string[]) =>
  printSettings('api', settings, () => ({ understood: schema.parse(env).PORT }), { argv, env, page: '/nonexistent' })

test('what is set, what is not, from where; and no secret', async () => {
  const { code, out } = await ask(given)
  expect(code).toBe(0)
  expect(out).not.toContain('hunter2')
  expect(JSON.parse(out)).toEqual({
    process: 'api',
    settings: {
      DATABASE_URL: { value: 'postgres://fb_api:***@db/firebreak', from: 'environment' },
      PORT: { value: '4600', from: 'default' },
      FILE: { value: 'firebreak.yaml', from: 'default' },
      MORE: { value: null, from: 'not set' },
      SECRET: { value: '***', from: 'environment' },
    },
    understood: 4600,
  })
})

test.each([
  ['primary=http://me:hunter2@a,fallback=http://b/', 'primary=http://me:***@a/,fallback=http://b/'],
  ['postgres://me:12,34@db/x', 'postgres://me:***@db/x'],
  ['hunter2,http://h', '***'],
])('of addresses, %s is shown as %s', async (set, shown) => {
  const { out } = await ask({ DATABASE_URL: set })
  expect((JSON.parse(out) as { settings: Record<string, object> }).settings['DATABASE_URL']).toMatchObject({
    value: shown,
  })
})

test('what is missing is said with its meaning and what to do', async () => {
  const { code, err, out } = await ask({ SECRET: 'hunter2' })
  expect([code, out]).toEqual([1, ''])
  expect(err).toMatch(/The api cannot start with this environment:\n(.|\n)*is missing/)
  expect(err).toContain('  DATABASE_URL  where Postgres is\n')
  expect(err).toContain('`npm start` sets all of it by itself')
  expect(err).not.toContain('hunter2')
})

test('a part of the page is written anew, and the others are left', async () => {
  const others = '# Configuration\n\nWhat it is.\n\n## worker\n\nits own\n'
  const page = withSettings(others, 'api', settings)
  expect(page).toContain('What it is.\n\n## worker\n\nits own\n\n## api\n')
  expect(settingsIn(page, 'api')).toBe(settingsPage('api', settings))
  expect(settingsIn(page, 'worker')).toBe('## worker\n\nits own\n')
  expect(withSettings(page, 'api', settings)).toBe(page)
  const fewer = withSettings(page, 'api', settings.slice(0, 1))
  expect(settingsIn(fewer, 'api')).toBe(settingsPage('api', settings.slice(0, 1)))
  expect(fewer).toContain('its own')
  expect(settingsIn(page, 'notary')).toBe('')
})

test('a row of the page: needed, default, secret; a bar in a meaning stays in its cell', async () => {
  const rows = settingsPage('api', settings).split('\n')
  expect(rows).toContain('| `DATABASE_URL` | where Postgres is | **needed** | password |')
  expect(rows).toContain('| `FILE` | one \\| the other | `firebreak.yaml` |  |')
  expect(rows).toContain('| `SECRET` | a secret |  | yes |')
})

test('--write writes the page', async () => {
  const page = join(mkdtempSync(join(tmpdir(), 'firebreak-settings-')), 'CONFIGURATION.md')
  await printSettings('api', settings, () => ({}), { argv: ['--write'], env: {}, page })
  expect(settingsIn(readFileSync(page, 'utf8'), 'api')).toBe(settingsPage('api', settings))
})
