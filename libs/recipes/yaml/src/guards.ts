import type { Guard, JsonObject } from '@firebreak/kit'
import { isRecord, shapeAt, type Expression, type Fields, type Scope } from './cel/index.js'
import type { Lookups } from './lookups.js'
import { among, type Path } from './sheet/index.js'
import { valueOf, type Given, type Source } from './source.js'

/** A guard that was checked; `of` answers none when its `when` does not hold. */
export interface GuardMaker {
  of(facts: JsonObject): Guard[]
}

export function checkGuard(source: Source, path: Path, scope: Scope, lookups: Lookups): GuardMaker | undefined {
  const when = source.condition([...path, 'when'], scope)
  const fact = source.at([...path, 'fact'])
  const same = source.at([...path, 'same']) === true
  const bounds = Object.fromEntries(
    (['at_least', 'at_most'] as const).flatMap((key) => {
      const given = source.given([...path, key], scope, ['int'])
      return given ? [[key, given]] : []
    }),
  ) as Partial<Record<'at_least' | 'at_most', Given>>
  if (typeof fact !== 'string') return undefined

  const ranged = source.keys(path).some((key) => key === 'at_least' || key === 'at_most')
  checkFact(source, [...path, 'fact'], fact, lookups.shape, ranged && !same)
  if (same === ranged)
    source.fault(path, same ? 'same with a range' : 'a guard of nothing', 'either same: true, or at_least or at_most')
  const gap = fact
    .split('.')
    .map((_, at, names) => names.slice(0, at + 1).join('.'))
    .find((one) => lookups.sometimes.has(one))
  if (gap !== undefined && !asksFor(when, gap))
    source.fault(
      [...path, 'fact'],
      `${fact}, which may be missing`,
      `when: has(facts.${gap})`,
      'what is not there holds no guard: the plan would always be stale',
    )
  return {
    of: (facts) =>
      when && when.evaluate({ facts }) !== true
        ? []
        : [
            same
              ? { fact, same: true }
              : {
                  fact,
                  ...(bounds.at_least ? { at_least: Number(valueOf(bounds.at_least, { facts })) } : {}),
                  ...(bounds.at_most ? { at_most: Number(valueOf(bounds.at_most, { facts })) } : {}),
                },
          ],
  }
}

function checkFact(source: Source, path: Path, fact: string, facts: Fields, ranged: boolean): void {
  const names = fact.split('.')
  for (const [at, name] of names.entries()) {
    const holder = shapeAt(facts, names.slice(0, at))
    if (holder === 'anything') return
    if (!isRecord(holder) || !Object.hasOwn(holder, name)) {
      const known = isRecord(holder) ? Object.keys(holder) : []
      const cure = name === 'facts' ? 'a guard is about facts: leave that word out' : ''
      return source.fault(
        path,
        JSON.stringify(fact),
        known.length > 0 ? among(name, known) : 'the path of a fact',
        cure,
      )
    }
  }
  const shape = shapeAt(facts, names)
  if (ranged && shape !== 'int' && shape !== 'anything')
    source.fault(path, JSON.stringify(fact), 'a fact that is a number, or same: true')
}

const asksFor = (when: Expression | undefined, gap: string): boolean =>
  when !== undefined && when.text.includes(`has(facts.${gap})`)
