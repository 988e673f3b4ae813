import { z } from 'zod'
import { isWellFormed } from './bytes.js'

// Compiled schemas need eval, which the page's Content-Security-Policy forbids; asking whether it is there is a violation too.
z.config({ jitless: true })

/** Whole numbers alone: two readers may round a fraction differently. */
export const int = z.int()
export const count = z.int().nonnegative()
export const flag = z.boolean()
/** An identifier: one line, no spaces. */
export const id = z.string().regex(/^[!-~]{1,200}$/)
/** A state, a code, a kind: lower case. */
export const word = z
  .string()
  .regex(/^[a-z][a-z0-9]*(?:[-_.:/][a-z0-9]+)*$/)
  .max(100)
/** What a person or a system wrote. */
export const said = z
  .string()
  .max(8000)
  .refine(isText, 'no lone surrogates, and no control characters but tab and newline')
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/)
export const uuidV7 = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
/** RFC 3339, UTC, with milliseconds, and a day that exists. */
export const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .refine(isTime, 'no such time')
/** `kind:id`; the id may hold further colons and slashes, as targets do. */
export const reference = z.string().regex(/^[a-z][a-z0-9_-]*:[!-~]{1,200}$/)

/** A few facts by name: no nesting, so that a summary stays one. */
const fact = z.union([z.null(), flag, int, said])
export const facts = z.record(z.string().regex(/^[\w.:/@-]{1,200}$/), z.union([fact, z.array(fact).max(500)]))

/**
 * The detail of one type of entry: these fields and no others. Each may be absent, so that a later field does not spoil an
 * earlier entry; none may be of another form.
 */
export const detail = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape).partial()

const PRINTABLE = /^[ -~]*$/

function isText(text: string): boolean {
  // Nearly every text, and asking for surrogates is slow.
  if (PRINTABLE.test(text)) return true
  return isWellFormed(text) && !/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Of digits where digits belong. By arithmetic, because Date takes longer over it than all the rest of an entry does. */
function isTime(text: string): boolean {
  const number = (at: number) => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 11 * 0x30
  const [year, month, day] = [number(0) * 100 + number(2), number(5), number(8)]
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0
  const days = (DAYS[month - 1] ?? 0) + leap
  return day >= 1 && day <= days && number(11) < 24 && number(14) < 60 && number(17) < 60
}

export { z }
