import { randomUUIDv7 } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Freezes, noLimits, Scopes, type Actor, type Pipeline } from '@firebreak/flow'
import { openStore, PostgresLedger } from '@firebreak/store'
import type pg from 'pg'
import { putSteps } from '../bench/step-rows.js'
import { clock, foundOut, print } from '../crash/closing.js'
import { makeDatabase, withClient } from '../crash/database.js'
import { Dice } from '../crash/dice.js'
import type { Judged } from '../crash/verdict.js'
import { temporaryPostgres } from '../postgres.js'
import { ended, launch } from '../service.js'
import type { Claimed, Flowing, Told } from './claimers.js'
import { judgeFreezes, NONE_LATE, type Frozen } from './freezes-verdict.js'

const PROCESSES = 4
export const CLAIMERS = 32
/** In which a plain read leaks many times over. */
const CONTROL_FREEZES = 60
/** From the first claim in a pipeline to its freeze, at most: the others come in meanwhile. */
const PEACE_MS = 6

const theo: Actor = { kind: 'person', id: 'theo', auth: 'session', roles: ['security'] }

export interface FreezesOptions {
  seed: number
  freezes: number
  folder: string
  stops: (() => Promise<void>)[]
}

/** Freezes against claimers, judged from the log alone; then against claimers that do not lock, which must be found out. */
export async function chaosOfFreezes({ seed, freezes, folder, stops }: FreezesOptions) {
  // When which transaction committed is Postgres' own word.
  const postgres = await temporaryPostgres({ track_commit_timestamp: 'on' })
  stops.push(() => postgres.stop())
  const play = async (name: string, many: number, env: Record<string, string>) => {
    const home = join(folder, name)
    mkdirSync(join(home, 'logs'), { recursive: true })
    const database = await makeDatabase(postgres.url, name)
    await withClient(database.url(), (client) => putSteps(client, CLAIMERS))
    const claimers = await Claimers.start(database.url('fb_worker'), join(home, 'logs'), env)
    stops.push(async () => claimers.kill())
    const took = await freezeAgainAndAgain(database.url('fb_api'), claimers, many, new Dice(seed))
    const { claimed, denied } = await claimers.finish()
    return withClient(database.url(), async (client): Promise<Frozen> => ({ took, claimed, denied, ...(await lateness(client)) }))
  } // prettier-ignore
  print(`${clock()}  ${CLAIMERS} claimers in ${PROCESSES} processes: ${freezes.toLocaleString('en')} freezes`)
  const frozen = await play('freezes', freezes, {})
  const control = await play('plain_read', Math.min(freezes, CONTROL_FREEZES), { CLAIM_PLAIN_READ: '1' })
  await postgres.stop()
  const leaks = { what: 'claimers that ask without a lock', mustFail: NONE_LATE, alsoFail: [] }
  const judged: Judged[] = [...judgeFreezes(frozen, freezes), foundOut(leaks, judgeFreezes(control))]
  return { frozen, judged }
}

/** A pipeline that flows through everybody's target, a freeze of it, and the next one. Answers what each freeze took. */
async function freezeAgainAndAgain(url: string, claimers: Claimers, many: number, dice: Dice): Promise<number[]> {
  const source = await openStore(url, { applicationName: 'freezer', poolSize: 2 }).initialize()
  const pipelines: Pipeline[] = []
  const freezes = new Freezes({
    ledger: new PostgresLedger(source, { now: () => new Date() }),
    now: () => new Date(),
    newId: (prefix) => `${prefix}_${randomUUIDv7()}`,
    scopes: new Scopes([], pipelines),
    limits: noLimits,
  })
  const took: number[] = []
  let told = performance.now()
  try {
    for (let nth = 1; nth <= many; nth++) {
      const name = `p${nth}`
      pipelines[0] = { name, targets: [] }
      await claimers.flow(name)
      await sleep(dice.between(0, PEACE_MS))
      const began = performance.now()
      await freezes.declare(theo, { scopes: [`pipeline:${name}`], reason: 'the freezes suite' })
      took.push(performance.now() - began)
      if (performance.now() - told > 15_000) {
        told = performance.now()
        print(`${clock()}  ${nth.toLocaleString('en')} of ${many.toLocaleString('en')} freezes`)
      }
    }
  } finally {
    await source.destroy()
  }
  return took
}

/**
 * From the log and from Postgres' commit times, claims that committed after a freeze of a scope that they had named as
 * theirs. A claim that locks commits before the freeze can have its lock, and so before it by that clock, too.
 */
async function lateness(client: pg.Client): Promise<Pick<Frozen, 'inLog' | 'late' | 'latest'>> {
  const { rows } = await client.query<{ inLog: number; late: number; latest: number }>(
    `with named as (
       select type, substring(convert_from(body, 'utf8') from '"pipeline:(p[0-9]+)"') as pipeline,
              pg_xact_commit_timestamp(xid::xid) as at
       from audit.entry where type in ('freeze.declared', 'step.intended'))
     select count(*)::int as "inLog", (count(*) filter (where c.at > f.at))::int as late,
            coalesce(round(extract(epoch from max(c.at - f.at)) * 1000), 0)::int as latest
     from named c join named f on f.type = 'freeze.declared' and f.pipeline = c.pipeline
     where c.type = 'step.intended'`,
  )
  return rows[0]!
}

/** All claimers, in their processes. */
class Claimers {
  #hear: (said: Flowing | Claimed) => unknown = () => undefined

  private constructor(
    private readonly children: ReturnType<typeof launch>['child'][],
    private readonly failed: Promise<never>,
  ) {
    for (const child of children) child.on('message', (said) => this.#hear(said as Flowing | Claimed))
  }

  static async start(databaseUrl: string, logs: string, env: Record<string, string>): Promise<Claimers> {
    const each = CLAIMERS / PROCESSES
    const children = Array.from(
      { length: PROCESSES },
      (_, number) =>
        launch(
          {
            name: `claimers-${number + 1}`,
            args: ['infra/dev/dist/chaos/claimers.js'],
            env: { DATABASE_URL: databaseUrl, CLAIM_FIRST: String(number * each), CLAIM_MANY: String(each), ...env },
          },
          logs,
        ).child,
    )
    const failed = Promise.race(children.map(ended)).then((how): never => {
      throw new Error(`claimers ended before it was over (${how}); their logs are in ${logs}`)
    })
    failed.catch(() => undefined)
    await Promise.race([Promise.all(children.map((child) => once(child, 'message'))), failed])
    return new Claimers(children, failed)
  }

  /** Tells of a pipeline, and waits until one of them has claimed something in it. */
  async flow(pipeline: string): Promise<void> {
    const flows = this.#heard((said) => 'flowing' in said && said.flowing === pipeline)
    this.#tell({ pipeline })
    await flows
  }

  async finish(): Promise<Claimed> {
    const answers: Claimed[] = []
    const all = this.#heard((said) => 'claimed' in said && answers.push(said) === this.children.length)
    this.#tell({ over: true })
    await all
    this.kill()
    return {
      claimed: answers.reduce((sum, { claimed }) => sum + claimed, 0),
      denied: answers.reduce((sum, { denied }) => sum + denied, 0),
    }
  }

  #tell(told: Told): void {
    for (const child of this.children) if (child.connected) child.send(told)
  }

  /** Resolves when one of them says what is meant; rejects when one has ended instead. */
  #heard(meant: (said: Flowing | Claimed) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#hear = (said) => meant(said) && resolve()
      this.failed.catch(reject)
    })
  }

  kill(): void {
    for (const child of this.children) child.kill('SIGKILL')
  }
}
