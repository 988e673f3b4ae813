import { PortFailure, TracesReader, type PortFailureKind } from '../ports.js'

/** Traces in memory. */
export class FakeTraces extends TracesReader {
  readonly #traces = new Map<string, string[]>()
  failing: PortFailureKind | undefined

  keep(id: string, ...spans: object[]): this {
    this.#traces.set(
      id,
      spans.map((span) => JSON.stringify(span)),
    )
    return this
  }

  async trace(id: string): Promise<string[] | undefined> {
    if (!/^[0-9a-f]{16,32}$/i.test(id)) throw new PortFailure('invalid', 'that is no id of a trace')
    if (this.failing) throw new PortFailure(this.failing, `the fake was told to answer ${this.failing}`)
    return this.#traces.get(id)?.slice()
  }
}
