import { PortFailure } from './ports.js'

/**
 * A secret on its way from one verb to the next. However it is shown, it says `[secret]`: put into an error, a log line or
 * JSON by mistake it gives nothing away. `reveal` is the one way to the value, and easy to find in a review.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    if (value === '') throw new PortFailure('invalid', 'an empty secret is none')
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  /** What Node's console shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]'
  }
}

/** The name under which a secret is passed on. It stands in plans, journals and entries in the place of the value. */
export const HANDLE = /^[a-z0-9][a-z0-9./:-]{0,199}$/

/**
 * Keeps secrets between the verb that makes one and the verbs that use it, by handle. No failure of this port says the
 * value. A handle that is none is `PortFailure('invalid')`.
 */
export abstract class CredentialHands {
  /**
   * Keeps a secret. The same one again changes nothing, so that a verb can be repeated; another one under the same handle
   * is `PortFailure('conflict')`: what somebody may be using is never written over.
   */
  abstract put(handle: string, secret: Secret): Promise<void>
  /** The secret, or `undefined` when there is none under this handle. */
  abstract get(handle: string): Promise<Secret | undefined>
  /** It is not there afterwards; it may not have been there. */
  abstract forget(handle: string): Promise<void>
}

/** Refuses what is no handle: a value that was put in its place by mistake would stand in every plan and entry. */
export function assertHandle(handle: string): void {
  if (!HANDLE.test(handle)) throw new PortFailure('invalid', 'this is no handle of a secret')
}
