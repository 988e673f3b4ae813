/** One load of the model for each pod is normal; a reload that never settles says this again and again. */
export const RELOAD = /hot.?reload|\bre-?load(?:ing|ed)?\b.*\bmodel|\bload(?:ing|ed) model/i

/** Logs of so many pods are read, and so much of each. */
export const MOST_PODS = 5
export const LOG = { tail: 2_000, limit_bytes: 262_144 }
