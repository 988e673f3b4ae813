/** How many of those that failed are told of by name. */
const NAMED = 10

/**
 * Does something for each, one after the other: one that fails keeps no other from its turn. Answers of how many the answer was
 * true. When all have had their turn and some failed, throws one error that names them, and what each said, on one line.
 */
export async function inTurn<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  work: (item: Item) => Promise<unknown>,
): Promise<number> {
  const failed: { name: string; error: unknown }[] = []
  let done = 0
  for (const item of items) {
    try {
      if ((await work(item)) === true) done++
    } catch (error) {
      failed.push({ name: nameOf(item), error })
    }
  }
  if (failed.length === 0) return done
  const said = failed.slice(0, NAMED).map(({ error, name }) => `${name}: ${error instanceof Error ? error.message : String(error)}`) // prettier-ignore
  if (failed.length > NAMED) said.push(`and ${failed.length - NAMED} more`)
  throw new AggregateError(
    failed.map(({ error }) => error),
    said.join('; '),
  )
}
