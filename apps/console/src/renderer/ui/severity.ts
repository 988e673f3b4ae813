/** How bad it is, in three ways at once: taking any one of them away loses nothing. */
export const severities = {
  SEV1: { shape: '◆', word: 'SEV1', token: '--sev1' },
  SEV2: { shape: '▲', word: 'SEV2', token: '--sev2' },
  SEV3: { shape: '●', word: 'SEV3', token: '--sev3' },
  SEV4: { shape: '○', word: 'SEV4', token: '--sev4' },
} as const

export type Severity = keyof typeof severities
