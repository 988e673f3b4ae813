import { randomUUIDv7 } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  Journal,
  processActor,
  noLimits,
  Scopes,
  Tenures,
  type Locks,
  type Plan,
  type RunStep,
  type WriteBooks,
} from '@firebreak/flow'
import { openStore, PostgresLedger } from '@firebreak/store'
import { PLAN, runId, stepId } from '../bench/step-rows.js'
import { Dice } from '../crash/dice.js'

/** What the freezer tells: what flows through everybody's targets from now on has this name, or that it is over. */
export type Told = { pipeline: string } | { over: true }
/** What they answer: that somebody of them has claimed something in it; and at the end how much they did. */
export interface Flowing {
  flowing: string
}
export interface Claimed {
  claimed: number
  denied: number
}

/**
 * Some claimers of the freezes suite, in one process: each claims its step again and again, as a runner does, until the
 * pipeline that flows through it is frozen, and then waits for the next one. CLAIM_FIRST and CLAIM_MANY say which they are.
 * CLAIM_PLAIN_READ makes them the control: they ask for freezes without having locked the scopes that they claim in.
 */
const first = Number(process.env['CLAIM_FIRST'])
const many = Number(process.env['CLAIM_MANY'])
const me = processActor('worker')
const dice = new Dice(first)
/** At most, between two claims of one claimer: what it claimed has to be done. */
const EFFECT_MS = 600

class PlainRead extends PostgresLedger {
  override write<T>(work: (books: WriteBooks) => Promise<T>): Promise<T> {
    return super.write((books) => {
      const lock = (locks: Locks) => books.lock({ ...locks, shared: [] })
      return work({ ...books, lock })
    })
  }
}

let pipeline: string | undefined
let flowing: string | undefined
let over = false
const wake: (() => void)[] = []
const counted: Claimed = { claimed: 0, denied: 0 }

process.on('message', (told: Told) => {
  if ('over' in told) over = true
  else pipeline = told.pipeline
  for (const one of wake.splice(0)) one()
})
process.on('disconnect', () => process.exit(0))

const source = await openStore(process.env['DATABASE_URL']!, {
  applicationName: 'claimers',
  poolSize: many,
}).initialize()
const Kind = process.env['CLAIM_PLAIN_READ'] === '1' ? PlainRead : PostgresLedger
const ledger = new Kind(source, { now: () => new Date() })
const world = { ledger, now: () => new Date(), newId: (prefix: string) => `${prefix}_${randomUUIDv7()}` }

async function claimer(number: number): Promise<void> {
  let step: RunStep = (await ledger.read((books) => books.steps.get(stepId(number))))!
  const targets = [`deployment:prod/api-${number}`]
  while (!over) {
    const name = pipeline
    if (name !== undefined) {
      // Made for each claim, as the house has it then: a pipeline that was defined a moment ago covers it.
      const now = { ...world, scopes: new Scopes([], [{ name, targets }]), limits: noLimits }
      const tenures = new Tenures(now, 'claimers', { seconds: 3_600 })
      const journal = new Journal(now, tenures, me, PLAN as Plan, { run: runId(number), fence: 1 })
      const claim = await journal.intend(step, 'do', null)
      if ('step' in claim) {
        step = claim.step
        counted.claimed++
        if (flowing !== name) process.send!({ flowing: (flowing = name) } satisfies Flowing)
        await sleep(dice.between(0, EFFECT_MS))
        continue
      }
      counted.denied++
    }
    if (pipeline === name && !over) await new Promise<void>((resolve) => wake.push(resolve))
  }
}

process.send!({ ready: true })
await Promise.all(Array.from({ length: many }, (_, nth) => claimer(first + nth)))
process.send!(counted)
