/*
 * What others have written (errors, logs) as it may stand in a plan: short, in one line, and without what looks like a
 * secret. Not a guarantee, which is why excerpts are short: whoever needs all of it looks where it lies.
 */

const SECRETS: readonly [RegExp, string][] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:]*:[^\s/@]*@/gi, '$1‹secret›@'],
  [/\b(bearer|basic)\s+[\w+/=.~-]{8,}/gi, '$1 ‹secret›'],
  [
    /\b([\w-]*(?:password|passwd|secret|token|api[-_]?key|access[-_]?key|authorization|signature|credential)[\w-]*["']?\s*[=:]\s*)("[^"\n]*"|'[^'\n]*'|[^\s,;&]+)/gi,
    '$1‹secret›',
  ],
  [/(:\/\/)[^\s/@:]+@/g, '$1‹secret›@'],
  [/((?:set-)?cookie["']?\s*[:=]\s*)[^\n"']+/gi, '$1‹secret›'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|$)/g, '‹secret›'],
  [/\b(?:fbk_|gh[pousr]_|xox[abeps]-|glpat-|npm_)[\w-]{8,}/g, '‹secret›'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, '‹secret›'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '‹secret›'],
]

/** A text of somebody else, cut to `most` letters, its lines joined, secrets taken out. */
export function excerpt(text: string, most = 300): string {
  // Cut before the patterns run, which bounds their time, and again afterwards; a secret that the first cut halves is still one.
  const short = text
    .slice(0, most * 4)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  const clean = SECRETS.reduce((told, [place, word]) => told.replace(place, word), short)
  return clean.length > most ? `${clean.slice(0, most - 1)}…` : clean
}
