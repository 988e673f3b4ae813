import { CONTROLS } from '../bundle/manifest.js'
import { hex, utf8 } from '../bytes.js'
import type { Checkpoint } from '../checkpoint.js'
import type { EntryBody } from '../entry.js'
import { canonical, type JsonValue } from '../json.js'
import type { ControlPack } from './control.js'
import { Gatherer, type Evidence, type PackScope } from './evidence.js'
import { nist80053 } from './nist-800-53.js'
import { packPage } from './pack-page.js'
import { soc2 } from './soc2.js'

/** Every pack there is, by name. */
export const controlPacks: ReadonlyMap<string, ControlPack> = new Map(
  [nist80053, soc2].map((pack) => [pack.name, pack]),
)

/** What the packs of a bundle are made of, given its checkpoint and its class. */
export const packScope = (
  { origin, root, size }: Checkpoint,
  { completeness, filter }: Pick<PackScope, 'completeness' | 'filter'>,
): PackScope => ({ origin, size, root: hex(root), completeness, filter })

/** The names of a pack's two files in a bundle. */
export const packFiles = (name: string) => ({ json: `${CONTROLS}${name}.json`, html: `${CONTROLS}${name}.html` })

/**
 * What the log says for the controls of one framework. Both files follow from scope and entries to the byte, so that the
 * checker can make them again: a pack that says something else than the entries is found.
 *
 * Add every entry in its order, then ask for the files once.
 */
export class PackMaker {
  readonly #pack: ControlPack
  readonly #scope: PackScope
  readonly #gatherer: Gatherer

  readonly name: string

  constructor(pack: ControlPack, scope: PackScope) {
    this.name = pack.name
    this.#pack = pack
    this.#scope = scope
    this.#gatherer = new Gatherer(pack, scope.completeness)
  }

  add(entry: EntryBody, index: number): void {
    this.#gatherer.add(entry, index)
  }

  files(): { json: Uint8Array; html: Uint8Array } {
    const { entries, first, last } = this.#gatherer
    const told = { pack: this.#pack, scope: this.#scope, entries, first, last, evidence: this.#gatherer.gathered() }
    return { json: canonical(asJson(told)), html: utf8(packPage(told)) }
  }
}

/** A pack with what was found for it. */
export interface ToldPack {
  pack: ControlPack
  scope: PackScope
  /** How many were looked at, and the times of the earliest and the latest; empty without one. */
  entries: number
  first: string
  last: string
  evidence: Evidence[]
}

function asJson({ pack, scope, entries, first, last, evidence }: ToldPack): JsonValue {
  const { name, version, title, source } = pack
  const { origin, size, root, completeness } = scope
  return {
    v: 1,
    pack: { name, version, title, source },
    scope: { origin, size, root, completeness, filter: scope.filter as JsonValue, entries, first, last },
    controls: evidence.map(({ control, ...found }) => ({
      id: control.id,
      title: control.title,
      asks: control.asks,
      query: {
        says: found.query,
        types: control.query.types === 'every' ? 'every' : [...control.query.types],
        where: (control.query.where ?? []).map(({ at, is }) => ({ at, is })),
      },
      count: found.count,
      first: found.first,
      last: found.last,
      sample: found.sample.map((named) => ({ ...named })),
      exceptions: found.exceptions.map((kind) => ({ ...kind, shown: kind.shown.map((one) => ({ ...one })) })),
      beside: control.beside,
    })),
  }
}
