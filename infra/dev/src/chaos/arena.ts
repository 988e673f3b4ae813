import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { recipes as catalogue } from '@firebreak/catalog'
import { withFolder } from '@firebreak/yaml-recipes'
import { Cluster } from '../crash/cluster.js'
import { makeDatabase, type Database } from '../crash/database.js'
import type { Dice } from '../crash/dice.js'
import { openOffice } from '../crash/office.js'
import { workerVictims } from '../crash/workers.js'
import type { TemporaryPostgres } from '../postgres.js'
import { temporaryRedis } from '../redis.js'
import { ROOT } from '../root.js'
import type { Stage } from './blows.js'
import { CountingCluster } from './counting-cluster.js'
import { Crew } from './crew.js'

/** The house of the chaos suite: lanes to scale, and one recipe that scales them. */
const HOUSE = join(ROOT, 'infra/dev/chaos/firebreak.yaml')
export const WORKERS = 3
const NOISE = { lostAnswers: 0.04, refused: 0.03 }

/** One database of the cluster, a Redis, a watched cluster that counts, built workers, and the people. */
export interface Arena extends Stage {
  database: Database
  crew: Crew
  stop(): Promise<void>
}

/** @param before preloaded into the workers: a wrong engine */
export async function openArena(
  postgres: TemporaryPostgres,
  {
    name,
    folder,
    dice,
    alike,
    before = [],
  }: { name: string; folder: string; dice: Dice; alike: number; before?: string[] },
): Promise<Arena> {
  const home = join(folder, name)
  mkdirSync(join(home, 'logs'), { recursive: true })
  const database = await makeDatabase(postgres.url, name)
  const redis = await temporaryRedis()
  const cluster = new CountingCluster(dice, NOISE)
  const { url, kubeconfig } = await cluster.listen(home)
  const office = await openOffice(database, redis.url, withFolder(catalogue, 'recipes', HOUSE))
  const workers = workerVictims(
    WORKERS,
    home,
    {
      DATABASE_URL: database.url('fb_worker'),
      REDIS_URL: redis.url,
      FIREBREAK_CONFIG: HOUSE,
      PROMETHEUS_URL: `${url}/prometheus`,
      // Longer than any pause: whoever wakes up reads the answer that it was waiting for, and acts on it.
      FIREBREAK_CALL_TIMEOUT_MS: '30000',
    },
    {
      before,
      each: (number) => ({ KUBECONFIG_READER: kubeconfig(number), KUBECONFIG_HANDS: kubeconfig(number) }),
    },
  )
  const stop = async () => {
    await Promise.all(workers.map((worker) => worker.stop()))
    await office.close()
    cluster.close()
    await redis.stop()
  }
  try {
    await Promise.all(workers.map((worker) => worker.start()))
  } catch (error) {
    await stop()
    throw error
  }
  const crew = new Crew(office, cluster, dice, alike)
  return { database, redis, cluster, workers, crew, dice, postgres: new Cluster(postgres), stop }
}
