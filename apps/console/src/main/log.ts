/** What could be a secret, by its form: after the words that come before one, and what looks like one by itself. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[^\s,;"']+/gi, '$1 ***'],
  [
    /\b(authorization|cookie|set-cookie|password|secret|token|refresh_token|access_token|id_token|code|code_verifier|state|nonce)(["']?\s*[=:]\s*["']?)[^\s&,;"']+/gi,
    '$1$2***',
  ],
  [/\bfb[ks]?_[\w-]{8,}/g, '***'],
  [/\b[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,}/g, '***'],
]

/** A line for the log: no secret, nothing that moves the terminal, and not endless. */
export function logLine(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 1000)
  return SECRETS.reduce((line, [pattern, instead]) => line.replace(pattern, instead), plain)
}
