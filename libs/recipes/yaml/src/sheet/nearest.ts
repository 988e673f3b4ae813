/** The name that somebody probably meant, or `undefined` where none is near enough to be worth saying. */
export function nearest(written: string, names: readonly string[]): string | undefined {
  const [best] = names.map((name) => ({ name, apart: distance(written, name) })).sort((a, b) => a.apart - b.apart)
  return best && best.apart <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined
}

/** Levenshtein: how many letters to insert, delete or replace. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      row.push(Math.min(row[j - 1]! + 1, above[j]! + 1, above[j - 1]! + same))
    }
    above = row
  }
  return above[b.length]!
}
