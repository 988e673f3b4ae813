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
): number => compare(a.severity, b.severity) || compare(b.opened_at, a.opened_at)

/** A list in that order. Of each severity they come newest first already, so that little is left to sort. */
export function inUrgency<T extends { severity: Severity; opened_at: string }>(items: readonly T[]): T[] {
  const of = Map.groupBy(items, ({ severity }) => severity)
  return [...of.keys()]
    .sort()
    .flatMap((severity) => of.get(severity)!)
    .sort(byUrgency)
}

/** By code units: both are written in figures, and a locale's order of ten thousand takes seconds. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
