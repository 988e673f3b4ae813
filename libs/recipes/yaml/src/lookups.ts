import { PortFailure, type JsonObject, type Readers } from '@firebreak/kit'
import type { z } from 'zod'
import { Scope, type Fields, type Scalar, type Shape } from './cel/index.js'
import { NAME } from './format.js'
import { reads, type ArgumentKind, type Read, type ReadName } from './reads.js'
import type { Path } from './sheet/index.js'
import { valueOf, type Given, type Source } from './source.js'

const WORKLOAD = /^([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)\/[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/
const NAMESPACE = /^([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)$/

/** Who had a hand in a fact: an alert by its labels, whoever asked by the parameters. */
export interface Hand {
  labels: boolean
  params: boolean
}

interface Lookup {
  name: string
  read: Read
  given: Record<string, Given>
  settings: Record<string, unknown>
  optional: boolean
  within: readonly string[] | undefined
}

/** Reads that were checked, in their order. */
export class Lookups {
  private constructor(
    private readonly lookups: readonly Lookup[],
    /** What they find. */
    readonly shape: Fields,
    /** Paths of what may not be there. */
    readonly sometimes: ReadonlySet<string>,
    /** Facts that an alert or a parameter wrote. */
    readonly hands: ReadonlyMap<string, Hand>,
  ) {}

  /**
   * @param at where they stand: `diagnose`, or `verify.look`
   * @param as the name under which later ones and conditions know them
   */
  static check(source: Source, at: Path, as: 'facts' | 'now', others: Fields, before?: Lookups): Lookups {
    const lookups: Lookup[] = []
    const shape: Record<string, Shape> = {}
    const sometimes = new Set<string>()
    const hands = new Map<string, Hand>()
    const names = source.keys(at)
    const knownHands = new Map([...(before?.hands ?? []), ...hands])
    for (const name of names) {
      const path = [...at, name]
      const id = source.at([...path, 'read'])
      const read: Read | undefined =
        typeof id === 'string' && Object.hasOwn(reads, id) ? reads[id as ReadName] : undefined
      if (!read || !NAME.test(name)) {
        shape[name] = 'anything'
        continue
      }
      if (as === 'facts' && name === 'labels')
        source.fault(path, 'a fact called labels', 'another name', 'labels are what the alert said', 'key')
      const scope = new Scope({ ...others, [as]: { ...shape } })
      const given: Record<string, Given> = {}
      let gives: Shape | 'computed' = read.gives
      for (const [argument, kind] of Object.entries(read.arguments)) {
        const place = [...path, argument]
        const one = source.given(place, scope, kind === 'value' ? ['int', 'bool', 'string'] : ['string'])
        if (!one) {
          if (gives === 'computed') gives = 'anything'
          continue
        }
        given[argument] = one
        const hand = handIn(one, as, knownHands)
        checkHand(source, place, kind, one, hand, source.list([...path, 'within']).length > 0)
        if (kind !== 'value') continue
        hands.set(name, hand)
        knownHands.set(name, hand)
        gives = one.is === 'written' ? scalarOf(one.value) : one.by.sure ? one.by.gives : 'anything'
        if (one.is === 'written')
          source.fault(place, 'a value that is always the same', 'an expression as ${…}', 'write it where it is used')
      }
      shape[name] = gives === 'computed' ? 'anything' : gives
      const optional = source.at([...path, 'optional']) === true
      if (optional) sometimes.add(name)
      for (const field of read.sometimes ?? []) sometimes.add(`${name}.${field}`)
      const within = source.list([...path, 'within']).filter((one) => typeof one === 'string')
      lookups.push({
        ...{ name, read, given, optional },
        settings: settingsOf(source, path, read),
        within: within.length > 0 ? within : undefined,
      })
    }
    return new Lookups(lookups, shape, sometimes, hands)
  }

  /** Looks, one after the other: each may name what the ones before it found. */
  async make(readers: Readers, as: 'facts' | 'now', values: Record<string, unknown>): Promise<JsonObject> {
    const found: JsonObject = {}
    for (const { name, read, given, settings, optional, within } of this.lookups) {
      const args = Object.fromEntries(
        Object.entries(given).map(([argument, one]) => {
          const value = valueOf(one, { ...values, [as]: found })
          const kind = read.arguments[argument]!
          return [argument, kind === 'value' ? value : checked(name, kind, String(value), within)]
        }),
      ) as Record<string, string>
      const value = await read.look(readers, args, settings)
      if (value !== undefined) found[name] = withoutGaps(value) as JsonObject
      else if (!optional) throw new PortFailure('not-found', read.missing?.(args) ?? `${name} is not there`)
    }
    return found
  }
}

const scalarOf = (value: string | number | boolean): Scalar =>
  typeof value === 'string' ? 'string' : typeof value === 'number' ? 'int' : 'bool'

/** Whose words are in a value: of the alert, of whoever asked. What is read from the cluster or the house is neither's. */
export function handIn(given: Given, as: string, hands: ReadonlyMap<string, Hand>): Hand {
  const names = given.is === 'worked-out' ? given.by.names : []
  const inherited = names.flatMap(([root, name]) => {
    const hand = root === as || root === 'facts' ? hands.get(name ?? '') : undefined
    return hand ? [hand] : []
  })
  return {
    labels: names.some(([root]) => root === 'labels') || inherited.some(({ labels }) => labels),
    params: names.some(([root]) => root === 'params') || inherited.some(({ params }) => params),
  }
}

function checkHand(source: Source, path: Path, kind: ArgumentKind, given: Given, hand: Hand, within: boolean): void {
  if (kind === 'query' && (hand.labels || hand.params))
    source.fault(
      path,
      `a query written by ${hand.labels ? 'an alert' : 'a parameter'}`,
      'text, or a query of the house such as ${facts.service.p95_query}',
      'others could make it ask for something else',
    )
  if ((kind === 'workload' || kind === 'namespace') && hand.labels && !within)
    source.fault(
      path,
      'something that an alert may choose freely',
      'a list of namespaces beside it, as within',
      'whoever can send an alert could point this recipe at anything',
    )
  if (given.is === 'written') {
    const pattern = kind === 'workload' ? WORKLOAD : kind === 'namespace' ? NAMESPACE : undefined
    if (pattern && !pattern.test(String(given.value)))
      source.fault(
        path,
        JSON.stringify(given.value),
        kind === 'workload' ? 'namespace/name' : 'the name of a namespace',
      )
  }
}

function checked(name: string, kind: ArgumentKind, value: string, within: readonly string[] | undefined): string {
  if (kind !== 'workload' && kind !== 'namespace') return value
  const [, namespace] = (kind === 'workload' ? WORKLOAD : NAMESPACE).exec(value) ?? []
  const shown = JSON.stringify(value.slice(0, 130))
  if (!namespace)
    throw new PortFailure('invalid', `${name}: ${shown} is no ${kind === 'workload' ? 'namespace/name' : 'namespace'}`)
  if (within && !within.includes(namespace))
    throw new PortFailure('invalid', `${name}: ${shown} is not in ${within.join(', ')}, which this recipe may look at`)
  return value
}

function settingsOf(source: Source, path: Path, { settings }: Read): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, schema]) => [
      key,
      (schema as z.ZodType).safeParse(source.at([...path, key])).data,
    ]),
  )
}

/** What is not there has no key: `has(facts.x.y)` asks for it. */
function withoutGaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutGaps)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined && one !== null))
}
