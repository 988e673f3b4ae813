import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Secret, type CredentialHands } from '../credentials.js'
import { PortFailure } from '../ports.js'

/** One world to hold a keeper of secrets to its contract in. */
export interface CredentialWorld {
  credentials: CredentialHands
  /** The next call takes effect and its answer is lost. */
  loseNextAnswer?(): void | Promise<void>
  /** The hands lose their rights. */
  forbid?(): void | Promise<void>
  close?(): Promise<void>
}

const VALUE = 'AKIA-correct-horse/battery+staple=='

/** What every keeper of secrets keeps. */
export function credentialsContract(name: string, open: () => Promise<CredentialWorld>): void {
  describe(`${name} keeps the contract of secrets`, () => {
    let world: CredentialWorld
    beforeEach(async () => void (world = await open()))
    afterEach(() => world.close?.())

    const kept = async (handle: string) => (await world.credentials.get(handle))?.reveal()

    test('what was put is there, exactly, until it is forgotten', async () => {
      const { credentials } = world
      expect(await credentials.get('storage/next')).toBeUndefined()
      await credentials.put('storage/next', new Secret(VALUE))
      await credentials.put('storage/last', new Secret('ü\n ends with a blank '))
      expect(await kept('storage/next')).toBe(VALUE)
      expect(await kept('storage/last')).toBe('ü\n ends with a blank ')
      await credentials.forget('storage/next')
      expect(await kept('storage/next')).toBeUndefined()
      expect(await kept('storage/last')).toBe('ü\n ends with a blank ')
    })

    test('putting the same again, and forgetting again, changes nothing', async () => {
      const { credentials } = world
      await credentials.put('storage/next', new Secret(VALUE))
      await credentials.put('storage/next', new Secret(VALUE))
      expect(await kept('storage/next')).toBe(VALUE)
      await credentials.forget('storage/next')
      await credentials.forget('storage/next')
    })

    test('a secret is never written over: another one under its handle is a conflict, which does not say either', async () => {
      const { credentials } = world
      await credentials.put('storage/next', new Secret(VALUE))
      const refused = await credentials.put('storage/next', new Secret('another-one-entirely')).catch((e: unknown) => e)
      expect(refused).toSatisfy(is('conflict'))
      expect(everythingOf(refused)).not.toMatch(/AKIA|another-one/)
      expect(await kept('storage/next')).toBe(VALUE)
    })

    test('a value in the place of a handle is refused, and not repeated', async () => {
      for (const call of [
        () => world.credentials.put('Not A Handle!', new Secret(VALUE)),
        () => world.credentials.get('Not A Handle!'),
        () => world.credentials.forget('Not A Handle!'),
      ]) {
        const refused = await call().catch((error: unknown) => error)
        expect(refused).toSatisfy(is('invalid'))
        expect(everythingOf(refused)).not.toContain('Not A Handle')
      }
    })

    test('an answer that was lost is a time-out; putting it again finds it there', async (it) => {
      if (!world.loseNextAnswer) return it.skip('no answer can be lost here')
      await world.loseNextAnswer()
      await expect(world.credentials.put('storage/next', new Secret(VALUE))).rejects.toSatisfy(is('timeout'))
      await world.credentials.put('storage/next', new Secret(VALUE))
      expect(await kept('storage/next')).toBe(VALUE)
    })

    test('hands without rights are forbidden, and no refusal says the value', async (it) => {
      if (!world.forbid) return it.skip('its rights cannot be taken away here')
      await world.forbid()
      const refused = await world.credentials.put('storage/next', new Secret(VALUE)).catch((error: unknown) => error)
      expect(refused).toSatisfy(is('forbidden'))
      expect(everythingOf(refused)).not.toContain(VALUE)
      expect(everythingOf(refused)).not.toContain(btoa(VALUE))
    })
  })
}

/** All that an error could tell somebody: its message, its stack, its own fields and its cause. */
function everythingOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = Object.getOwnPropertyNames(error).map((key) => String(Reflect.get(error, key)))
  return [error.message, ...own, error.cause === undefined ? '' : everythingOf(error.cause)].join('\n')
}

const is = (kind: string) => (error: unknown) => error instanceof PortFailure && error.kind === kind
