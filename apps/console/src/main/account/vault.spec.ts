import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeBox } from './testing/boxes.js'
import { Vault } from './vault.js'

let folder: string
let path: string
let box: FakeBox
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-vault-'))
  path = join(folder, 'user', 'signed-in.json')
  box = new FakeBox()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** As each start of the shell makes it. */
const started = (issuer = 'https://id.example') => new Vault(box, path, issuer)

describe('SEC-42: what one stays signed in with', () => {
  test('is there at the next start, and is sealed meanwhile', async () => {
    await started().save('canary-refresh-token')
    expect(readFileSync(path, 'utf8')).not.toContain('canary')
    expect(await started().load()).toBe('canary-refresh-token')
    expect(started().keeps()).toEqual({ signedIn: true, because: null })
  })

  test.each(['basic_text', 'unknown', 'none'] as const)('with %s nothing is written, and it is said', async (kind) => {
    box.becomes(kind)
    const vault = started()
    await vault.save('canary-refresh-token')
    expect(await vault.load()).toBeUndefined()
    expect(readdirSync(folder)).toEqual([])
    expect(vault.keeps()).toMatchObject({ signedIn: false, because: expect.stringContaining('no keyring') as string })
  })

  test('a keyring that is gone since the last start takes the file with it', async () => {
    await started().save('canary-refresh-token')
    box.becomes('basic_text')
    expect(await started().load()).toBeUndefined()
    expect(readdirSync(join(folder, 'user'))).toEqual([])
  })

  test('what cannot be opened any more is gone: sign in again, and it is kept again', async () => {
    await started().save('canary-refresh-token')
    box.lose()
    const vault = started()
    expect(await vault.load()).toBeUndefined()
    expect(vault.keeps().because).toContain('Sign in again')
    expect(await started().load()).toBeUndefined()
    await vault.save('another')
    expect(vault.keeps()).toEqual({ signedIn: true, because: null })
    expect(await started().load()).toBe('another')
  })

  test('a key that was changed: sealed anew at once', async () => {
    await started().save('canary-refresh-token')
    const before = readFileSync(path, 'utf8')
    box.rotate()
    expect(await started().load()).toBe('canary-refresh-token')
    expect(readFileSync(path, 'utf8')).not.toBe(before)
    box.rotate()
    expect(await started().load()).toBe('canary-refresh-token')
  })

  test.each(['', '{', 'null', '{"version":2}', '{"version":1,"issuer":"https://id.example","sealed":"%%"}'])(
    'a file that holds %j is no error',
    async (text) => {
      await started().save('x')
      writeFileSync(path, text)
      expect(await started().load()).toBeUndefined()
    },
  )

  test('what was kept for another provider is sent to no other', async () => {
    await started('https://id.example').save('canary-refresh-token')
    expect(await started('https://evil.example').load()).toBeUndefined()
  })

  test('a keyring that fails is none', async () => {
    box.backend = async () => Promise.reject(new Error('D-Bus'))
    expect(await started().load()).toBeUndefined()
  })
})

describe('SEC-43: the file', () => {
  test('is its owner’s alone, and nothing is left beside it', async () => {
    const vault = started()
    for (const secret of ['one', 'two']) await vault.save(secret)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'user')).mode & 0o777).toBe(0o700)
    expect(readdirSync(join(folder, 'user'))).toEqual(['signed-in.json'])
  })

  test('is written anew also where a half one was left, whoever’s it was', async () => {
    await started().save('one')
    writeFileSync(`${path}.new`, 'half', { mode: 0o666 })
    chmodSync(`${path}.new`, 0o666)
    await started().save('two')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await started().load()).toBe('two')
  })

  test('is gone after signing out; and where nothing can be written, it is said', async () => {
    const vault = started()
    await vault.save('one')
    await vault.clear()
    expect(await started().load()).toBeUndefined()
    const nowhere = new Vault(box, '/dev/null/x/signed-in.json', 'https://id.example')
    await nowhere.save('one')
    expect(nowhere.keeps().signedIn).toBe(false)
  })
})
