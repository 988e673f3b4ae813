import * as crypto from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { checkBundle, checks, hashWith, type Check, type Report } from '@firebreak/audit-log'
import { TEST_POLICY } from '@firebreak/audit-log/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundleOf } from './testing/bundles.js'
import { kinds, type Kind } from './testing/tampering.js'
import { validBundle, World, type Held } from './testing/world.js'

/** How much of it: little in `npm test`, all of it in `npm run test:tamper`, which wants a line of JSON for each kind. */
const INSTANCES = Number(process.env['FIREBREAK_TAMPER_INSTANCES'] ?? 1)
const VALID = Number(process.env['FIREBREAK_TAMPER_VALID'] ?? 12)
const SEED = Number(process.env['FIREBREAK_SEED'] ?? 20261123)
const REPORT = process.env['FIREBREAK_TAMPER_REPORT']
const say = (line: object) => void (REPORT && appendFileSync(REPORT, `${JSON.stringify(line)}\n`))

beforeAll(() => hashWith(crypto))

const check = async ({ options, policy = TEST_POLICY, tar }: Held, made?: readonly Check[]): Promise<Report> =>
  checkBundle(await bundleOf(tar), policy, options, made)

/** What failed, by name, with where. */
const failed = ({ findings }: Report) =>
  findings.flatMap((finding) => (finding.state === 'failed' ? [[finding.check, finding.index] as const] : []))

/** Each instance has a number of its own, which is all that is needed to see it again. */
const seedOf = (kind: Kind, instance: number) => SEED + kinds.indexOf(kind) * 1000 + instance

describe('each kind of tampering is caught by the check that is there for it', { timeout: 3_600_000 }, () => {
  test.each(kinds)('$by: $what', async (kind) => {
    const missed: string[] = []
    for (let instance = 0; instance < INSTANCES; instance++) {
      const seed = seedOf(kind, instance)
      const { index, ...held } = await kind.make(new World(seed))
      const found = failed(await check(held))
      const caught = found.find(([name]) => name === kind.by)
      if (!caught) missed.push(`seed ${seed}: ${found.map(([name]) => name).join(', ') || 'nothing'} failed`)
      else if (index !== undefined && caught[1] !== index)
        missed.push(`seed ${seed}: named entry ${caught[1]} instead of ${index}`)
    }
    say({ kind: kind.what, check: kind.by, instances: INSTANCES, caught: INSTANCES - missed.length, missed })
    expect(missed).toEqual([])
  })
})

test('a log of any seed has a target that was taken again, without which two kinds cannot be made', () => {
  // The last one is of those that had none at their first length.
  for (const seed of [...Array.from({ length: 300 }, (_, nth) => SEED + nth), 20401138]) {
    const { entries } = new World(seed)
    const again = entries.some(({ target, type }, i) => type === 'step.intended' && entries.slice(0, i).some((one) => one.type === 'step.done' && one.target === target)) // prettier-ignore
    expect(again, `${seed}`).toBe(true)
  }
})

describe('a check switched off', { timeout: 600_000 }, () => {
  test.each(checks.map(({ name }) => name))('%s: something passes that must not', async (name) => {
    const alone = kinds.filter((kind) => kind.by === name && kind.alone)
    const others = checks.filter((one) => one.name !== name)
    const passed = []
    for (const kind of alone) {
      const held = await kind.make(new World(seedOf(kind, 0)))
      const report = await check(held, others)
      expect(failed(report), kind.what).toEqual([])
      passed.push(kind.what)
    }
    say({ off: name, passed })
    expect(passed.length).toBeGreaterThan(0)
  })
})

test('bundles that are as they should be raise no alarm', { timeout: 3_600_000 }, async () => {
  const alarms: string[] = []
  const verdicts = { valid: 0, incomplete: 0, tampered: 0 }
  for (let i = 0; i < VALID; i++) {
    const report = await check(await validBundle(SEED + 500_000 + i))
    verdicts[report.verdict]++
    for (const [name] of failed(report)) alarms.push(`seed ${SEED + 500_000 + i}: ${name}`)
  }
  say({ valid: VALID, alarms, verdicts })
  expect(alarms).toEqual([])
  expect(verdicts.valid).toBeGreaterThan(VALID / 2)
})
