import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { PartFile } from './part-file.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-part-'))
  return () => rmSync(folder, { recursive: true })
})

const path = (name: string) => join(folder, name)
const digest = (text: string) => createHash('sha256').update(text).digest('hex')

test('what is written is on the disk under its digest', async () => {
  const part = await PartFile.open(path('a'))
  await part.write(Buffer.from('one '))
  await part.write(Buffer.from('two'))
  expect(await part.finish()).toBe(digest('one two'))
  expect([readFileSync(path('a'), 'utf8'), part.size]).toEqual(['one two', 7])
})

test('one that goes on begins with what was durable, and no more; the other file stays as it is', async () => {
  writeFileSync(path('a'), 'durable, and half a li')
  const part = await PartFile.open(path('b'), { from: path('a'), size: 9 })
  expect([part.resumed, part.size]).toEqual([true, 9])
  await part.write(Buffer.from('whole'))
  expect(await part.finish()).toBe(digest('durable, whole'))
  expect(readFileSync(path('a'), 'utf8')).toBe('durable, and half a li')
})

test.each([
  ['is not there', undefined],
  ['is shorter than was said', 'dur'],
])('where the other file %s it begins anew', async (_, content) => {
  if (content !== undefined) writeFileSync(path('a'), content)
  const part = await PartFile.open(path('b'), { from: path('a'), size: 9 })
  expect([part.resumed, part.size]).toEqual([false, 0])
  expect(await part.finish()).toBe(digest(''))
})

test('one that is given up leaves nothing', async () => {
  const part = await PartFile.open(path('a'))
  await part.write(Buffer.from('x'))
  await part.abandon()
  expect(existsSync(path('a'))).toBe(false)
})
