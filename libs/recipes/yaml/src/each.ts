import type { EachTerms, JsonObject } from '@firebreak/kit'
import { isList, Scope, type Expression } from './cel/index.js'
import type { Lookups } from './lookups.js'
import { among, shown, type Path } from './sheet/index.js'
import type { Source } from './source.js'

/** What a step goes through, one effect for each. */
export interface Each {
  /** Names what else its step may name: `item`, with the fields of the list's elements. */
  scope: Scope
  terms: EachTerms
  /** The chosen ones, in the order of the list. */
  itemsOf(values: Record<string, unknown>): JsonObject[]
}

/**
 * `each`: a fact that is a list, and which of its elements. An alert chooses none of them: neither by the list, nor by the
 * condition.
 */
export function checkEach(source: Source, path: Path, scope: Scope, lookups: Lookups): Each | undefined {
  const written = source.at(path)
  if (typeof written !== 'object' || written === null) return undefined
  const { of, ramp, stop_above_percent, within_s } = written as { of?: unknown } & EachTerms
  const list = typeof of === 'string' && Object.hasOwn(lookups.shape, of) ? lookups.shape[of] : undefined
  if (typeof of === 'string' && list !== 'anything' && !isList(list)) {
    const lists = Object.entries(lookups.shape).flatMap(([name, shape]) => (isList(shape) ? [name] : []))
    const expected = lists.length > 0 ? among(of, lists) : 'a fact that is a list'
    source.fault([...path, 'of'], shown(of), expected, 'deployments gives one')
  }
  const name = String(of)
  if (lookups.hands.get(name)?.labels)
    source.fault([...path, 'of'], 'a list that an alert would choose', 'one of the house', 'name its namespace')
  const inner = new Scope({ ...scope.variables, item: isList(list) ? list[0] : 'anything' })
  const where = source.condition([...path, 'where'], inner)
  if (where?.names.some(([root]) => root === 'labels'))
    source.fault([...path, 'where'], 'items that an alert would choose', 'a condition on item, facts and params')
  return {
    scope: inner,
    terms: {
      ...(ramp ? { ramp } : {}),
      ...(stop_above_percent === undefined ? {} : { stop_above_percent }),
      ...(within_s === undefined ? {} : { within_s }),
    },
    itemsOf: (values) => {
      const all = (values['facts'] as Record<string, unknown>)[name]
      return ((all ?? []) as JsonObject[]).filter((item) => !where || isTrue(where, { ...values, item }))
    },
  }
}

const isTrue = (where: Expression, values: Record<string, unknown>): boolean => where.evaluate(values) === true
