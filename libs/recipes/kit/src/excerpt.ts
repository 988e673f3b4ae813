import { plainLine } from './ports/plain-text.js'

/*
 * What others have written (errors, logs) as it may stand in a plan: short, in one line, and without what looks like a
 * secret. Not a guarantee, which is why excerpts are short: whoever needs all of it looks where it lies.
 */

const SECRETS: readonly [RegExp, string][] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:]*:[^\s/@]*@/gi, '$1‹secret›@'],
  [/\b(bearer|basic)\s+[\w+/=.~-]{8,}/gi, '$1 ‹secret›'],
  [
    /\b([\w-]*(?:password|passwd|secret|token|api[-_]?key|access[-_]?key|authorization|signature|credential)[\w-]*\\*["']?\s*[=:]\s*)("(?:[^"\\]|\\.)*(?:"|$)|\\+"[^"]*(?:"|$)|'[^']*(?:'|$)|[^\s,;&]+)/gi,
    '$1‹secret›',
  ],
  [/(:\/\/)[^\s/@:]+@/g, '$1‹secret›@'],
  [/((?:set-)?cookie["']?\s*[:=]\s*)[^\n"']+/gi, '$1‹secret›'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|$)/g, '‹secret›'],
  [/\b(?:fbk_|gh[pousr]_|xox[abeps]-|glpat-|npm_)[\w-]{8,}/g, '‹secret›'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, '‹secret›'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '‹secret›'],
]

/** What parts words in view, a line break or a control character too; a BOM and an escape are left for `plainLine`. */
const GAPS = /(?:[^\S\ufeff]|[^\P{Cc}\u001b])+/gu

/** A text of somebody else, cut to `most` letters, its lines joined, secrets and what nobody sees taken out. */
export function excerpt(text: string, most = 300): string {
  // Cut before the patterns run, which bounds their time, and again afterwards; a secret that the first cut halves is still one.
  const short = plainLine(text.slice(0, most * 4).replace(GAPS, ' '), most * 4)
    .replace(/ +/g, ' ')
    .trim()
  // What nobody sees is gone by now, or it would part the word by which a secret is known.
  return plainLine(
    SECRETS.reduce((told, [place, word]) => told.replace(place, word), short),
    most,
  )
}
