/** What stands where a secret stood. */
export const HIDDEN = '***'

/** Longer texts are cut: a line of a log is no place for a body. Characters. */
const LONGEST = 8_000
/** What is looked through for secrets before it is cut, so that none is cut in two and then not known for one. */
const LOOKED_AT = 4 * LONGEST

/** Names of fields, headers, variables and parameters whose value is a secret, however it is written. */
const SECRET_NAME =
  'pass(?:word|wd|phrase)|secret|token|authorization|cookie|credential|api[-_]?key|access[-_]?key|private[-_]?key|key[-_]?data|signature|fb_session|session[-_]?id'
const secretName = new RegExp(SECRET_NAME, 'i')

/** Secrets by the form that they have, wherever they stand. Each begins at something rare, so that long texts cost little. */
const forms: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}-----|$)/g, HIDDEN],
  // A signer's key as Go's note package writes it.
  [/PRIVATE\+KEY\+[^\s"']+/g, HIDDEN],
  // The user of an address says who was asked for; alone, it may be a token.
  [/:\/\/([^\s/:@"']{1,100}):[^\s/"']{0,500}@/g, `://$1:${HIDDEN}@`],
  [/:\/\/(?![^\s/@"']{1,100}:\*\*\*@)[^\s/"']{1,500}@/g, `://${HIDDEN}@`],
  [/\b(Bearer|Basic|Negotiate|Digest|AWS4-HMAC-SHA256)\s+[^\s"'\\,;][^\r\n"'\\]*/gi, `$1 ${HIDDEN}`],
  [/\bfbk_[\w-]{8,}/g, HIDDEN],
  // JSON Web Tokens: of identity providers, of Kubernetes' service accounts.
  [/\beyJ[\w-]{5,8000}(?:\.[\w-]{0,8000}){0,2}/g, HIDDEN],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, HIDDEN],
  [/\b(?:gh[pousr]_|xox[abeps]-|glpat-|npm_)[\w-]{10,}/g, HIDDEN],
  // A cookie's header is cookies to its end.
  [/((?:set-)?cookie\\?["']?\s{0,3}[:=]\s{0,3})(?!\*\*\*)[^\r\n"']+/gi, `$1${HIDDEN}`],
  // "name":"a value of words, with commas", to its closing quote; then the same in JSON that stands in a text of JSON.
  [
    new RegExp(
      `((?:${SECRET_NAME})[\\w.-]{0,40}["']?\\s{0,3}[:=]\\s{0,3}(["']))(?!\\*\\*\\*)(?:\\\\.|(?!\\2)[^\\r\\n\\\\])+`,
      'gi',
    ),
    `$1${HIDDEN}`,
  ],
  [
    new RegExp(
      `((?:${SECRET_NAME})[\\w.-]{0,40}(?:\\\\["'])?\\s{0,3}[:=]\\s{0,3}(\\\\["']))(?!\\*\\*\\*)(?:(?!\\2)[^\\r\\n])+`,
      'gi',
    ),
    `$1${HIDDEN}`,
  ],
  // name=value, name: value, "name":"value", also where JSON stands in a text of JSON.
  [
    new RegExp(
      `((?:${SECRET_NAME})[\\w.-]{0,40}(?:\\\\?["'])?\\s{0,3}[:=]\\s{0,3}(?:\\\\?["'])?)(?!\\*\\*\\*|(?:Bearer|Basic|Negotiate|Digest|AWS4-HMAC-SHA256) \\*)[^\\s"'&,;\\\\]+`,
      'gi',
    ),
    `$1${HIDDEN}`,
  ],
]

/**
 * A text without the secrets that can be told by their form, and not longer than a line may be. What a terminal would take
 * for more than text (a direction of writing, a control sequence of one character) is spelled out.
 */
export function masked(text: string): string {
  let clean = text.length > LOOKED_AT ? text.slice(0, LOOKED_AT) : text
  for (const [form, instead] of forms) clean = clean.replace(form, instead)
  clean = clean.replace(/[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, spelled)
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}…` : clean
}

const spelled = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** How deep and how wide a value is looked into. */
const DEPTH = 6
const WIDTH = 50

/** A value as a log may have it: no secret by name or form, no bytes, no circle, nothing without an end. */
export function safe(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case 'string':
      return masked(value)
    case 'number':
    case 'boolean':
      return value
    case 'bigint':
      return String(value)
    case 'object':
      break
    default:
      return undefined
  }
  if (value === null) return null
  if (value instanceof Error) return safeError(value, depth)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString()
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `${value.byteLength} bytes`
  if (depth >= DEPTH) return '…'
  if (Array.isArray(value)) return value.slice(0, WIDTH).map((one) => safe(one, depth + 1))
  const known: object =
    value instanceof Map
      ? Object.fromEntries(value as Map<string, unknown>)
      : value instanceof URL
        ? { href: value.href }
        : value
  return Object.fromEntries(
    Object.entries(known as Record<string, unknown>)
      .slice(0, WIDTH)
      .map(([name, inner]) => [
        masked(name),
        secretName.test(name) && inner !== null && inner !== undefined && typeof inner !== 'boolean'
          ? HIDDEN
          : safe(inner, depth + 1),
      ]),
  )
}

/** Its kind, message, stack, code and cause; what else libraries hang on errors (requests with their headers) is left out. */
function safeError(error: Error, depth: number): object {
  const { code, cause } = error as { code?: unknown; cause?: unknown }
  return {
    type: masked(error.name),
    message: masked(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: safe(code) } : {}),
    ...(error.stack === undefined ? {} : { stack: masked(error.stack) }),
    ...(cause === undefined || depth >= DEPTH ? {} : { cause: safe(cause, depth + 1) }),
  }
}
