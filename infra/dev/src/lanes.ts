import { globSync } from 'node:fs'
import { mustRun, runCommands, runCounting, runVitestTwice, type Outcome } from './lane-runs.js'
import { ROOT } from './root.js'

/** One part of `npm test`, with its own line in the table. */
export interface Lane {
  name: string
  run: () => Promise<Outcome>
}

const bin = (name: string) => `node_modules/.bin/${name}`
const files = (pattern: string, leaveOut: (path: string) => boolean = () => false) =>
  globSync(pattern, { cwd: ROOT, exclude: (path) => /(^|\/)(node_modules|dist|\.firebreak|\.nx)$/.test(path) })
    .filter((path) => !leaveOut(path))
    .sort()

const specs = (name: string, pattern: string): Lane => ({
  name,
  run: async () => mustRun(await runVitestTwice(files(pattern))),
})

const NEEDS_A_SERVER = /\.(pg|real)\.spec\.tsx?$/

/**
 * Two at a time, in this order: what takes longest (console, which waits as much as it calculates) begins first, so that it
 * is not left alone at the end; what calculates alone (lint, types, unit) goes beside it and yields to it.
 */
export const LANES: readonly Lane[] = [
  specs('console', 'apps/console/e2e/**/*.e2e.ts'),
  {
    name: 'lint',
    // The rule about who may import whom reads Nx's picture of the projects, and without one it is off but for a warning.
    run: () =>
      runCommands(
        [
          [bin('nx'), 'show', 'projects'],
          // The types of all projects at once are more than Node's own limit of 4 GB.
          [process.execPath, '--max-old-space-size=8192', 'node_modules/eslint/bin/eslint.js', '.'],
          [bin('prettier'), '--check', '--log-level', 'warn', '.'],
        ],
        /No cached ProjectGraph/,
        { yields: true },
      ),
  },
  specs('store', '{apps,libs,infra}/**/*.pg.spec.ts'),
  { name: 'types', run: () => runCommands([[bin('tsgo'), '-b']], undefined, { yields: true }) },
  {
    name: 'unit',
    run: async () => {
      const units = files('{apps,libs,infra}/**/src/**/*.spec.{ts,tsx}', (path) => NEEDS_A_SERVER.test(path))
      return mustRun(await runVitestTwice(units, { yields: true }))
    },
  },
  specs('api', 'apps/api/e2e/**/*.e2e.ts'),
  specs('worker', 'apps/worker/e2e/**/*.e2e.ts'),
  specs('start', 'infra/dev/e2e/**/*.e2e.ts'),
  specs('cli', 'apps/cli/e2e/**/*.e2e.ts'),
  {
    name: 'crash',
    // A few moments of `npm run test:crash`, always the same ones: one round of all victims.
    run: () => runCounting([process.execPath, 'infra/dev/dist/test-crash.js', '--seed', '1', '--moments', '11']),
  },
  {
    name: 'chaos',
    // A little of `npm run test:chaos`, always the same, with both of its controls.
    run: () =>
      runCounting([
        process.execPath,
        'infra/dev/dist/test-chaos.js',
        '--seed',
        '1',
        '--runs',
        '12',
        '--freezes',
        '100',
      ]),
  },
]

/** The lanes named, or all. Throws an Error that names what there is. */
export function chooseLanes(names: readonly string[], lanes: readonly Lane[] = LANES): readonly Lane[] {
  const unknown = names.filter((name) => !lanes.some((lane) => lane.name === name))
  if (unknown.length > 0)
    throw new Error(
      `There is no lane ${unknown.join(', ')}. The lanes are: ${lanes.map((lane) => lane.name).join(', ')}`,
    )
  return names.length === 0 ? lanes : lanes.filter((lane) => names.includes(lane.name))
}

/** Every spec that wants a system of the real world. */
export const realSpecs = () => files('{apps,libs,infra}/**/*.real.spec.ts')
