import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { faults, type Fault } from '../faults.js'
import { startSandbox } from '../sandbox.js'
import { alertOf } from './alerting.js'

const waiting = { timeout: 25_000, interval: 20 }
const alerting = (Object.keys(faults) as Fault[]).filter((fault) => alertOf(fault))

test.each(alerting)('%s makes its alert fire, and none of another service; mended it is over', async (fault) => {
  const dir = mkdtempSync(join(tmpdir(), 'firebreak-alerting-'))
  const sandbox = await startSandbox({ dir, speed: 20 })
  try {
    sandbox.break(fault)
    const wanted = alertOf(fault)!
    const firing = () => sandbox.state().alerts.flatMap(({ is, labels }) => (is === 'firing' ? [labels] : []))
    await vi.waitFor(() => expect(firing()).toContainEqual(expect.objectContaining(wanted)), waiting)
    for (const { service } of firing()) expect(service).toBe(wanted.service)
    sandbox.mend(fault)
    await vi.waitFor(() => expect(sandbox.state().alerts).toEqual([]), waiting)
  } finally {
    await sandbox.stop()
    rmSync(dir, { recursive: true })
  }
})
