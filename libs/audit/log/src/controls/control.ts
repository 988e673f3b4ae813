import type { Finder } from './finder.js'
import type { Query } from './query.js'

/** One control of a framework, as far as entries of the log speak for it. Number as published; words of our own. */
export interface Control {
  id: string
  title: string
  /** What it asks, in a sentence. */
  asks: string
  /** The entries that bear witness. */
  query: Query
  exceptions: readonly Finder[]
  /** What has to be seen besides, because the log cannot show it; null where it shows all that is asked. */
  beside: string | null
}

/** The controls of one framework. Its name is that of its files in a bundle: `controls/<name>.json` and `.html`. */
export interface ControlPack {
  name: string
  /** Raised with every change of what the pack looks at: a pack of before is another file. */
  version: number
  title: string
  /** Where the numbers are from. */
  source: string
  controls: readonly Control[]
}
