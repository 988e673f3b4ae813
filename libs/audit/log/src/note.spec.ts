import { describe, expect, test } from 'vitest'
import { base64, hex, sha256, unbase64, unhex, utf8 } from './bytes.js'
import { formatCheckpoint, parseCheckpoint } from './checkpoint.js'
import { cosign, cosignedAt } from './cosignature.js'
import {
  formatNote,
  formatVkey,
  generateKey,
  KEY_TYPE,
  NoteError,
  parseNote,
  parseVkey,
  signNote,
  verifyNote,
} from './note.js'
import { CompactRange, inclusionProof, leafHash, nodeHash, verifyInclusion } from './tree.js'

const LOG_VKEY = 'runbook.example/audit/1+0b827171+AX0guA9UFFKFm2GlmSmDslvvLuvlBSkydXnC3/8nLSI9'
const WITNESS_VKEY = 'witness.example/w1+cab559a6+BMKTKZwZC26m42rhUW0X9Idsm67V+zYiyPb9+X39glDY'
const GOLDEN = `runbook.example/audit/1
3
LP73YnWX4AtWSXV3Stco7yEHBnWfym1kE4xt/By/LNo=

— runbook.example/audit/1 C4JxcYBGS3cnpfLhnaOnBh05wnnKlyTJ26Y9MqvY6gQ/rKAkK4Fs0seN6Z55vGdWXDSA6pjG4KM7bJTF4tPC3BuMOgA=
— witness.example/w1 yrVZpgAAAABqsTuA4baOlvAVh1hsbHEBDe4KvG4zz1NsejCDYj232TQrgd6u52QDkGaMvtD6tZC+eGtFZR//p4r1om5Pye0VruKQAQ==
`
const logKey = generateKey('runbook.example/audit/1', sha256(utf8('TEST-ONLY log key 1')))
const witnessKey = generateKey('witness.example/w1', sha256(utf8('TEST-ONLY witness key 1')), KEY_TYPE.cosigner)
const bodies = ['{"n":0}', '{"n":1}', '{"n":2}'].map(utf8)

describe('the golden vector', () => {
  test('keys', () => {
    expect(formatVkey(logKey)).toBe(LOG_VKEY)
    expect(formatVkey(witnessKey)).toBe(WITNESS_VKEY)
    expect(parseVkey(LOG_VKEY)).toEqual({ ...logKey, sign: undefined })
    expect(formatVkey(parseVkey(WITNESS_VKEY))).toBe(WITNESS_VKEY)
  })

  test('tree, checkpoint, both signatures: the same bytes again', () => {
    const range = new CompactRange()
    for (const body of bodies) range.append(leafHash(body))
    const text = formatCheckpoint({ origin: 'runbook.example/audit/1', size: 3, root: range.root() })
    const time = cosignedAt(parseNote(GOLDEN), parseVkey(WITNESS_VKEY))!
    const signatures = [signNote(text, logKey), cosign(text, witnessKey, time)]
    expect(formatNote({ text, signatures })).toBe(GOLDEN)
    expect(formatNote(parseNote(utf8(GOLDEN)))).toBe(GOLDEN)
    expect(parseCheckpoint(parseNote(GOLDEN).text)).toEqual({ origin: logKey.name, size: 3, root: range.root() })
  })

  test('verifies', () => {
    const note = parseNote(GOLDEN)
    expect(verifyNote(note, [parseVkey(LOG_VKEY)]).map(({ name }) => name)).toEqual(['runbook.example/audit/1'])
    expect(new Date(cosignedAt(note, parseVkey(WITNESS_VKEY))! * 1000).toISOString()).toBe('2026-09-21T14:13:20.000Z')
  })

  test('inclusion proof of entry 1', async () => {
    const [a, b, c] = bodies.map(leafHash) as [Uint8Array, Uint8Array, Uint8Array]
    const proof = await inclusionProof(1, 3, (level, index) => (level === 1 ? nodeHash(a, b) : [a, b, c][index]!))
    expect(proof.map(base64)).toEqual([
      '+UBwq/0toL9ykC6xOoCOeU+VTZ4nRcaCoVj27Q1KwDY=',
      'PR3ndt8IbBrp9wSdK7DAR1rRQYX5h+Bk6NENyy20oyI=',
    ])
    const root = unbase64('LP73YnWX4AtWSXV3Stco7yEHBnWfym1kE4xt/By/LNo=')
    expect(verifyInclusion({ index: 1, size: 3, leaf: b, root, proof })).toBe(true)
  })
})

describe('signatures', () => {
  const text = formatCheckpoint({ origin: logKey.name, size: 0, root: new Uint8Array(32) })
  const stranger = generateKey('somebody.example/else', sha256(utf8('TEST-ONLY stranger')))

  test('of unknown keys are kept and ignored, also under a known name', () => {
    const namesake = { ...signNote(text, stranger), name: logKey.name }
    const note = parseNote(
      formatNote({ text, signatures: [signNote(text, stranger), namesake, signNote(text, logKey)] }),
    )
    expect(note.signatures).toHaveLength(3)
    expect(verifyNote(note, [logKey])).toEqual([logKey])
  })

  test('that are wrong under a known name and id reject the note', () => {
    const good = signNote(text, logKey)
    const wrong = { ...good, signature: good.signature.map((byte, i) => (i === 9 ? byte ^ 1 : byte)) }
    expect(() => verifyNote({ text, signatures: [good, wrong] }, [logKey])).toThrow('does not fit')
    expect(() => verifyNote({ text, signatures: [signNote(text, stranger)] }, [logKey])).toThrow('signed by none of')
    expect(() => verifyNote({ text, signatures: [] }, [])).toThrow('signed by none of')
  })

  test('and cosignatures are not taken for each other', () => {
    expect(() => signNote(text, witnessKey)).toThrow(NoteError)
    expect(() => cosign(text, logKey, 1)).toThrow(NoteError)
    const note = { text, signatures: [cosign(text, witnessKey, 1_700_000_000)] }
    expect(() => verifyNote(note, [witnessKey])).toThrow('signed by none of')
    expect(cosignedAt(note, witnessKey)).toBe(1_700_000_000)
  })

  test('with another time do not verify', () => {
    const line = cosign(text, witnessKey, 1_700_000_000)
    line.signature[7]! ^= 1
    expect(() => cosignedAt({ text, signatures: [line] }, witnessKey)).toThrow('does not fit')
    expect(cosignedAt({ text, signatures: [] }, witnessKey)).toBeUndefined()
  })
})

describe('a note that is none', () => {
  test.each([
    ['no empty line', 'a\n— b AAAAAAA=\n'],
    ['no signature', 'a\n\n'],
    ['no newline at the end', GOLDEN.slice(0, -1)],
    ['a carriage return', GOLDEN.replace('\n3\n', '\r\n3\n')],
    ['a hyphen for the dash', GOLDEN.replaceAll('—', '-')],
    ['two spaces', GOLDEN.replace('— ', '—  ')],
    ['something after the signature', GOLDEN.replace('OgA=\n', 'OgA= x\n')],
    ['base64 without padding', GOLDEN.replace('OgA=\n', 'OgA\n')],
    ['base64 with spare bits', GOLDEN.replace('OgA=\n', 'OgB=\n')],
    ['a plus in the name', GOLDEN.replace('— witness.', '— witness+')],
    ['a short signature', 'a\n\n— b AAAAAA==\n'],
    ['101 signatures', `a\n\n${'— b AAAAAAA=\n'.repeat(101)}`],
    ['an empty string', ''],
  ])('%s', (_, source) => expect(() => parseNote(source)).toThrow(NoteError))

  test('bytes that are no UTF-8', () => expect(() => parseNote(Uint8Array.of(0xff, 0x0a, 0x0a))).toThrow('UTF-8'))
})

describe('a checkpoint that is none', () => {
  const root = 'LP73YnWX4AtWSXV3Stco7yEHBnWfym1kE4xt/By/LNo='
  test.each([
    ['leading zero', `o\n03\n${root}\n`],
    ['sign', `o\n+3\n${root}\n`],
    ['too large', `o\n9007199254740993\n${root}\n`],
    ['short root', 'o\n3\nAAAA\n'],
    ['no origin', `\n3\n${root}\n`],
    ['extension line', `o\n3\n${root}\nmore\n`],
    ['no newline', `o\n3\n${root}`],
  ])('%s', (_, text) => expect(() => parseCheckpoint(text)).toThrow(NoteError))
})

describe('keys that are refused', () => {
  // The points of order 1, 2, 4 and 8, and their spellings that are not canonical (C2SP CCTV, ed25519).
  const lowOrder = [
    '0100000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000080',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  ]
  test.each(lowOrder)('the low-order point %s', (point) => {
    const publicKey = unhex(point)
    const keyId = sha256(utf8(`k\n`)).slice(0, 4)
    expect(() => parseVkey(formatVkey({ name: 'k', type: 1, publicKey, keyId }))).toThrow('full order')
  })

  test.each([
    ['a wrong id', LOG_VKEY.replace('0b827171', '0b827172')],
    ['another type', LOG_VKEY.replace('+AX0', '+Bn0')],
    ['upper-case id', LOG_VKEY.replace('0b827171', '0B827171')],
    ['a space in the name', LOG_VKEY.replace('runbook', 'run book')],
    ['no key', 'runbook.example/audit/1+0b827171'],
    ['not base64', LOG_VKEY.replace('AX0', 'A.0')],
  ])('%s', (_, vkey) => expect(() => parseVkey(vkey)).toThrow(NoteError))

  test('a seed of another length', () => expect(() => generateKey('k', new Uint8Array(31))).toThrow('32 bytes'))
  test('a key keeps its own copy of the seed, and shows it to nobody', () => {
    const seed = sha256(utf8('TEST-ONLY copy'))
    const key = generateKey('k', seed)
    const before = hex(key.sign(utf8('x')))
    seed.fill(0)
    expect(hex(key.sign(utf8('x')))).toBe(before)
    expect(JSON.stringify(key)).not.toContain('seed')
  })
})
