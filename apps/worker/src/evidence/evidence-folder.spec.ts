import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { evidenceContract } from '@firebreak/kit/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EvidenceFolderHands, EvidenceFolderReader, keptBlob } from './evidence-folder.js'

let dir: string
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'firebreak-evidence-'))))
afterEach(() => rmSync(dir, { recursive: true }))

const NOW = new Date('2026-11-23T03:07:00.000Z')
const open = () => ({ reader: new EvidenceFolderReader(dir, () => NOW), hands: new EvidenceFolderHands(dir) })
const seen = { content: 'seen', media_type: 'text/plain', contents: { lines: 1 } }
const SHA = 'ae2b7655aad16d7a3ae4ba93fd9f1b5bf1a3e9df63c3bd0c0dcb1b0d1c52cf4d'

evidenceContract('the folder of evidence', async () => open())

test('it lies under the SHA-256 of its bytes, and nobody else may read it', async () => {
  const { reader, hands } = open()
  const { name, at_ms } = await reader.next('model')
  expect([name, at_ms]).toEqual(['model/20261123T030700.000Z', NOW.getTime()])
  const { sha256 } = await hands.keep(name, seen)
  const file = join(dir, 'evidence', 'sha256', sha256)
  expect(readFileSync(file, 'utf8')).toBe('seen')
  expect(statSync(file).mode & 0o077).toBe(0)
  expect(readdirSync(join(dir, 'evidence', 'sha256'))).toEqual([sha256])
})

test('what was changed behind its back is not what is kept', async () => {
  const { reader, hands } = open()
  const { sha256 } = await hands.keep('model/1', seen)
  writeFileSync(join(dir, 'evidence', 'sha256', sha256), 'seem')
  await expect(reader.find('model/1')).rejects.toThrow(`its digest should be ${sha256}`)
  rmSync(join(dir, 'evidence', 'sha256', sha256))
  await expect(reader.find('model/1')).rejects.toMatchObject({ kind: 'invalid' })
  writeFileSync(join(dir, 'evidence', 'names', 'model%2F1.json'), '{')
  await expect(reader.find('model/1')).rejects.toThrow('its entry is damaged')
})

test('of many who keep something under one name at once, one does', async () => {
  const { reader, hands } = open()
  const all = await Promise.allSettled(
    ['a', 'b', 'c', 'd'].map((content) => hands.keep('model/1', { ...seen, content })),
  )
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect((await reader.find('model/1'))?.bytes).toBe(1)
})

test('a name leads to no other folder', async () => {
  await open().hands.keep('../../../elsewhere', seen)
  expect(readdirSync(dir)).toEqual(['evidence'])
  expect(readdirSync(join(dir, 'evidence', 'names'))).toEqual(['..%2F..%2F..%2Felsewhere.json'])
})

test('a folder that cannot be written says so, and not where it is', async () => {
  writeFileSync(join(dir, 'evidence'), 'a file')
  await expect(open().hands.keep('model/1', seen)).rejects.toMatchObject({ kind: 'unreachable', message: expect.not.stringContaining(dir) as string }) // prettier-ignore
})

test('an export is given what lies there as the log says, and nothing else', async () => {
  const { sha256 } = await open().hands.keep('model/1', seen)
  const blob = await keptBlob(dir, { sha256, size: 4 })
  const chunks: Uint8Array[] = []
  for await (const chunk of blob!.open()) chunks.push(chunk as Uint8Array)
  expect(Buffer.concat(chunks).toString()).toBe('seen')
  expect(await keptBlob(dir, { sha256, size: 5 })).toBeUndefined()
  expect(await keptBlob(dir, { sha256: SHA, size: 4 })).toBeUndefined()
  expect(await keptBlob(dir, { sha256: '../names/x', size: 4 })).toBeUndefined()
})
