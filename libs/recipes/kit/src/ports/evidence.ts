import type { JsonObject } from '../verb.js'

/** Evidence that is kept, as its name leads to it. */
export interface KeptEvidence {
  name: string
  /** Of its bytes, in hexadecimal: what it is kept under, and what the log names it by. */
  sha256: string
  bytes: number
  media_type: string
  /** What is in it and what is not, in numbers and short texts. */
  contents: JsonObject
}

/** Looks at the evidence that Firebreak keeps. It lies with Firebreak and not in the watched system. */
export abstract class EvidenceReader {
  /** A name for evidence about this service that nothing is kept under, and what time it is there. Wall time in milliseconds. */
  abstract next(service: string): Promise<{ name: string; at_ms: number }>
  /** `undefined` where nothing is kept under the name. What is there and has another digest than it should is `invalid`. */
  abstract find(name: string): Promise<KeptEvidence | undefined>
}

/** Keeps evidence, for ever: nothing here takes it away or writes over it. */
export abstract class EvidenceHands {
  /**
   * Keeps a text (UTF-8) under the digest that it has, and under a name. The same again changes nothing; another text under a
   * name that is taken are `conflict`, and one of more than `MOST_EVIDENCE_BYTES` is `invalid`.
   */
  abstract keep(
    name: string,
    evidence: { content: string; media_type: string; contents: JsonObject },
  ): Promise<KeptEvidence>
}
export const MOST_EVIDENCE_BYTES = 16_000_000
