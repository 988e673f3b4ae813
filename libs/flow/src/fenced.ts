import type { Hands } from '@firebreak/kit'

/** Nobody could say whether they still may, or they may not: nothing was done. The cause is whatever was answered instead. */
export class NotHeld extends Error {
  constructor(override readonly cause: unknown) {
    super('the hands were not allowed to act')
    this.name = 'NotHeld'
  }
}

/**
 * Hands that ask before every call whether whoever uses them still may. A verb reads its target and then changes it under
 * the version that it read, so the question lies between the two: whoever is stopped after it finds the target changed by
 * the one who took over, and whoever is stopped before it is told. Asked before the verb began, it would leave a gap in
 * which everything may have been done and taken back, and the target be as it was planned: the effect would be had twice.
 *
 * @param hold throws when they may not any more, or when it cannot be told
 */
export function fenced(hands: Hands, hold: () => Promise<void>): Hands {
  const watch = (port: object) =>
    new Proxy(port, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]): Promise<unknown> => {
          await hold().catch((cause: unknown) => {
            throw new NotHeld(cause)
          })
          return (member as (...args: unknown[]) => unknown).apply(target, args)
        }
      },
    })
  return Object.fromEntries(
    Object.entries(hands as unknown as Record<string, object>).map(([name, port]) => [name, watch(port)]),
  ) as unknown as Hands
}
