import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PortFailure, type SmokeReader } from '../ports.js'

/** One world to hold a reader of smoke suites to its contract in. */
export interface SmokeWorld {
  smoke: SmokeReader
  /** A suite and a check of it that is answered with this JSON. */
  well: { suite: string; check: string; json: unknown }
  /** Checks of the same suite whose service does something else than answer. */
  redirects: string
  hangs: string
  answersTooMuch: string
  breaksOff: string
  /** One whose service is not there. */
  down: string
  close?(): Promise<void>
}

/** What every reader of smoke suites keeps. */
export function smokeContract(name: string, open: () => Promise<SmokeWorld>): void {
  describe(`${name} keeps the contract of smoke suites`, () => {
    let world: SmokeWorld
    beforeEach(async () => void (world = await open()))
    afterEach(() => world.close?.())
    const ask = (check: string) => world.smoke.ask(world.well.suite, check)

    test('a check is answered, with its code, its text and its time', async () => {
      const { status, text, took_ms } = await ask(world.well.check)
      expect([status, JSON.parse(text)]).toEqual([200, world.well.json])
      expect(Number.isInteger(took_ms) && took_ms >= 0).toBe(true)
    })

    test('a redirect is an answer, and nobody goes where it leads', async () => {
      expect((await ask(world.redirects)).status).toBe(302)
    })

    test.each([
      ['a service that hangs', 'hangs', 'timeout'],
      ['an answer without end', 'answersTooMuch', 'invalid'],
      ['one that ends in the middle', 'breaksOff', 'unreachable'],
      ['a service that is not there', 'down', 'unreachable'],
    ] as const)('%s is no answer', async (_, check, kind) => {
      await expect(ask(world[check])).rejects.toSatisfy(is(kind))
      expect((await ask(world.well.check)).status).toBe(200)
    })

    test('what the house does not name is asked nowhere', async () => {
      await expect(ask('http://127.0.0.1:1/')).rejects.toSatisfy(is('not-found'))
      await expect(world.smoke.ask('nobody', world.well.check)).rejects.toSatisfy(is('not-found'))
      await expect(world.smoke.ask('__proto__', 'constructor')).rejects.toSatisfy(is('not-found'))
    })
  })
}

const is = (kind: PortFailure['kind']) => (error: unknown) => error instanceof PortFailure && error.kind === kind
