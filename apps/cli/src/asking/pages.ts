import { usage } from '../exits.js'

const DEFAULT = 20
/** What the API gives at once, at most. */
const PAGE = 200

/**
 * Everything that a list has, page by page, up to a number.
 *
 * @param more answers the page behind `after`
 */
export async function* items<Item>(
  { all, limit }: { all: boolean; limit: string | undefined },
  more: (page: { limit: number; after?: string }) => Promise<{ items: Item[]; next: string | null }>,
): AsyncGenerator<Item> {
  let left = all ? Infinity : Number(limit ?? DEFAULT)
  if (!(left >= 1)) throw usage('--limit is a number, 1 or more')
  for (let after: string | null | undefined; left > 0 && after !== null;) {
    const page = await more({ limit: Math.min(PAGE, left), ...(after === undefined ? {} : { after }) })
    for (const item of page.items) yield item
    left -= page.items.length
    after = page.next
  }
}

/** Everything of a list that has no pages. */
export async function* whole<Item>(answer: Promise<{ items: Item[] }>): AsyncGenerator<Item> {
  yield* (await answer).items
}
