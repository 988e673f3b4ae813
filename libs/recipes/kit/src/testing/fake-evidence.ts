import { bytesOf } from '../evidence/bundle.js'
import {
  EvidenceHands,
  EvidenceReader,
  MOST_EVIDENCE_BYTES,
  PortFailure,
  type KeptEvidence,
  type PortFailureKind,
} from '../ports.js'

/** Evidence in memory. Its digests are of the right form and tell contents apart, and are no SHA-256. */
export class FakeEvidence {
  readonly #kept = new Map<string, { kept: KeptEvidence; content: string }>()
  readonly #failures: { kind: PortFailureKind; afterEffect: boolean }[] = []
  /** Every name under which something was really kept, in order. */
  readonly effects: string[] = []
  at_ms = Date.parse('2026-11-23T03:07:00.000Z')

  readonly reader: EvidenceReader = new Reader(this)
  readonly hands: EvidenceHands = new Hands(this)

  /** What is kept under a name, as text. */
  text(name: string): string | undefined {
    const found = this.#kept.get(name)
    return found?.content
  }

  /** The next call of the hands fails, once. `afterEffect`: it is kept first, and the answer is lost. */
  failNext(kind: PortFailureKind, { afterEffect = false } = {}): void {
    this.#failures.push({ kind, afterEffect })
  }

  /** @internal */
  find(name: string): KeptEvidence | undefined {
    return structuredClone(this.#kept.get(name)?.kept)
  }

  /** @internal */
  next(service: string): { name: string; at_ms: number } {
    for (let nth = 1; ; nth++)
      if (!this.#kept.has(`${service}/${nth}`)) return { name: `${service}/${nth}`, at_ms: this.at_ms }
  }

  /** @internal */
  keep(name: string, { content, media_type, contents }: Parameters<EvidenceHands['keep']>[1]): KeptEvidence {
    const failure = this.#failures.shift()
    const fail = () => new PortFailure(failure!.kind, `the fake was told to answer ${failure!.kind}`)
    if (failure && !failure.afterEffect) throw fail()
    const bytes = bytesOf(content)
    if (bytes > MOST_EVIDENCE_BYTES)
      throw new PortFailure('invalid', `${bytes} bytes of evidence are more than ${MOST_EVIDENCE_BYTES}`)
    const sha256 = told(content)
    const there = this.#kept.get(name)
    if (there && there.kept.sha256 !== sha256) throw new PortFailure('conflict', `something else is kept as ${name}`)
    if (!there) {
      const kept: KeptEvidence = {
        name,
        sha256,
        bytes,
        media_type,
        contents: structuredClone(contents),
      }
      this.#kept.set(name, { kept, content })
      this.effects.push(name)
    }
    if (failure) throw fail()
    return structuredClone(this.#kept.get(name)!.kept)
  }
}

class Reader extends EvidenceReader {
  constructor(private readonly fake: FakeEvidence) {
    super()
  }
  next = async (service: string) => this.fake.next(service)
  find = async (name: string) => this.fake.find(name)
}

class Hands extends EvidenceHands {
  constructor(private readonly fake: FakeEvidence) {
    super()
  }
  keep = async (name: string, evidence: Parameters<EvidenceHands['keep']>[1]) => this.fake.keep(name, evidence)
}

/** FNV-1a, eight times from another beginning. */
function told(content: string): string {
  const part = (seed: number) =>
    [...content].reduce(
      (sum, letter) => Math.imul(sum ^ letter.codePointAt(0)!, 16_777_619) >>> 0,
      2_166_136_261 ^ seed,
    )
  return Array.from({ length: 8 }, (_, seed) => part(seed).toString(16).padStart(8, '0')).join('')
}
