/**
 * What others wrote, as it may be shown: control characters, and those that turn the direction of the text or hide in
 * it, are taken out, and a tab is a space. A line that is longer than `most` characters ends in `…`.
 */
export function plainLine(text: string, most = 2_000): string {
  const plain = text.replaceAll('\t', ' ').replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '')
  return plain.length <= most ? plain : `${plain.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

/** The lines of a text that others wrote; the newline at its end begins none. */
export const plainLines = (text: string): string[] => {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line) => plainLine(line))
}
