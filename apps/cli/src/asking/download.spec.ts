import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { Ended, EXIT } from '../exits.js'
import { problem } from '../testing/desk.js'
import { download } from './download.js'

const bytes = Buffer.from(Array.from({ length: 10_000 }, (_, n) => n % 251))
const sha256 = createHash('sha256').update(bytes).digest('hex')
let path: string
const said: string[] = []
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'firebreak-download-')), 'bundle.tar')
  said.length = 0
})

/** Gives what is asked for, but breaks off after so many bytes of each answer. */
function server({ breaks = Infinity, file = bytes, etag = sha256 } = {}) {
  const asked: (string | null)[] = []
  const fetch = async (_: unknown, init?: RequestInit) => {
    const headers = new Headers(init?.headers)
    asked.push(headers.get('range'))
    const from = headers.get('if-range') === `"${etag}"` ? Number(/\d+/.exec(headers.get('range') ?? '')?.[0] ?? 0) : 0
    const whole = file.subarray(from)
    let given = false
    const body = new ReadableStream({
      pull(controller) {
        if (given && whole.length > breaks) throw new TypeError('terminated')
        if (given) return controller.close()
        given = true
        controller.enqueue(whole.subarray(0, breaks))
      },
    })
    return new Response(body, { status: from > 0 ? 206 : 200 })
  }
  return { asked, fetch: fetch as typeof globalThis.fetch }
}
const wanted = () => ({ url: 'http://x/', path, size: bytes.length, sha256 })
const with_ = (fetch: typeof globalThis.fetch) => ({
  fetch,
  say: (line: string) => void said.push(line),
  sleep: async () => undefined,
})

test('goes on where it broke off, with Range', async () => {
  const { asked, fetch } = server({ breaks: 4_000 })
  await download(wanted(), with_(fetch))
  expect(readFileSync(path).equals(bytes)).toBe(true)
  expect(asked).toEqual([null, 'bytes=4000-', 'bytes=8000-'])
  expect(existsSync(`${path}.part`)).toBe(false)
})

test('goes on with what an earlier call left', async () => {
  writeFileSync(`${path}.part`, bytes.subarray(0, 9_000))
  const { asked, fetch } = server()
  expect(await download(wanted(), with_(fetch))).toEqual({ resumedAt: 9_000 })
  expect(asked).toEqual(['bytes=9000-'])
  expect(said).toEqual(['going on from byte 9000 of 10000'])
})

test('begins anew when what lay there is spoilt, too long, or of another file', async () => {
  for (const left of [Buffer.alloc(9_000), Buffer.alloc(20_000)]) {
    writeFileSync(`${path}.part`, left)
    await download(wanted(), with_(server().fetch))
    expect(readFileSync(path).equals(bytes)).toBe(true)
  }
  writeFileSync(`${path}.part`, bytes.subarray(0, 10))
  await download(wanted(), with_(server({ etag: 'another' }).fetch))
  expect(readFileSync(path).equals(bytes)).toBe(true)
})

test('what does not have the digest of the record never gets its name', async () => {
  const file = Buffer.from(bytes)
  file[5_000]! ^= 1
  await expect(download(wanted(), with_(server({ file }).fetch))).rejects.toMatchObject({ exit: 1, code: 'digest' })
  expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([false, false])
})

test('a refusal ends it at once; a line that always breaks is given up', async () => {
  const refused = async () => problem(410, 'expired', 'Ask for a new export.')
  await expect(download(wanted(), with_(refused as unknown as typeof fetch))).rejects.toMatchObject({
    exit: 3,
    code: 'expired',
  })
  const { asked, fetch } = server({ breaks: 10 })
  await expect(download(wanted(), with_(fetch))).rejects.toThrow('terminated')
  expect(asked).toHaveLength(5)
})

test.each([
  ['no byte', 206, 0],
  ['the beginning alone, each time', 200, 9_000],
  ['more than there is', 200, 20_000],
])('a server that answers with %s is given up', async (_, status, length) => {
  writeFileSync(`${path}.part`, bytes.subarray(0, 9_000))
  const asked: unknown[] = []
  const never = async () => {
    if (asked.push(null) > 50) throw new Ended(EXIT.bad, 'asked for ever', 'never')
    return new Response(new Uint8Array(length), { status })
  }
  const given = download(wanted(), with_(never))
  await expect(given).rejects.toMatchObject({ exit: EXIT.unreachable })
  expect(asked).toHaveLength(5)
})
