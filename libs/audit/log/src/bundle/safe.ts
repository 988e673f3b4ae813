const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** One line of text that was written by who knows whom: what cannot be seen, or turns the reading direction, is shown by its number. */
const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (char) =>
    char === '\n' ? ' ' : `[U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
  )

/** Text of an entry, as a page for reading takes it: in an element or in a quoted attribute, and never more than text. */
export const safe = (text: string): string => visible(text).replace(/[&<>"']/g, (char) => ENTITIES[char]!)
