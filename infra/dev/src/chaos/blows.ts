import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../crash/cluster.js'
import type { Dice } from '../crash/dice.js'
import type { Victim } from '../crash/victim.js'
import { signal, until } from '../processes.js'
import type { TemporaryRedis } from '../redis.js'
import type { CountingCluster } from './counting-cluster.js'
import { flush } from './flush.js'
import type { Moment } from './moments.js'

/** Everybody who may be hit. */
export interface Stage {
  postgres: Cluster
  redis: TemporaryRedis
  workers: readonly Victim[]
  cluster: CountingCluster
  dice: Dice
}

/** Nobody waits longer for a call to catch. */
const PATIENCE_MS = 5_000

/** Deals one blow; resolves when it is over. False: there was nobody to hit. */
export async function deal(moment: Moment, stage: Stage): Promise<boolean> {
  if (moment.victim === 'Redis') return hitRedis(moment, stage.redis)
  if (moment.victim === 'Postgres') return hitPostgres(moment, stage)
  const { workers, cluster } = stage
  if (moment.does === 'kill-all') {
    for (const worker of workers) worker.kill()
    return true
  }
  const caught = moment.seam && (await cluster.catch(moment.seam, PATIENCE_MS))
  if (moment.seam && !caught) return false
  const worker = caught ? workers[caught.worker - 1] : workers[moment.who % workers.length]
  if (moment.does === 'kill') {
    worker?.kill()
    // Whoever sent it is dead; what it asked for happens all the same.
    caught?.go()
    return true
  }
  worker?.freeze()
  if (!moment.late) caught?.go()
  if (caught && moment.for === 'there-and-back') await until(caught.thereAndBack, moment.lasts)
  else await sleep(moment.lasts)
  if (moment.late) caught?.go()
  worker?.thaw()
  return true
}

async function hitRedis({ does, lasts }: Moment, redis: TemporaryRedis): Promise<boolean> {
  if (does === 'flush') await flush(redis.url)
  else if (does === 'kill') {
    redis.kill()
    await redis.startAgain()
  } else {
    signal(redis.pid, 'SIGSTOP')
    await sleep(lasts)
    signal(redis.pid, 'SIGCONT')
  }
  return true
}

async function hitPostgres({ does, lasts }: Moment, { postgres, dice }: Stage): Promise<boolean> {
  if (does === 'kill') await postgres.killAndStart()
  else if (does === 'kill-a-session') postgres.killSession(dice)
  else await postgres.freeze(lasts)
  return true
}
