/** How far the house lets anything go, whoever asks for it: `limits` of `firebreak.yaml`. */
export interface Limits {
  /** After a run its targets rest for so long: what it changed has to show its effect before anything changes it again. */
  cooldown_minutes: number
}

/** Of a house that has none: for benches and tests that look at something else. */
export const noLimits: Limits = { cooldown_minutes: 0 }
