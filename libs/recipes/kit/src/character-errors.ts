/*
 * How well an engine reads, told by samples whose text is known: the character error rate, which is how many characters
 * would have to be put in, taken out or replaced, as a share of those that there are.
 */

/** Letters that look the same are the same, and how a line is spaced is no matter of reading. */
const comparable = (text: string): string[] => [...text.normalize('NFKC').replace(/\s+/gu, ' ').trim()]

/** How many characters of `text` were read wrongly (Levenshtein distance). */
export function characterErrors(text: string, read: string): number {
  const [wanted, got] = [comparable(text), comparable(read)]
  let row = Array.from({ length: got.length + 1 }, (_, at) => at)
  for (const [line, letter] of wanted.entries()) {
    const next = [line + 1]
    for (const [at, other] of got.entries())
      next.push(Math.min(row[at + 1]! + 1, next[at]! + 1, row[at]! + (letter === other ? 0 : 1)))
    row = next
  }
  return row.at(-1)!
}

/**
 * The character error rate over all samples, in whole percent, rounded up: what is above a threshold stays above it. May be
 * more than 100 where more was read than is written there; 0 for no samples.
 */
export function characterErrorPercent(samples: readonly { text: string; read: string }[]): number {
  const letters = samples.reduce((sum, { text }) => sum + comparable(text).length, 0)
  const errors = samples.reduce((sum, { text, read }) => sum + characterErrors(text, read), 0)
  return letters === 0 ? 0 : Math.ceil((errors * 100) / letters)
}
