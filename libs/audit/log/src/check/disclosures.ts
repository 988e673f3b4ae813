import { lines } from '../bundle/files.js'
import { FILE } from '../bundle/manifest.js'
import { commitment, decodeDisclosure, sealedIn, type Disclosure } from '../disclosure.js'
import type { EntryBody } from '../entry.js'
import { counted, Fault, NotMade, type Check, type Subject, type Watch } from './check.js'

/**
 * Each personal value that is carried along is the one that its entry committed to. Where values are disclosed, one that
 * is missing must have been deleted by an order that the log tells of; where they are not, they are counted.
 */
export const disclosures: Check = {
  name: 'disclosures',
  says: 'each personal value is the one that its entry committed to, and none was held back',
  start: (subject) => (subject.manifest.disclosed ? opened(subject) : sealed()),
}

function sealed(): Watch {
  let values = 0
  return {
    see(batch) {
      for (const { entry } of batch) if (entry) values += sealedIn(entry).length
    },
    end: () => (values === 0 ? 'there are none' : `${counted(values, 'value')}, sealed: none is disclosed here`),
  }
}

function opened({ files, manifest }: Subject): Watch | NotMade {
  if (!files.has(FILE.disclosures)) throw new Fault('disclosure', `the file ${FILE.disclosures} is missing`)
  const carried = new Carried(files)
  /** Values that are not here, with the index of their entry: until the log says that they were deleted. */
  const missing = new Map<string, number>()
  let [open, redacted] = [0, 0]
  return {
    async see(batch) {
      for (const { entry, index } of batch) {
        if (!entry) continue
        for (const { commitment: wanted, path } of sealedIn(entry)) {
          const disclosure = await carried.take(entry.entry_id, path)
          if (!disclosure) missing.set(nameOf(entry.entry_id, path), index)
          else if (commitment(disclosure) !== wanted)
            throw new Fault('disclosure', `the value disclosed for ${path} of entry ${index} is not the one that it committed to`, index) // prettier-ignore
          else open++
        }
        for (const name of deletedBy(entry)) if (missing.delete(name)) redacted++
      }
    },
    async end() {
      const stray = await carried.next()
      if (stray) throw new Fault('disclosure', `${FILE.disclosures} discloses ${stray.path} of ${stray.entry_id}, which no entry here committed to in that order`) // prettier-ignore
      const [first] = missing
      const deleted = redacted > 0 ? `, ${redacted} deleted by order` : ''
      if (!first) return `${counted(open, 'value')}${deleted}`
      const [name, index] = first
      if (manifest.completeness !== 'FULL')
        return new NotMade(`${counted(missing.size, 'value')} of ${open + missing.size} are not here; why, other entries say`, true) // prettier-ignore
      const path = name.slice(name.indexOf(' ') + 1)
      throw new Fault('disclosure', `the value of ${path} in entry ${index} is not here, and no entry says that it was deleted`, index) // prettier-ignore
    },
  }
}

const nameOf = (entryId: string, path: string): string => `${entryId} ${path}`

function deletedBy(entry: EntryBody): string[] {
  if (entry.type !== 'log.redacted') return []
  const { entry: of, paths = [] } = entry.detail ?? {}
  return of === undefined ? [] : paths.map((path) => nameOf(of, path))
}

/** A line is short: a value, a salt and two ids. */
const LONGEST = 65_535

/** The disclosures of the file, one after the other, in the order of their entries. */
class Carried {
  readonly #batches: AsyncIterator<{ line: Uint8Array; ended: boolean }[]>
  #batch: { line: Uint8Array; ended: boolean }[] = []
  #at = 0
  #line = 0
  #peeked: Disclosure | undefined

  constructor(files: Subject['files']) {
    this.#batches = lines(files.open(FILE.disclosures), LONGEST)[Symbol.asyncIterator]()
  }

  /** The next one, if it is of this value. */
  async take(entryId: string, path: string): Promise<Disclosure | undefined> {
    const next = await this.next()
    if (next?.entry_id !== entryId || next.path !== path) return undefined
    this.#peeked = undefined
    return next
  }

  /** The next one, without taking it. */
  async next(): Promise<Disclosure | undefined> {
    return (this.#peeked ??= await this.#read())
  }

  async #read(): Promise<Disclosure | undefined> {
    while (this.#at === this.#batch.length) {
      const next = await this.#batches.next()
      if (next.done) return undefined
      this.#batch = next.value
      this.#at = 0
    }
    const { ended, line } = this.#batch[this.#at++]!
    this.#line++
    const fault = (sentence: string) =>
      new Fault('disclosure', `line ${this.#line} of ${FILE.disclosures}: ${sentence}`)
    if (!ended) throw fault('its end is missing')
    try {
      return decodeDisclosure(line)
    } catch (error) {
      // What a schema says may repeat the value; that it does not fit is enough.
      throw fault(error instanceof TypeError ? error.message : 'it is no disclosure, in its one spelling')
    }
  }
}
