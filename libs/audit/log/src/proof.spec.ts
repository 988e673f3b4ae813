import { expect, test } from 'vitest'
import { base64, hex, sha256, utf8 } from './bytes.js'
import { formatProof, leadsToRoot, parseProof } from './proof.js'
import { generateKey, verifyNote } from './note.js'
import { leafHash } from './tree.js'

/** Made with another program than ours (research, section 2.6), byte for byte as tlog-proof has it. */
const GOLDEN = `c2sp.org/tlog-proof@v1
index 1
+UBwq/0toL9ykC6xOoCOeU+VTZ4nRcaCoVj27Q1KwDY=
PR3ndt8IbBrp9wSdK7DAR1rRQYX5h+Bk6NENyy20oyI=

runbook.example/audit/1
3
LP73YnWX4AtWSXV3Stco7yEHBnWfym1kE4xt/By/LNo=

— runbook.example/audit/1 C4JxcYBGS3cnpfLhnaOnBh05wnnKlyTJ26Y9MqvY6gQ/rKAkK4Fs0seN6Z55vGdWXDSA6pjG4KM7bJTF4tPC3BuMOgA=
— witness.example/w1 yrVZpgAAAABqsTuA4baOlvAVh1hsbHEBDe4KvG4zz1NsejCDYj232TQrgd6u52QDkGaMvtD6tZC+eGtFZR//p4r1om5Pye0VruKQAQ==
`

test('the golden proof is read, leads to its root, and is written the same', () => {
  const proof = parseProof(GOLDEN)
  expect(proof).toMatchObject({ index: 1, said: { origin: 'runbook.example/audit/1', size: 3 } })
  expect(hex(proof.said.root)).toBe('2cfef7627597e00b564975774ad728ef210706759fca6d64138c6dfc1cbf2cda')
  expect(leadsToRoot(proof, leafHash(utf8('{"n":1}')))).toBe(true)
  expect(leadsToRoot(proof, leafHash(utf8('{"n":2}')))).toBe(false)
  expect(
    verifyNote(proof.note, [generateKey('runbook.example/audit/1', sha256(utf8('TEST-ONLY log key 1')))]),
  ).toHaveLength(1)
  expect(formatProof(proof)).toBe(GOLDEN)
})

test('extra data is carried and changes nothing', () => {
  const proof = parseProof(GOLDEN.replace('index', `extra ${base64(utf8('a name'))}\nindex`))
  expect(proof.extra).toEqual(utf8('a name'))
  expect(formatProof(proof)).toContain('\nextra YSBuYW1l\nindex 1\n')
  expect(leadsToRoot(proof, leafHash(utf8('{"n":1}')))).toBe(true)
})

test.each([
  ['another head', GOLDEN.replace('@v1', '@v2'), /begins with/],
  ['no index', GOLDEN.replace('index 1\n', ''), /says "index/],
  ['a leading zero', GOLDEN.replace('index 1', 'index 01'), /says "index/],
  ['a huge index', GOLDEN.replace('index 1', 'index 9999999999999999'), /says "index/],
  ['a short hash', GOLDEN.replace('+UBwq/0toL9ykC6xOoCOeU+VTZ4nRcaCoVj27Q1KwDY=', 'AAAA'), /32 bytes/],
  ['a hash that is no base64', GOLDEN.replace('+UBwq', '*UBwq'), /not base64/],
  ['64 hashes', GOLDEN.replace('index 1\n', `index 1\n${'PR3ndt8IbBrp9wSdK7DAR1rRQYX5h+Bk6NENyy20oyI=\n'.repeat(62)}`), /at most 63/],
  ['no checkpoint', GOLDEN.slice(0, GOLDEN.indexOf('\n\n') + 2), /a note is/],
  ['one line', 'c2sp.org/tlog-proof@v1', /empty line/],
])('%s is refused', (_, source, why) => expect(() => parseProof(source)).toThrow(why)) // prettier-ignore
