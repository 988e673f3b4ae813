import type { Completeness, ExportFilter } from '../bundle/filter.js'
import type { EntryBody } from '../entry.js'
import type { Control, ControlPack } from './control.js'
import type { Finder, Looking } from './finder.js'
import { OpenPlans } from './plans.js'
import { holds, inWords, wants } from './query.js'
import { Sample } from './sample.js'

/** What the pack was made of: it follows from the checkpoint and the manifest. */
export interface PackScope {
  origin: string
  /** Of the checkpoint. */
  size: number
  /** Hexadecimal. */
  root: string
  completeness: Completeness
  /** What was asked for. */
  filter: ExportFilter
}

/** An entry that is named, so that it can be looked up. */
export interface Named {
  index: number
  ts: string
  type: string
  about: string
  by: string
}

export interface Exceptions {
  says: string
  /** False where entries that are not carried could explain them. */
  looked: boolean
  count: number
  /** By index; the first of them, where there are many. */
  shown: { index: number; sentence: string }[]
}

export interface Evidence {
  control: Control
  query: string
  count: number
  /** Times of the earliest and the latest entry; empty without one. */
  first: string
  last: string
  sample: readonly Named[]
  exceptions: Exceptions[]
}

/** Exceptions of one kind that are written out; all are counted. */
const MOST_SHOWN = 25

interface Tally {
  control: Control
  count: number
  first: string
  last: string
  sample: Sample<Named>
}

interface Search extends Exceptions {
  finder: Finder
  looking: Looking
}

/** Goes over the entries once, for every control of a pack at the same time. Memory: samples, exceptions, and what is open. */
export class Gatherer {
  entries = 0
  first = ''
  last = ''
  readonly #tallies: Tally[]
  readonly #searches = new Map<Finder, Search>()
  readonly #plans = new OpenPlans()
  /** Who looks at entries of a type: found once a type, not once an entry. */
  readonly #interested = new Map<string, { tallies: Tally[]; searches: Search[] }>()

  constructor(pack: ControlPack, completeness: PackScope['completeness']) {
    this.#tallies = pack.controls.map((control) => ({ control, count: 0, first: '', last: '', sample: new Sample() }))
    for (const finder of pack.controls.flatMap(({ exceptions }) => exceptions)) {
      if (!this.#searches.has(finder)) this.#searches.set(finder, this.#search(finder, completeness))
    }
  }

  add(entry: EntryBody, index: number): void {
    const { ts } = entry
    this.entries++
    if (this.first === '' || ts < this.first) this.first = ts
    if (ts > this.last) this.last = ts
    this.#plans.see(entry)
    const { searches, tallies } = this.#of(entry.type)
    for (const tally of tallies) if (holds(tally.control.query, entry)) count(tally, index, entry)
    if (searches.length === 0) return
    const at = Date.parse(ts)
    for (const { looking } of searches) looking.see(entry, index, at)
  }

  /** After the last entry. */
  gathered(): Evidence[] {
    for (const { looked, looking } of this.#searches.values()) if (looked) looking.end?.()
    return this.#tallies.map(({ control, count, first, last, sample }) => ({
      control,
      query: inWords(control.query),
      count,
      first,
      last,
      sample: sample.held,
      exceptions: control.exceptions.map((finder) => {
        const { says, looked, count, shown } = this.#searches.get(finder)!
        return { says, looked, count, shown: shown.toSorted((a, b) => a.index - b.index) }
      }),
    }))
  }

  #search(finder: Finder, completeness: PackScope['completeness']): Search {
    const search: Omit<Search, 'looking'> = {
      finder,
      says: finder.says,
      looked: completeness === 'FULL' || !finder.whole,
      count: 0,
      shown: [],
    }
    const find = (index: number, sentence: string) => {
      search.count++
      if (search.shown.length < MOST_SHOWN) search.shown.push({ index, sentence })
    }
    return Object.assign(search, { looking: finder.start(find, this.#plans) })
  }

  #of(type: string) {
    let interested = this.#interested.get(type)
    if (!interested) {
      interested = {
        tallies: this.#tallies.filter(({ control }) => wants(control.query, type)),
        searches: [...this.#searches.values()].filter(({ finder, looked }) => looked && wants(finder, type)),
      }
      this.#interested.set(type, interested)
    }
    return interested
  }
}

function count(tally: Tally, index: number, { about, actor, ts, type }: EntryBody): void {
  tally.count++
  if (tally.first === '' || ts < tally.first) tally.first = ts
  if (ts > tally.last) tally.last = ts
  tally.sample.add(() => ({ index, ts, type, about, by: `${actor.kind} ${actor.id}` }))
}
