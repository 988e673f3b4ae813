import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { text, utf8 } from '../bytes.js'
import { FILE } from '../bundle/manifest.js'
import { commitment, decodeDisclosure, encodeDisclosure, type Disclosure } from '../disclosure.js'
import type { EntryBody } from '../entry.js'
import { told, watched, type Told } from '../testing/index.js'
import { disclosures } from './disclosures.js'

const salt = (n: number) => new Uint8Array(32).fill(n)
const read: Told = { stream: 'reads:hannah', type: 'log.read' }
const heartbeat: Told = { stream: 'log', type: 'log.heartbeat', about: 'log:test.example' }

/** Entries by people at addresses, the disclosures that belong to them, and what else the log says. */
function story(ips: readonly (string | undefined)[], after: (entries: EntryBody[]) => Told[] = () => []) {
  const opened: Disclosure[] = []
  const plain = told(ips.map((ip) => (ip === undefined ? heartbeat : read)))
  const entries = plain.map((entry, n): EntryBody => {
    const value = ips[n]
    if (value === undefined) return entry
    const disclosure = { entry_id: entry.entry_id, path: '/actor/ip', salt: salt(n), value }
    opened.push(disclosure)
    return { ...entry, actor: { kind: 'person' as const, id: 'hannah', ip: commitment(disclosure) } }
  })
  const more = told([...ips.map(() => heartbeat), ...after(entries)]).slice(ips.length)
  return { entries: [...entries, ...more], opened }
}

const look = (
  entries: readonly EntryBody[],
  content: readonly Disclosure[] | string,
  completeness: 'FULL' | 'STREAM' = 'FULL',
) => {
  const file = typeof content === 'string' ? content : content.map((one) => `${text(encodeDisclosure(one))}\n`).join('')
  return watched(
    disclosures,
    entries,
    {},
    {
      manifest: { disclosed: true, completeness },
      files: {
        has: (name) => name === FILE.disclosures,
        // Byte by byte: a reader that needs more than it got waits for it.
        open: async function* () {
          for (const byte of utf8(file)) yield Uint8Array.of(byte)
        },
      },
    },
  )
}

test('the commitment is HMAC-SHA256 under the salt over the canonical [id, path, value]', () => {
  const entry_id = '01900000-0000-7000-8000-000000000000'
  const value = 'Zoë "\\'
  const made = createHmac('sha256', salt(7))
    .update(JSON.stringify([entry_id, '/actor/ip', value]))
    .digest('hex')
  expect(commitment({ entry_id, path: '/actor/ip', salt: salt(7), value })).toBe(made)
  expect(commitment({ entry_id, path: '/actor/ip', salt: salt(8), value })).not.toBe(made)
})

test('without disclosures the sealed values are counted', async () => {
  const { entries } = story(['192.0.2.1', undefined, '192.0.2.2'])
  const look = (all: readonly EntryBody[]) => watched(disclosures, all, {}, { manifest: { disclosed: false } })
  expect(await look(entries)).toEqual({ state: 'passed', found: '2 values, sealed: none is disclosed here' })
  expect(await look(entries.slice(1, 2))).toEqual({ state: 'passed', found: 'there are none' })
})

test('each value opens the commitment of its entry', async () => {
  const { entries, opened } = story(['192.0.2.1', undefined, '192.0.2.2'])
  expect(await look(entries, opened)).toEqual({ state: 'passed', found: '2 values' })
})

test('a value that was deleted by order is accounted for', async () => {
  const { entries, opened } = story(['192.0.2.1', '192.0.2.2'], ([first]) => [
    { stream: 'redaction:1', type: 'log.redacted', detail: { entry: first!.entry_id, paths: ['/actor/ip'] } },
  ])
  expect(await look(entries, opened.slice(1))).toEqual({ state: 'passed', found: '1 value, 1 deleted by order' })
})

test.each<[string, (opened: Disclosure[]) => Disclosure[] | string, string, number | undefined]>([
  ['another value', ([a, b]) => [{ ...a!, value: '192.0.2.9' }, b!], 'the value disclosed for /actor/ip of entry 0 is not the one that it committed to', 0],
  ['another salt', ([a, b]) => [a!, { ...b!, salt: salt(9) }], 'the value disclosed for /actor/ip of entry 2 is not the one that it committed to', 2],
  ['one held back', ([, b]) => [b!], 'the value of /actor/ip in entry 0 is not here, and no entry says that it was deleted', 0],
  ['one too many', ([a, b]) => [a!, b!, b!], 'disclosures.ndjson discloses /actor/ip of', undefined],
  ['another order', ([a, b]) => [b!, a!], 'disclosures.ndjson discloses /actor/ip of', undefined],
  ['another path', ([a, b]) => [{ ...a!, path: '/actor/id' }, b!], 'disclosures.ndjson discloses /actor/id of', undefined],
  ['a line without its end', ([a]) => text(encodeDisclosure(a!)), 'line 1 of disclosures.ndjson: its end is missing', undefined],
  ['another spelling', ([a]) => `${text(encodeDisclosure(a!))} \n`, 'line 1 of disclosures.ndjson: it is no disclosure, in its one spelling', undefined],
  ['a short salt', ([a]) => `${text(encodeDisclosure({ ...a!, salt: salt(1).slice(1) }))}\n`, 'line 1 of disclosures.ndjson: a salt has 32 bytes, this one 31', undefined],
])('found: %s', async (_, change, sentence, index) => {
  const { entries, opened } = story(['192.0.2.1', undefined, '192.0.2.2'])
  const seen = await look(entries, change(opened))
  expect(seen).toMatchObject({ state: 'failed', index })
  expect(seen).toHaveProperty('sentence', expect.stringContaining(sentence) as string)
}) // prettier-ignore

test('of a part of the log a missing value stays open: the entry that tells of its deletion may be elsewhere', async () => {
  const { entries, opened } = story(['192.0.2.1', '192.0.2.2'])
  expect(await look(entries, opened.slice(1), 'STREAM')).toEqual({
    state: 'not made',
    reason: '1 value of 2 are not here; why, other entries say',
    open: true,
  })
})

test('a line says what was written, and what is wrong never repeats a value', () => {
  const one = story(['192.0.2.1']).opened[0]!
  expect(decodeDisclosure(encodeDisclosure(one))).toEqual(one)
})
