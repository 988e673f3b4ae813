import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatVkey, KEY_TYPE } from '@firebreak/audit-log'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readKeyFile, readVkeyFile, vkeysIn } from './key-file.js'
import { changeLogKey, openLogFolder } from './log-folder.js'

let dir: string
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'firebreak-keys-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const same = (name: string) => name
const keyIn = (file: string) => formatVkey(readKeyFile(join(dir, file), KEY_TYPE.log))
const lines = () => readFileSync(join(dir, 'log.vkeys'), 'utf8').trim().split('\n')

test('made once, and the same at every start', async () => {
  const first = formatVkey(await openLogFolder(dir, 'log.example/a'))
  expect(formatVkey(await openLogFolder(dir, 'log.example/other'))).toBe(first)
  expect(statSync(join(dir, 'log.key')).mode & 0o777).toBe(0o600)
  expect([formatVkey(readVkeyFile(join(dir, 'log.vkey'))), ...lines()]).toEqual([first, first])
})

test('a rotation keeps the name and the old key; a second waits until the old one was put away', async () => {
  const first = await openLogFolder(dir, 'log.example/a')
  const second = await changeLogKey(dir, same)
  expect(second.name).toBe('log.example/a')
  expect([keyIn('log.key'), keyIn('log-old.key')]).toEqual([formatVkey(second), formatVkey(first)])
  expect(lines()).toEqual([formatVkey(first), formatVkey(second)])
  await expect(changeLogKey(dir, same)).rejects.toThrow(/log-old.key is still there from the change before/)
  expect(keyIn('log.key')).toBe(formatVkey(second))
  rmSync(join(dir, 'log-old.key'))
  await changeLogKey(dir, () => 'log.example/b')
  expect(lines()).toHaveLength(3)
  expect(readVkeyFile(join(dir, 'log.vkey')).name).toBe('log.example/b')
})

test.each(['before the old key moved', 'before the new key moved'])('cut short %s: the next call completes it', async (where) => {
  const first = formatVkey(await openLogFolder(dir, 'log.example/a'))
  const second = formatVkey(await changeLogKey(dir, same))
  renameSync(join(dir, 'log.key'), join(dir, 'log-new.key'))
  if (where === 'before the old key moved') renameSync(join(dir, 'log-old.key'), join(dir, 'log.key'))
  expect(formatVkey(await changeLogKey(dir, same))).toBe(second)
  expect([keyIn('log.key'), keyIn('log-old.key')]).toEqual([second, first])
  expect(existsSync(join(dir, 'log-new.key'))).toBe(false)
  expect(lines()).toEqual([first, second])
}) // prettier-ignore

test('a start in the middle of a change goes on with the new key', async () => {
  await openLogFolder(dir, 'log.example/a')
  const second = formatVkey(await changeLogKey(dir, same))
  renameSync(join(dir, 'log.key'), join(dir, 'log-new.key'))
  expect(formatVkey(await openLogFolder(dir, 'log.example/a'))).toBe(second)
})

test('the notary reads its keys again when the file changes, and keeps those of before when it cannot', async () => {
  const first = await openLogFolder(dir, 'log.example/a')
  const said: string[] = []
  const path = join(dir, 'log.vkeys')
  const keys = vkeysIn(path, (line) => said.push(line))
  const ids = () => keys().map(formatVkey)
  expect(ids()).toEqual([formatVkey(first)])
  const second = await changeLogKey(dir, same)
  expect(ids()).toEqual([formatVkey(first), formatVkey(second)])
  writeFileSync(path, `# by hand\n\n  ${formatVkey(second)}\n`)
  expect(ids()).toEqual([formatVkey(second)])
  writeFileSync(path, 'a typing error\n')
  expect([ids(), ids()]).toEqual([[formatVkey(second)], [formatVkey(second)]])
  rmSync(path)
  expect(ids()).toEqual([formatVkey(second)])
  expect(said.filter((line) => line.includes('the keys of before stay'))).toHaveLength(2)
  writeFileSync(path, `${formatVkey(first)}\n`)
  expect(ids()).toEqual([formatVkey(first)])
  expect(() => vkeysIn(join(dir, 'nowhere'), () => undefined)).toThrow(/ENOENT/)
})
