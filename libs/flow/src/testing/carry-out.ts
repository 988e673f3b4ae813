import type { Hands, Readers, Step } from '@firebreak/kit'
import { verbs } from '@firebreak/kit/verbs'
import { expect } from 'vitest'

/**
 * Does the steps of a plan, or takes them back from the last to the first, without a ledger around them, and expects that
 * each is in place afterwards. What has no way back stays done.
 */
export async function carryOut(
  { hands, readers }: { hands: Hands; readers: Readers },
  steps: readonly Step[],
  way: 'do' | 'undo' = 'do',
): Promise<void> {
  // A step over many items is as many effects, one after the other.
  const effects = steps.flatMap(({ verb, args, items }) => (items ?? [args]).map((of) => ({ verb, args: of })))
  for (const { verb, args } of way === 'do' ? effects : effects.toReversed()) {
    const word = verbs.get(verb)!
    const effect = way === 'do' ? word : word.undo
    if ('none' in effect) continue
    await effect.do(hands, readers, args)
    expect(await effect.probe(readers, args)).toBe('in-place')
  }
}
