import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonical, concat, FILE, FORMAT, tarEnd, tarHeader, tarPadding, utf8 } from '@firebreak/audit-log'
import { TEST_POLICY_TEXT, testBodies } from '@firebreak/audit-log/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { ROOT } from '../src/root.js'

/** The built program, over what somebody made to hurt it: an answer, in one line, in bounded memory, and never silence. */

const folder = mkdtempSync(join(tmpdir(), 'firebreak-hostile-'))
afterAll(() => rmSync(folder, { recursive: true }))

const policy = join(folder, 'policy.txt')
writeFileSync(policy, TEST_POLICY_TEXT)
const program = join(ROOT, 'libs/audit/bin/dist/audit-check.js')

interface Ended {
  code: number | null
  out: string[]
  err: string[]
  /** MiB. */
  peak: number
}

/** Runs it to its end, or for as long as `until` lets it. */
async function check(bundle: string, ...more: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [program, bundle, '--policy', policy, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  let peak = 0
  const looking = setInterval(() => (peak = Math.max(peak, resident(child.pid!))), 20)
  const [code] = (await once(child, 'exit')) as [number | null]
  clearInterval(looking)
  const lines = (text: string) => text.split('\n').filter((line) => line !== '')
  return { code, out: lines(out), err: lines(err), peak }
}

/** What the kernel gave the process at most, in MiB; 0 where there is no /proc. */
function resident(pid: number): number {
  const { stdout } = spawnSync('grep', ['VmHWM', `/proc/${pid}/status`], { encoding: 'utf8' })
  return Number(/(\d+) kB/.exec(stdout)?.[1] ?? 0) / 1024
}

/** In one line, beside what it says of its progress. */
function unusable({ code, err, out, peak }: Ended, because: RegExp): void {
  const words = err.filter((line) => !line.endsWith('…'))
  expect({ code, out, words }).toEqual({ code: 2, out: [], words: [expect.stringMatching(because)] })
  expect(peak).toBeLessThan(256)
}

function put(name: string, write: (fd: number) => void): string {
  const path = join(folder, name)
  const fd = openSync(path, 'w')
  write(fd)
  closeSync(fd)
  return path
}

const member = (name: string, content: Uint8Array) =>
  concat(tarHeader(name, content.length), content, tarPadding(content.length))
const claims = {
  completeness: 'FULL', controls: [], disclosed: false, filter: {}, format: FORMAT, origin: 'log.example/firebreak', streams: [],
} // prettier-ignore

describe('audit-check, over what was made to hurt it', { timeout: 300_000 }, () => {
  test('a pipe: it does not wait for it', async () => {
    const pipe = join(folder, 'pipe')
    if (spawnSync('mkfifo', [pipe]).status !== 0) return
    unusable(await check(pipe), /it is a pipe or a device/)
  })

  test('more tiny files than the largest log has', async () => {
    const tar = put('tiny.tar', (fd) => {
      for (let i = 0; i < 130; i++) {
        const names = Array.from({ length: 1000 }, (_, j) => `blobs/${i * 1000 + j}`)
        writeSync(fd, concat(...names.map((name) => tarHeader(name, 0))))
      }
      writeSync(fd, tarEnd())
    })
    unusable(await check(tar), /more than 125000 files/)
  })

  test('a hundred gigabytes that are not there', async () => {
    // The most that one file in a tar may have, thirteen times.
    const size = 8 ** 11 - 512
    const names = [FILE.entries, ...Array.from({ length: 12 }, (_, i) => `blobs/${i}`)]
    const files = names.map((name) => ({ name, sha256: '0'.repeat(64), size }))
    const manifest = member(FILE.manifest, canonical({ ...claims, entries: 1, files, size: 1 }))
    const tar = put('sparse.tar', (fd) => {
      for (const [i, name] of names.entries()) writeSync(fd, tarHeader(name, size), 0, 512, i * (size + 512))
      const end = concat(manifest, tarEnd())
      writeSync(fd, end, 0, end.length, names.length * (size + 512))
    })
    const { code, err, out, peak } = await check(tar)
    expect({ code, words: err.filter((line) => !line.endsWith('…')) }).toEqual({ code: 1, words: [] })
    expect(out.at(-1)).toMatch(/^TAMPERED/)
    expect(peak).toBeLessThan(256)
  })

  test('a manifest that fills any memory', async () => {
    const value = `{"files":{${Array.from({ length: 900_000 }, (_, i) => `"${i.toString(36)}":[[]]`).join(',')}}}`
    const tar = put('manifest.tar', (fd) => writeSync(fd, concat(member(FILE.manifest, utf8(value)), tarEnd())))
    unusable(await check(tar), /cannot be (read|used): .*/)
  })

  test('more than fits is said, and more memory may be given', async () => {
    const bodies = testBodies(400)
    const lines = concat(...bodies.flatMap((body) => [body, utf8('\n')]))
    const tar = put('small.tar', (fd) => writeSync(fd, concat(member(FILE.entries, lines), tarEnd())))
    unusable(await check(tar, '--memory', '100'), /--memory is a whole number/)
    unusable(await check(tar, '--memory', '512'), /there is no manifest.json in it/)
  })
})
