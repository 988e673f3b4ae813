import { formatRequest } from './notary.js'

/** What a notary says to a checkpoint, with the words of the log. */
export type CosignerAnswer =
  /** Signature lines, to be put under the note; not verified yet. */
  | { kind: 'cosigned'; lines: string }
  /** It last signed another size than we thought: that one. */
  | { kind: 'elsewhere'; size: number }
  /** The same size with another root, or a proof that does not hold: it knows another history. */
  | { kind: 'forked'; why: string }
  /** It does not know this log or this key, or could not read us: a matter of configuration. */
  | { kind: 'refused'; why: string }

/** The log's side of the notary. Throws when it cannot be reached: try again later. */
export abstract class Cosigner {
  abstract addCheckpoint(oldSize: number, proof: readonly Uint8Array[], note: string): Promise<CosignerAnswer>
}

const PATIENCE_MS = 3_000
const MAX_ANSWER = 16 * 1024

/** Any witness that speaks C2SP tlog-witness. `prefix` is its submission prefix. */
export class HttpCosigner extends Cosigner {
  readonly #url: string

  constructor(prefix: string) {
    super()
    this.#url = `${prefix.replace(/\/+$/, '')}/add-checkpoint`
  }

  async addCheckpoint(oldSize: number, proof: readonly Uint8Array[], note: string): Promise<CosignerAnswer> {
    const response = await fetch(this.#url, {
      method: 'POST',
      body: formatRequest(oldSize, proof, note),
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    return cosignerAnswer(oldSize, response.status, await response.text())
  }
}

/** A notary's answer as the log takes it. Throws where the notary has a fault of its own, which passes. */
export function cosignerAnswer(oldSize: number, status: number, body: string): CosignerAnswer {
  if (body.length > MAX_ANSWER) return { kind: 'refused', why: 'its answer is too long' }
  if (status === 200) return { kind: 'cosigned', lines: body }
  if (status === 422) return { kind: 'forked', why: body.trim() }
  if (status >= 500) throw new Error(`the notary answers ${status}: ${body.trim()}`)
  if (status !== 409) return { kind: 'refused', why: `${status}: ${body.trim()}` }
  const size = /^(0|[1-9]\d{0,15})\n$/.exec(body)
  if (!size) return { kind: 'refused', why: '409 without a size' }
  return Number(size[1]) === oldSize
    ? { kind: 'forked', why: `it signed another root for size ${oldSize}` }
    : { kind: 'elsewhere', size: Number(size[1]) }
}
