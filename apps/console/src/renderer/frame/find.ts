/** Something that the palette offers. */
export interface Offer {
  /** Its heading. */
  group: string
  says: string
  /** What is read beside it, in passing. */
  about?: string
  keys?: string
  run(): void
}

/**
 * How well a text answers what was typed: higher is better, null is not at all. The letters must stand in it in their
 * order; beginning a word, and standing together, make it better.
 */
export function fits(typed: string, text: string): number | null {
  const wanted = typed.toLowerCase().replaceAll(/\s+/g, '')
  const lower = text.toLowerCase()
  const together = lower.indexOf(typed.toLowerCase().trim())
  if (wanted === '') return 0
  if (together >= 0) return 1_000 - together - (/^|[^\p{L}\p{N}]/u.test(lower[together - 1] ?? ' ') ? 0 : 100)
  let score = 0
  let at = -1
  for (const letter of wanted) {
    const next = lower.indexOf(letter, at + 1)
    if (next < 0) return null
    const begins = next === 0 || !/[\p{L}\p{N}]/u.test(lower[next - 1]!)
    score += next === at + 1 ? 5 : begins ? 3 : -1
    at = next
  }
  // Letters that are strewn all over a long text are there by chance.
  return score < 0 ? null : score
}

/** What of the offers answers, the best first; untouched when nothing is typed. */
export function answers(typed: string, offers: readonly Offer[], most = 40): readonly Offer[] {
  if (typed.trim() === '') return offers.slice(0, most)
  return offers
    .map((offer) => ({ offer, score: fits(typed, offer.says) ?? weaker(fits(typed, offer.about ?? '')) }))
    .filter((one): one is { offer: Offer; score: number } => one.score !== null)
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ offer }) => offer)
}

const weaker = (score: number | null) => (score === null || score < 500 ? null : score - 500)
