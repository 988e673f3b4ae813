import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CompactRange,
  consistencyProof,
  cosignedAt,
  formatCheckpoint,
  formatNote,
  formatSignature,
  formatVkey,
  generateKey,
  KEY_TYPE,
  leafHash,
  parseNote,
  signNote,
  utf8,
  type SigningKey,
} from '@firebreak/audit-log'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HttpCosigner } from './cosigner.js'
import { makeKeyFile, readKeyFile, readVkeyFile } from './key-file.js'
import { openNotaryFolder } from './notary-folder.js'
import { notaryServer } from './notary-http.js'
import { formatRequest, Notary, NotaryMemory } from './notary.js'

const key = (name: string, fill: number) => generateKey(name, new Uint8Array(32).fill(fill))
const logKey = key('log.example/a', 1)

let dir: string
let notary: Notary

async function open(): Promise<Notary> {
  const { key, memory } = await openNotaryFolder(dir, 'notary.example/n')
  return new Notary(
    key,
    () => [logKey],
    memory,
    () => new Date('2026-11-23T10:00:00Z'),
  )
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'firebreak-notary-'))
  notary = await open()
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** A log of `size` leaves; another `history`, another log. */
function tree(size: number, history = 'a') {
  const nodes = new Map<string, Uint8Array>()
  const range = new CompactRange()
  for (let i = 0; i < size; i++) {
    range.append(leafHash(utf8(`${history} ${i}`)), (level, index, hash) => nodes.set(`${level}/${index}`, hash))
  }
  const proofFrom = (old: number) =>
    old === 0 || old === size
      ? Promise.resolve([])
      : consistencyProof(old, size, (level, index) => nodes.get(`${level}/${index}`)!)
  return { size, root: range.root(), proofFrom }
}

const noteOf = (
  { size, root }: { size: number; root: Uint8Array },
  by: SigningKey = logKey,
  origin = logKey.name,
): string => {
  const text = formatCheckpoint({ origin, size, root })
  return formatNote({ text, signatures: [signNote(text, by)] })
}

const ask = (old: number, proof: Uint8Array[], note: string) =>
  notary.addCheckpoint(utf8(formatRequest(old, proof, note)))

async function grow(old: number, to: number, history?: string) {
  const grown = tree(to, history)
  return ask(old, await grown.proofFrom(old), noteOf(grown))
}

test('a log that grows is cosigned at each size, and its cosignature verifies', async () => {
  let old = 0
  for (const size of [0, 1, 2, 7, 7, 8, 300, 1000]) {
    const reply = await grow(old, size)
    expect(reply, `at ${size}`).toMatchObject({ status: 200 })
    const whole = parseNote(noteOf(tree(size)) + reply.body)
    expect(cosignedAt(whole, notary.key)).toBe(Date.parse('2026-11-23T10:00:00Z') / 1000)
    old = size
  }
})

test('an older size is 409 with the size that it signed last, whatever is claimed', async () => {
  await grow(0, 10)
  for (const [old, size] of [
    [0, 5],
    [0, 10],
    [0, 20],
    [5, 8],
    [9, 20],
    [11, 20],
  ] as const) {
    expect(await grow(old, size), `${old} to ${size}`).toEqual({
      status: 409,
      contentType: 'text/x.tlog.size',
      body: '10\n',
    })
  }
})

test('a fork is refused: the same size with another root, or a larger one that does not extend', async () => {
  await grow(0, 10)
  expect(await grow(10, 10, 'b')).toMatchObject({ status: 409, body: '10\n' })
  expect(await grow(10, 20, 'b')).toMatchObject({ status: 422 })
  const honest = tree(20)
  const proof = await honest.proofFrom(10)
  expect(await ask(10, proof.slice(1), noteOf(honest))).toMatchObject({ status: 422 })
  expect(await ask(10, [...proof, proof[0]!], noteOf(honest))).toMatchObject({ status: 422 })
  expect(await ask(10, [], noteOf(honest))).toMatchObject({ status: 422 })
  expect(await ask(10, proof, noteOf(honest))).toMatchObject({ status: 200 })
})

test('a first checkpoint takes no proof, and the empty log has one root only', async () => {
  expect(await ask(0, [new Uint8Array(32)], noteOf(tree(3)))).toMatchObject({ status: 422 })
  expect(await ask(0, [], noteOf({ size: 0, root: new Uint8Array(32) }))).toMatchObject({ status: 422 })
})

test('another origin, another key, a broken signature', async () => {
  const stranger = key('log.example/b', 2)
  expect(await ask(0, [], noteOf(tree(3), stranger, stranger.name))).toMatchObject({ status: 404 })
  expect(await ask(0, [], noteOf(tree(3), key('log.example/a', 2)))).toMatchObject({ status: 403 })
  const text = formatCheckpoint({ origin: logKey.name, ...tree(3) })
  const signature = signNote(text, logKey)
  signature.signature[0]! ^= 1
  expect(await ask(0, [], `${text}\n${formatSignature(signature)}`)).toMatchObject({ status: 403 })
  expect(notary.memory.recall(logKey.name)).toBeUndefined()
})

test.each([
  ['nothing', ''],
  ['no empty line', `old 0\n${noteOf(tree(3)).split('\n')[0]}`],
  ['no old', `\n${noteOf(tree(3))}`],
  ['a leading zero', `old 00\n\n${noteOf(tree(3))}`],
  ['a sign', `old -1\n\n${noteOf(tree(3))}`],
  ['a size beyond 2^53', `old 9999999999999999\n\n${noteOf(tree(3))}`],
  ['a short hash', `old 1\nAAAA\n\n${noteOf(tree(3))}`],
  ['a hash that is no base64', `old 1\n${'?'.repeat(44)}\n\n${noteOf(tree(3))}`],
  [
    '64 hashes',
    formatRequest(
      1,
      Array.from({ length: 64 }, () => new Uint8Array(32)),
      noteOf(tree(3)),
    ),
  ],
  ['an old size above the new', formatRequest(4, [], noteOf(tree(3)))],
  ['an extension line', formatRequest(0, [], extended())],
  ['no note', 'old 0\n\nwhat\n'],
])('%s is 400', async (_what, request) => {
  expect(await notary.addCheckpoint(utf8(request))).toMatchObject({ status: 400 })
})

function extended(): string {
  const text = `${formatCheckpoint({ origin: logKey.name, ...tree(3) })}extension\n`
  return formatNote({ text, signatures: [signNote(text, logKey)] })
}

test('bytes that are not UTF-8 are 400', async () => {
  expect(await notary.addCheckpoint(Uint8Array.of(0xff, 0x0a, 0x0a))).toMatchObject({ status: 400 })
})

test('it remembers over a restart, and before it answers', async () => {
  await grow(0, 10)
  notary = await open()
  expect(await grow(0, 5)).toMatchObject({ status: 409, body: '10\n' })

  class FullDisk extends NotaryMemory {
    recall = () => undefined
    remember = () => Promise.reject(new Error('ENOSPC'))
  }
  const forgetful = new Notary(
    notary.key,
    () => [logKey],
    new FullDisk(),
    () => new Date(0),
  )
  await expect(forgetful.addCheckpoint(utf8(formatRequest(0, [], noteOf(tree(3)))))).rejects.toThrow('ENOSPC')
  await expect(forgetful.addCheckpoint(utf8(formatRequest(0, [], noteOf(tree(3)))))).rejects.toThrow('ENOSPC')
})

test('of many at once, from one size, one is signed; nothing is rolled back', async () => {
  await grow(0, 10)
  const replies = await Promise.all(Array.from({ length: 20 }, (_, i) => grow(10, 30 - i)))
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(replies.filter(({ status }) => status === 409)).toHaveLength(19)
  expect(new Set(replies.filter(({ status }) => status === 409).map(({ body }) => body)).size).toBe(1)
})

test('its folder: key for its owner alone, vkey for all; a key without its memory does not start', async () => {
  expect(statSync(join(dir, 'notary.key')).mode & 0o777).toBe(0o600)
  expect(readVkeyFile(join(dir, 'notary.vkey'))).toMatchObject({ name: 'notary.example/n', type: KEY_TYPE.cosigner })
  expect(formatVkey((await open()).key)).toBe(formatVkey(notary.key))
  rmSync(join(dir, 'signed.json'))
  await expect(open()).rejects.toThrow(/signed.json is missing: .* no longer knows what it has signed/)
  expect(existsSync(join(dir, 'signed.json'))).toBe(false)
  writeFileSync(join(dir, 'signed.json'), '{"log.example/a": {"size": "10"}}')
  await expect(open()).rejects.toThrow(/does not say what was signed of log.example/)
  writeFileSync(join(dir, 'signed.json'), '{"log.exa')
  await expect(open()).rejects.toThrow(/cannot be read .* put a good copy back/)
})

test('a key file is never overwritten, and a damaged one is refused without being quoted', async () => {
  const path = join(dir, 'log.key')
  const made = await makeKeyFile(path, 'log.example/x', KEY_TYPE.log)
  await expect(makeKeyFile(path, 'log.example/x', KEY_TYPE.log)).rejects.toThrow(/EEXIST/)
  expect(formatVkey(readKeyFile(path, KEY_TYPE.log))).toBe(formatVkey(made))
  expect(() => readKeyFile(path, KEY_TYPE.cosigner)).toThrow(/another kind/)
  const whole = readFileSync(path, 'utf8')
  writeFileSync(path, whole.replace('log.example/x', 'log.example/y'))
  expect(() => readKeyFile(path, KEY_TYPE.log)).toThrow(/key id does not belong/)
  writeFileSync(path, whole.slice(0, 20))
  expect(() => readKeyFile(path, KEY_TYPE.log)).toThrow(`${path} is not a key file`)
})

test('over HTTP: the same answers, health, and no more than 64 kB', async () => {
  const server = notaryServer(notary, () => undefined).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  try {
    const cosigner = new HttpCosigner(`${url}/`)
    expect(await cosigner.addCheckpoint(0, [], noteOf(tree(10)))).toMatchObject({ kind: 'cosigned' })
    expect(await cosigner.addCheckpoint(0, [], noteOf(tree(12)))).toEqual({ kind: 'elsewhere', size: 10 })
    expect(await cosigner.addCheckpoint(10, [], noteOf(tree(10, 'b')))).toMatchObject({ kind: 'forked' })
    expect(await cosigner.addCheckpoint(10, [], noteOf(tree(12)))).toMatchObject({ kind: 'forked' })
    expect(await cosigner.addCheckpoint(10, [], noteOf(tree(12), key('log.example/a', 3)))).toMatchObject({
      kind: 'refused',
      why: expect.stringMatching(/^403/) as string,
    })

    const conflict = await fetch(`${url}/add-checkpoint`, {
      method: 'POST',
      body: formatRequest(0, [], noteOf(tree(12))),
    })
    expect([conflict.status, conflict.headers.get('content-type'), await conflict.text()]).toEqual([
      409,
      'text/x.tlog.size',
      '10\n',
    ])
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect((await fetch(`${url}/add-checkpoint`)).status).toBe(405)
    expect((await fetch(`${url}/other`)).status).toBe(404)
    expect(await statusOfFlood(port)).toMatch(/^HTTP\/1.1 413/)
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

/** What a client hears that sends more than it may. */
async function statusOfFlood(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(`POST /add-checkpoint HTTP/1.1\r\nhost: n\r\ncontent-length: 70000\r\n\r\n${'x'.repeat(70_000)}`)
  const [data] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return data.toString()
}
