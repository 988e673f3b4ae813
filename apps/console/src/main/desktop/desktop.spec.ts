import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { FakeBox } from '../account/testing/boxes.js'
import { FakeDesktop } from './fake.js'
import { desktopContract } from './testing/contract.js'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-desktop-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the desktop in memory', () => {
  const desktop = new FakeDesktop(folder, new FakeBox())
  test.each(desktopContract)('%s', (_, check) => check(desktop))
})
