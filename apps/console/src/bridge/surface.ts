/*
 * What the shell and the page say to each other: the whole of it. Plain data only, so that it does not matter how it is
 * carried.
 */

/** A place in the console. */
export interface Place {
  kind: 'incident' | 'plan' | 'run' | 'recipe' | 'runbook'
  id: string
}

/** What went wrong, in words for people. Never a stack. */
export interface BridgeError {
  code: 'not-ours' | 'malformed' | 'failed' | 'cancelled' | 'not-set-up'
  message: string
}
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: BridgeError }

export interface HostInfo {
  /** Of the shell. */
  version: string
  platform: string
  /** The host of the API that this shell talks to. */
  api: string
  /** True where the shell signs people in at a provider; in a sandbox the page does it itself. */
  signsIn: boolean
  /** Whether one stays signed in when the shell is closed; if not, why, in a sentence. */
  keeps: { signedIn: boolean; because: string | null }
}

/** As much of an incident as a notification needs. */
export interface OpenIncident {
  id: string
  severity: 'SEV1' | 'SEV2' | 'SEV3' | 'SEV4'
  title: string
  acknowledged: boolean
}

/** `window.firebreak`, in the shell and nowhere else. One function for each thing that the page may ask for. */
export interface Surface {
  readonly version: 1
  info(): Promise<Outcome<HostInfo>>
  /** Signs in in the system's browser; answers when that has ended. */
  signIn(): Promise<Outcome<null>>
  /** Every incident that is open now. What is notified of, and when, the shell decides. */
  incidents(open: OpenIncident[]): Promise<Outcome<null>>
  /** Calls back with each place that a link or a notification leads to; answers how to stop that. */
  onGo(listener: (place: Place) => void): () => void
}

/** The channels under it. The preload knows these names and no others. */
export const CHANNELS = {
  info: 'firebreak:info',
  signIn: 'firebreak:sign-in',
  incidents: 'firebreak:incidents',
  listen: 'firebreak:listen',
  go: 'firebreak:go',
} as const
