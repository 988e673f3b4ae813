/**
 * How bad it is, in three ways at once: taking any one of them away loses nothing. The shape is drawn, on a field of
 * 12 by 12, because what a font makes of ○ and ● is not always two things.
 */
export const severities = {
  SEV1: { word: 'SEV1', shape: 'diamond', path: 'M6 0 12 6 6 12 0 6Z', filled: true, token: '--sev1' },
  SEV2: { word: 'SEV2', shape: 'triangle', path: 'M6 .5 12 11.5H0Z', filled: true, token: '--sev2' },
  SEV3: { word: 'SEV3', shape: 'disc', path: 'M6 1a5 5 0 1 1 0 10A5 5 0 1 1 6 1Z', filled: true, token: '--sev3' },
  SEV4: { word: 'SEV4', shape: 'ring', path: 'M6 2a4 4 0 1 1 0 8A4 4 0 1 1 6 2Z', filled: false, token: '--sev4' },
} as const

export type Severity = keyof typeof severities

/** The worst first; the newest first among equals. */
export const byUrgency = (
  a: { severity: Severity; opened_at: string },
  b: { severity: Severity; opened_at: string },
): number => a.severity.localeCompare(b.severity) || b.opened_at.localeCompare(a.opened_at)
