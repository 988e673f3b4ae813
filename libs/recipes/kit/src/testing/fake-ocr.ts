import { OcrReader, PortFailure, type PortFailureKind, type Recognised } from '../ports.js'

/** OCR engines in memory: each reads the samples that it was taught, and nothing else. */
export class FakeOcr extends OcrReader {
  readonly #engines = new Map<string, Map<string, Recognised>>()
  readonly #down = new Map<string, PortFailureKind>()
  /** Every engine that was asked, in order. */
  readonly asked: string[] = []

  /** An engine; taught nothing, it finds every picture unreadable. */
  engine(name: string): this {
    this.#engines.set(name, new Map())
    return this
  }

  teach(engine: string, image: Uint8Array, text: string, confidence_percent = 96): this {
    this.#engines.get(engine)?.set(image.join(), { text, confidence_percent })
    return this
  }

  /** The engine fails so from now on; `undefined` lets it answer again. */
  failing(engine: string, kind: PortFailureKind | undefined): void {
    if (kind) this.#down.set(engine, kind)
    else this.#down.delete(engine)
  }

  async recognise(engine: string, image: Uint8Array): Promise<Recognised> {
    this.asked.push(engine)
    const known = this.#engines.get(engine)
    if (!known) throw new PortFailure('not-found', `no OCR engine is called ${engine}`)
    const failure = this.#down.get(engine)
    if (failure) throw new PortFailure(failure, `the fake was told to answer ${failure}`)
    const read = known.get(image.join())
    if (!read) throw new PortFailure('invalid', 'the picture cannot be read')
    return { ...read }
  }
}
