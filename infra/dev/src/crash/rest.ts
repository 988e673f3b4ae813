import { setTimeout as sleep } from 'node:timers/promises'
import { withClient, type Database } from './database.js'
import { PATIENCE_MS } from './recovery.js'
import type { Victim } from './victim.js'

/** Waits until a published checkpoint covers every entry there is; what never is, the checks will name. */
export async function allCovered(database: Database): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  await withClient(database.url(), async (client) => {
    while (performance.now() < deadline) {
      const { rows } = await client.query<{ done: boolean }>(
        `select (select count(*) from audit.entry) = coalesce((select max(size) from audit.checkpoint), 0) as done`,
      )
      if (rows[0]?.done) return
      await sleep(100)
    }
  })
}

/** Whoever ended by itself, but for a sequencer that found another one leading. */
export function gaveUp(victim: Victim): string[] {
  if (victim.ends.length === 0) return []
  const refused = victim.log().split('\n').filter((line) => /\b(LOG_[A-Z]+|OTHER_CLUSTER|ENTRY_REFUSED)\b/.test(line)) // prettier-ignore
  const zombies = victim.log().split('\n').filter((line) => line.includes('ZOMBIE')).length // prettier-ignore
  const strange = victim.ends.slice(zombies)
  return [...refused.map((line) => `${victim.name}: ${line}`), ...strange.map((how) => `${victim.name} ended: ${how}`)]
}
