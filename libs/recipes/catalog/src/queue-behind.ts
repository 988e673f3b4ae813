/** A queue that is worked off comes and goes; one that gains a twentieth of itself, and this much, a minute does not. */
const GROWS_PER_MINUTE = 30

/** Whether the queue behind a service grows: how many wait, and by how many more each minute. Unknown: it does not. */
export const grows = (depth: number | null, perMinute: number | null): boolean =>
  perMinute !== null && perMinute > Math.max(GROWS_PER_MINUTE, (depth ?? 0) / 20)
