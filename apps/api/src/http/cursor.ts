/**
 * Where a page ends. A cursor holds the key of the last row that was shown, and lists go on behind that key and not behind
 * a number of rows: an id never changes, so whatever is written meanwhile, no row comes twice and none that was there is
 * left out. By urgency the key holds a severity too, which a person may correct: a row that moves in between can come twice, or
 * not, and whoever holds such rows reads those that changed again. Packed up, so that nobody takes it for an id and makes their own.
 */
export const cursorAfter = (key: string): string => Buffer.from(`after ${key}`).toString('base64url')

/** Undefined for what is no cursor of ours. */
export function keyIn(cursor: string): string | undefined {
  const text = Buffer.from(cursor, 'base64url').toString()
  const key = text.startsWith('after ') ? text.slice('after '.length) : ''
  // Decoding is forgiving, and a key with a NUL is none that Postgres could be asked for.
  return key !== '' && !key.includes('\0') && cursorAfter(key) === cursor ? key : undefined
}
