import type { EntryBody } from '../entry.js'
import type { EntryType } from '../types.js'
import type { OpenPlans } from './plans.js'

/** Looks for one kind of exception while the entries go by. */
export interface Finder {
  /** What it finds, as a heading: `runs that started without …`. */
  says: string
  /**
   * Whether an entry that is not carried could explain what it would find. Such a finder looks only where the whole log is
   * there: of a selection, "nobody approved" might merely mean that the approval was not selected.
   */
  whole: boolean
  types: readonly EntryType[] | 'every'
  start(find: Find, plans: OpenPlans): Looking
}

/** Takes down one exception: the entry that shows it, and a sentence for whoever reads the pack. */
export type Find = (index: number, sentence: string) => void

export interface Looking {
  /** `at` is the entry's own time, in ms since 1970. */
  see(entry: EntryBody, index: number, at: number): void
  /** After the last entry. */
  end?(): void
}

/** Every entry of these types is an exception by itself. */
export const each = (
  says: string,
  types: readonly EntryType[],
  sentence: (entry: EntryBody) => string,
  when: (entry: EntryBody) => boolean = () => true,
): Finder => ({
  says,
  whole: false,
  types,
  start: (find) => ({
    see(entry, index) {
      if (when(entry)) find(index, sentence(entry))
    },
  }),
})

/** What an entry is about, without its kind. */
export const thing = ({ about }: EntryBody): string => about.slice(about.indexOf(':') + 1)

/** ` at the end of a sentence, because …`; nothing where nothing was said. */
export const ending = (words: string | undefined): string =>
  words === undefined ? '.' : `: ${words.replace(/[.\s]+$/, '')}.`

/** A stretch of time as a person says it. */
export function lasting(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 72 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days ${hours % 24} h`
}
