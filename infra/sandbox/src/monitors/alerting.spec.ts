import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { faults, type Fault } from '../faults.js'
import { startSandbox } from '../sandbox.js'
import { alertOf } from './alerting.js'

const waiting = { timeout: 25_000, interval: 20 }
const alerting = (Object.keys(faults) as Fault[]).filter((fault) => alertOf(fault))

test.each(alerting)('%s makes its alert fire and no other, and mended it is over', async (fault) => {
  const dir = mkdtempSync(join(tmpdir(), 'firebreak-alerting-'))
  const sandbox = await startSandbox({ dir, speed: 20 })
  try {
    sandbox.break(fault)
    const firing = () => sandbox.state().alerts.filter(({ is }) => is === 'firing')
    await vi.waitFor(() => expect(firing()).not.toEqual([]), waiting)
    for (const { labels } of firing()) expect(labels).toMatchObject(alertOf(fault)!)
    sandbox.mend(fault)
    await vi.waitFor(() => expect(sandbox.state().alerts).toEqual([]), waiting)
  } finally {
    await sandbox.stop()
    rmSync(dir, { recursive: true })
  }
})
