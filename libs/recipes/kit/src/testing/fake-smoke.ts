import { PortFailure, SmokeReader, type PortFailureKind, type SmokeAnswer } from '../ports.js'

/** Services in memory: each answers its checks as a test says. */
export class FakeSmoke extends SmokeReader {
  readonly #answers = new Map<string, SmokeAnswer | PortFailureKind>()
  /** Every check that was asked, `suite/check`, in order. */
  readonly asked: string[] = []

  /** From now on the check is answered so: JSON with 200 in 5 ms, unless told otherwise. */
  answers(suite: string, check: string, body: unknown, { status = 200, took_ms = 5 } = {}): this {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    this.#answers.set(`${suite}/${check}`, { status, text, took_ms })
    return this
  }

  /** From now on asking it fails so. */
  fails(suite: string, check: string, kind: PortFailureKind): this {
    this.#answers.set(`${suite}/${check}`, kind)
    return this
  }

  async ask(suite: string, check: string): Promise<SmokeAnswer> {
    this.asked.push(`${suite}/${check}`)
    const answer = this.#answers.get(`${suite}/${check}`)
    if (answer === undefined) throw new PortFailure('not-found', `the fake knows no check ${suite}/${check}`)
    if (typeof answer === 'string') throw new PortFailure(answer, `the fake was told to answer ${answer}`)
    return { ...answer }
  }
}
