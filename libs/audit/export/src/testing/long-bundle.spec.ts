import { checkBundle, concat } from '@firebreak/audit-log'
import { TEST_POLICY } from '@firebreak/audit-log/testing'
import { expect, test } from 'vitest'
import { bundleOf } from './bundles.js'
import { writeLongBundle } from './long-bundle.js'

test('a log of any length that tests write has nothing wrong with it', async () => {
  const chunks: Uint8Array[] = []
  await writeLongBundle(2500, (chunk) => void chunks.push(chunk))
  const report = await checkBundle(await bundleOf(concat(...chunks)), TEST_POLICY)
  expect(report.findings.filter(({ state }) => state === 'failed')).toEqual([])
  expect(report.verdict).toBe('valid')
  expect(report.findings.find(({ check }) => check === 'approvals')).toMatchObject({ state: 'passed' })
})
