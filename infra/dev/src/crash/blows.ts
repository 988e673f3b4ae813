import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from './cluster.js'
import type { Dice } from './dice.js'
import type { Load } from './load.js'
import type { LogPrograms } from './log-programs.js'
import type { Moment } from './moments.js'
import type { Victim } from './victim.js'

/** Everybody who may be hit. */
export interface Stage {
  cluster: Cluster
  log: LogPrograms
  load: Load
  workers: Victim[]
  dice: Dice
}

/** Deals one blow; resolves when it is over: killed, or stopped and continued. Answers whom to wait for. */
export async function deal(moment: Moment, { cluster, log, load, workers, dice }: Stage): Promise<Victim[]> {
  if (moment.victim === 'Postgres') {
    if (moment.does === 'kill') await cluster.killAndStart()
    else if (moment.does === 'kill-a-session') cluster.killSession(dice)
    else await cluster.freeze(moment.lasts)
    return []
  }
  const all = { sequencer: log.sequencers, notary: [log.notary], worker: workers, writer: load.writers }[moment.victim]
  const one = all[moment.who % all.length]
  if (!one) return []
  switch (moment.does) {
    case 'kill':
      one.kill()
      return [one]
    case 'kill-all':
      for (const each of all) each.kill()
      return all
    case 'lose-answer':
      log.witness.loseNextAnswer()
      return []
    case 'stop-and-kill-postgres':
      // All of them: whoever led does not know that its session is gone.
      for (const each of all) each.freeze()
      await cluster.killAndStart()
      await sleep(moment.lasts)
      for (const each of all) each.thaw()
      return []
    default:
      one.freeze()
      await sleep(moment.lasts)
      one.thaw()
      return []
  }
}
