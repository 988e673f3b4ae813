import { OcrReader, PortFailure, type Recognised } from '@firebreak/kit'
import { z } from 'zod'
import { ask, kindOfCode, parsed } from '../http/ask.js'

const answer = z.object({ text: z.string(), confidence: z.number().min(0).max(100) })
const refusal = z.object({ error: z.string() })

/** OCR engines behind HTTP: `POST <engine>/v1/recognise` with a PNG, answered with `{ text, confidence }` in percent. */
export class HttpOcr extends OcrReader {
  readonly #timeoutMs: number

  /** `engines` maps each name to what `/v1/recognise` hangs under. */
  constructor(
    private readonly engines: Readonly<Record<string, string>>,
    /** The first picture may have to wait until the engine has loaded its data. */
    { timeoutMs = 30_000 }: { timeoutMs?: number } = {},
  ) {
    super()
    this.#timeoutMs = timeoutMs
  }

  async recognise(engine: string, image: Uint8Array): Promise<Recognised> {
    const base = Object.hasOwn(this.engines, engine) ? this.engines[engine] : undefined
    if (base === undefined) {
      const known = Object.keys(this.engines).join(', ') || 'none'
      throw new PortFailure(
        'not-found',
        `no OCR engine is called ${engine}; there are ${known} (OCR_ENGINES of the worker)`,
      )
    }
    const about = `OCR engine ${engine}`
    const { code, text } = await ask({
      url: new URL('v1/recognise', base.endsWith('/') ? base : `${base}/`),
      about,
      timeoutMs: this.#timeoutMs,
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: Uint8Array.from(image),
    })
    const said = parsed(text)
    if (code !== 200) {
      const why = refusal.safeParse(said)
      throw new PortFailure(kindOfCode(code), `${about}: ${why.success ? why.data.error : `answered ${code}`}`)
    }
    const read = answer.safeParse(said)
    if (!read.success) throw new PortFailure('invalid', `${about}: the answer is no reading`)
    return { text: read.data.text.trim(), confidence_percent: Math.round(read.data.confidence) }
  }
}
