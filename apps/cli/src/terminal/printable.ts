/**
 * Text of a server on somebody's terminal. A monitor's label, a note, a name: anybody may have written it, and nothing in
 * it may move the cursor, change a colour, or stand elsewhere than where it was written.
 */
const HOSTILE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu

/** On one line: whatever does not show as itself becomes �, and a line's end a space. */
export const printable = (text: string): string => text.replace(/\r?\n|\t/g, ' ').replace(HOSTILE, '\uFFFD')

/** Prose with its lines kept. */
export const printableLines = (text: string): string[] => text.split(/\r?\n/).map(printable)

/** JSON in ASCII where a character could do something to a terminal: the same value, and nothing that acts. */
export function printableJson(value: unknown, indent?: number): string {
  const escape = (found: string) =>
    Array.from({ length: found.length }, (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')
  // What JSON itself puts between values is line ends; within a text they are escaped already.
  return JSON.stringify(value, undefined, indent).replace(
    /[^\n\P{Cc}]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu,
    escape,
  )
}

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303E\uFF01-\uFF60\uFFE0-\uFFE6]/u

/** How many columns of a terminal a printable text takes. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += /\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return columns
}

/** At most so many columns; what is cut ends in `…`. */
export function cut(text: string, most: number): string {
  if (columnsOf(text) <= most) return text
  let [kept, columns] = ['', 0]
  for (const character of text) {
    columns += columnsOf(character)
    if (columns > most - 1) break
    kept += character
  }
  return most <= 0 ? '' : `${kept}…`
}

/** Over as many lines as it takes, broken between words. */
export function wrap(text: string, most: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (columnsOf(longer) <= most || line === '') line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line]
}
