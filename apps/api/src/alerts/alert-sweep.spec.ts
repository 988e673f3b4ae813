import type { AlertRules, Alerts, Incidents } from '@firebreak/flow'
import { expect, test } from 'vitest'
import { AlertSweep } from './alert-sweep.js'

const ALL = ['deliveries', 'incidents', 'plans']

test.each(ALL)('trouble with %s is told of once, and the others have their turn', async (part) => {
  const turns: string[] = []
  const lines: string[] = []
  const turn = (name: string) => async () => {
    turns.push(name)
    if (name === part) throw new Error(`${name} are broken`)
    return 0
  }
  const sweep = new AlertSweep(
    { sweep: turn('deliveries') } as unknown as Alerts,
    { closeOld: turn('incidents') } as unknown as Incidents,
    { planAnew: turn('plans') },
    { resolveWindowMinutes: 5 } as AlertRules,
    (line) => lines.push(line),
  )
  await sweep.once()
  expect(turns).toEqual(ALL)
  expect(lines).toEqual([expect.stringContaining(`${part} are broken`)])
})
