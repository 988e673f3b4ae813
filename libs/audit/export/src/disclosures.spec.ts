import { checkBundle, commitment, encodeEntry, type Disclosure } from '@firebreak/audit-log'
import { TEST_POLICY, testEntries } from '@firebreak/audit-log/testing'
import { expect, test } from 'vitest'
import { disclosureLines } from './disclosures.js'
import { bundleOf, made, stored } from './testing/bundles.js'

/** 1,400 entries, of which those by people were made from an address. */
const values: Disclosure[] = []
const bodies = testEntries(1_400).map((entry, n) => {
  if (entry.actor.kind !== 'person') return encodeEntry(entry)
  const one = { entry_id: entry.entry_id, path: '/actor/ip', salt: new Uint8Array(32).fill(n % 256), value: `192.0.2.${n % 256}` }
  values.push(one)
  return encodeEntry({ ...entry, actor: { ...entry.actor, ip: commitment(one) } })
}) // prettier-ignore

test('personal values are read some hundred at a time, and written in the order of their entries', async () => {
  const asked: number[] = []
  const read = async (ids: readonly string[]) => {
    asked.push(ids.length)
    const wanted = new Set(ids)
    // The store gives them in no order, and may know more of an entry than it committed to.
    const found = values.filter(({ entry_id }) => wanted.has(entry_id)).reverse()
    return [...found, { ...found[0]!, path: '/actor/id' }]
  }
  const { tar } = await made(bodies, { disclosures: () => disclosureLines(stored(bodies), read) })
  const report = await checkBundle(await bundleOf(tar), TEST_POLICY)
  expect(report.verdict).toBe('valid')
  expect(report.findings.find(({ check }) => check === 'disclosures')).toMatchObject({
    state: 'passed',
    found: `${values.length} values`,
  })
  expect(Math.max(...asked)).toBeLessThanOrEqual(500)
})

test('one that was deleted is not made up: the check asks why it is missing', async () => {
  const gone = values[3]!.entry_id
  const read = async () => values.filter(({ entry_id }) => entry_id !== gone)
  const { tar } = await made(bodies, { disclosures: () => disclosureLines(stored(bodies), read) })
  const report = await checkBundle(await bundleOf(tar), TEST_POLICY)
  expect(report.first).toMatchObject({ check: 'disclosures' })
})
