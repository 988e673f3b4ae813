import { answer, bodyOf, bytesOf, marked } from '../http.js'
import type { Family } from '../monitors/metrics.js'
import { primaryEngine, TesseractJs, type Engine } from './engines.js'
import { gauge, settle } from './figures.js'
import { isWhole, picture } from './picture.js'
import { SAMPLES } from './samples.js'
import { DOCUMENTS, type Storage } from './storage.js'
import type { Call, PretendService, Site } from './service.js'

export const ocrFaults = {
  'ocr-corrupt': 'what comes in is corrupted: the primary OCR engine fails on nearly half of it, the fallback copes',
  'ocr-torn-inputs':
    'four documents that nobody can read lie among the inputs, and the primary OCR engine fails on them again and again',
  'ocr-hung': 'the process of the primary OCR engine hangs in each pod that there is; one that is made anew answers',
  'ocr-down': 'the primary OCR engine answers nobody',
  'ocr-fallback-weak': 'the fallback OCR engine reads the samples, and fails on a third of the documents that it gets',
  'ocr-fallback-astray': 'the fallback OCR engine has lost its letters: it answers, and takes each of them for an I',
} as const

const ENGINES = ['primary', 'fallback'] as const
type Name = (typeof ENGINES)[number]

/** How documents are called that nobody can read. */
const IN_THE_WAY = 'incoming/2026/scan-'

/** Percent of the documents that an engine cannot read. */
const USUAL = { primary: 1.5, fallback: 3 }
const CORRUPTED = { primary: 42, fallback: 5 }

const WEAK = 34

/**
 * Two OCR engines, `prod/ocr-primary` and `prod/ocr-fallback`, and a routing config that says which of them documents go
 * to: `engine` in the ConfigMap `prod/ocr-routing`, or, where there is none, what was PUT here; and so many percent of them
 * go to the fallback all the same (`fallback_percent`). Documents of the generator are only counted; a picture that is
 * sent here is really read.
 */
export class Ocr implements PretendService {
  readonly name = 'ocr'
  readonly #engines: Record<Name, Engine> = { primary: primaryEngine(), fallback: new TesseractJs() }
  /** The last of each engine's queue: an engine reads one picture at a time. */
  readonly #queues: Record<Name, Promise<unknown>> = { primary: Promise.resolve(), fallback: Promise.resolve() }
  readonly #errors = { ...USUAL, fallback: 0 }
  #routed: Name
  /** Pods whose process hangs. */
  #hung: readonly string[]

  constructor(
    private readonly site: Site,
    private readonly storage: Storage,
    saved: unknown,
  ) {
    const { engine, hung = [] } = (saved as { engine?: unknown; hung?: string[] } | undefined) ?? {}
    this.#routed = nameOf(engine) ?? 'primary'
    this.#hung = hung
  }

  get routed(): Name {
    return nameOf(this.site.cluster.configMap('ocr-routing')?.['engine']) ?? this.#routed
  }

  /** How many percent of the documents an engine gets. What the routing says that is no share is none. */
  #share(engine: Name): number {
    const said = this.site.cluster.configMap('ocr-routing')?.['fallback_percent'] ?? '0'
    const fallback = this.routed === 'fallback' ? 100 : /^(\d\d?|100)$/.test(said) ? Number(said) : 0
    return engine === 'fallback' ? fallback : 100 - fallback
  }

  step(elapsedMs: number): void {
    for (const engine of ENGINES)
      // An engine that nothing is sent to fails at nothing.
      this.#errors[engine] = settle(
        this.#errors[engine],
        this.#share(engine) > 0 ? this.#failing(engine) : 0,
        elapsedMs,
      )
  }

  /** Percent of the documents that an engine cannot read now. */
  #failing(engine: Name): number {
    if (!this.#isUp(engine)) return 100
    if (engine === 'fallback' && this.site.broken('ocr-fallback-weak')) return WEAK
    return (this.site.broken('ocr-corrupt') || this.#inTheWay() ? CORRUPTED : USUAL)[engine]
  }

  measure(): Family[] {
    const rates = ENGINES.map((engine) => [{ engine }, Math.round(this.#errors[engine] * 10) / 10] as const)
    const shares = ENGINES.map((engine) => [{ engine }, this.#share(engine)] as const)
    const up = ENGINES.map((engine) => [{ engine }, this.#isUp(engine) ? 1 : 0] as const)
    return [
      gauge('ocr_error_rate_percent', 'Documents that could not be read, by engine.', rates),
      gauge('ocr_share_percent', 'Documents that go to the engine.', shares),
      gauge('ocr_up', 'Does the engine answer?', up),
    ]
  }

  async answer({ request, response, path }: Call): Promise<void> {
    const reply = (code: number, body: object) => answer(response, code, { simulator: true, ...body })
    const [, first = '', ...rest] = path.split('/')
    const called = `${request.method} ${path}`
    if (called === 'GET /routing') return reply(200, { engine: this.routed, fallback_percent: this.#share('fallback') })
    if (called === 'PUT /routing') return this.#route(await bodyOf(request), reply)
    if (called === 'GET /samples')
      return reply(200, { samples: SAMPLES.map((text, at) => ({ name: `${at}.png`, text })) })
    if (first === 'samples' && request.method === 'GET') {
      const text = SAMPLES[Number(/^(\d)\.png$/.exec(rest[0] ?? '')?.[1] ?? -1)]
      if (text === undefined) return reply(404, { error: 'there is no such sample' })
      response.writeHead(200, { ...marked, 'content-type': 'image/png' })
      return void response.end(picture(text))
    }
    const engine = first === 'v1' ? this.#next() : nameOf(first)
    const what = first === 'v1' ? path : `/${rest.join('/')}`
    if (engine && request.method === 'GET' && what === '/v1/health')
      return reply(this.#isUp(engine) ? 200 : 503, { engine, ok: this.#isUp(engine), is: this.#engines[engine].is })
    if (!engine || request.method !== 'POST' || what !== '/v1/recognise')
      return reply(404, {
        error: 'there are POST [primary/|fallback/]v1/recognise, GET …v1/health, GET and PUT routing, GET samples',
      })
    if (!this.#isUp(engine)) return reply(503, { engine, error: 'nobody answers' })
    const image = await bytesOf(request)
    if (!isWhole(image)) return reply(422, { engine, error: 'the picture is no whole PNG' })
    try {
      return reply(200, { engine, is: this.#engines[engine].is, ...(await this.#read(engine, image)) })
    } catch (error) {
      return reply(422, { engine, error: error instanceof Error ? error.message : 'the engine failed' })
    }
  }

  broke(fault: string): void {
    if (fault === 'ocr-hung') this.#hang()
    if (fault === 'ocr-torn-inputs') this.#putInTheWay()
  }

  mended(fault: string): void {
    if (fault === 'ocr-hung') this.#hung = []
    if (fault === 'ocr-torn-inputs') {
      this.storage.removeAll(DOCUMENTS, IN_THE_WAY)
      this.storage.removeAll('quarantine', `batch/${IN_THE_WAY}`)
    }
    this.site.touch()
  }

  save(): { engine: Name; hung: readonly string[] } {
    return { engine: this.#routed, hung: this.#hung }
  }

  reset(): void {
    this.#routed = 'primary'
    this.#hung = []
  }

  async stop(): Promise<void> {
    await Promise.all(ENGINES.map((engine) => this.#engines[engine].stop()))
  }

  #hang(): void {
    this.#hung = this.site.cluster.readyPods('ocr-primary')
    this.site.log('ocr-primary', 'fatal: worker thread did not come back within 30 s; out of buffers')
    this.site.touch()
  }

  #putInTheWay(): void {
    const whole = picture('INVOICE 4700')
    const unreadable = [whole.subarray(0, 40), whole.subarray(0, whole.length - 4), Buffer.from('MZ, and no picture')]
    try {
      for (const [at, content] of [...unreadable, Buffer.alloc(0)].entries())
        this.storage.write(DOCUMENTS, `${IN_THE_WAY}${at}.png`, content, 'image/png')
    } catch {
      // A full bucket takes none: then nothing lies in the way.
    }
  }

  #inTheWay(): boolean {
    return this.site.broken('ocr-torn-inputs') && this.storage.has(DOCUMENTS, IN_THE_WAY)
  }

  #isUp(engine: Name): boolean {
    if (engine === 'primary' && this.site.broken('ocr-down')) return false
    return this.site.cluster.readyPods(`ocr-${engine}`).some((pod) => !this.#hung.includes(pod))
  }

  /** Whose turn the next document is. */
  #next(): Name {
    return this.site.dice() * 100 < this.#share('fallback') ? 'fallback' : 'primary'
  }

  #read(engine: Name, image: Buffer) {
    const reading = this.#queues[engine].then(() => this.#engines[engine].recognise(image))
    this.#queues[engine] = reading.catch(() => undefined)
    const astray = engine === 'fallback' && this.site.broken('ocr-fallback-astray')
    return astray ? reading.then((read) => ({ ...read, text: read.text.replace(/\p{L}/gu, 'I') })) : reading
  }

  #route(body: string, reply: (code: number, body: object) => void): void {
    const engine = nameOf(engineIn(body))
    if (!engine) return reply(400, { error: `expected {"engine": "${ENGINES.join('" or "')}"}` })
    if (this.site.cluster.configMap('ocr-routing'))
      return reply(409, { error: 'the ConfigMap prod/ocr-routing says where documents go: change it' })
    this.#routed = engine
    this.site.touch()
    reply(200, { engine })
  }
}

const nameOf = (given: unknown): Name | undefined => ENGINES.find((engine) => engine === given)

function engineIn(body: string): unknown {
  try {
    return (JSON.parse(body) as { engine?: unknown } | null)?.engine
  } catch {
    return undefined
  }
}
