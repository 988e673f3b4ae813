import { assertHandle, CredentialHands, Secret } from '../credentials.js'
import { PortFailure, type PortFailureKind } from '../ports.js'

/** One change that really took place. Without the value, like everything that tests print. */
export interface CredentialEffect {
  method: 'put' | 'forget'
  handle: string
}

/** Secrets in memory. */
export class FakeCredentials extends CredentialHands {
  readonly effects: CredentialEffect[] = []
  readonly #kept = new Map<string, string>()
  readonly #failures: { kind: PortFailureKind; afterEffect: boolean }[] = []

  /** The next call fails, once; several wait in line. `afterEffect`: the change happens first, its answer is lost. */
  failNext(kind: PortFailureKind, { afterEffect = false } = {}): void {
    this.#failures.push({ kind, afterEffect })
  }

  async put(handle: string, secret: Secret): Promise<void> {
    return this.#call(handle, () => {
      const kept = this.#kept.get(handle)
      if (kept === secret.reveal()) return
      if (kept !== undefined) throw new PortFailure('conflict', `there is another secret under ${handle}`)
      this.#kept.set(handle, secret.reveal())
      this.effects.push({ method: 'put', handle })
    })
  }

  async get(handle: string): Promise<Secret | undefined> {
    return this.#call(handle, () => {
      const kept = this.#kept.get(handle)
      return kept === undefined ? undefined : new Secret(kept)
    })
  }

  async forget(handle: string): Promise<void> {
    return this.#call(handle, () => {
      if (this.#kept.delete(handle)) this.effects.push({ method: 'forget', handle })
    })
  }

  #call<T>(handle: string, make: () => T): T {
    assertHandle(handle)
    const failure = this.#failures.shift()
    const told = failure && new PortFailure(failure.kind, `the fake was told to answer ${failure.kind}`)
    if (told && !failure.afterEffect) throw told
    const answer = make()
    if (told) throw told
    return answer
  }
}
