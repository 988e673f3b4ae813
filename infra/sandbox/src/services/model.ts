import { answer, bodyOf } from '../http.js'
import type { Family } from '../monitors/metrics.js'
import type { ConfigRepository } from './config-repository.js'
import { counter, gauge, settle } from './figures.js'
import { MODEL, type Registry } from './registry.js'
import type { Call, Container, PretendService, Site } from './service.js'

export const modelFaults = {
  'bad-model': 'a new version of the model is rolled out, and more than a third of its answers are wrong',
  drift: 'what comes in changes: every version that is known by now gets worse, a newly trained one would not',
} as const

/** Percent of answers that are wrong. */
const GOOD = 2
const BAD = 38
const DRIFTED = 24
const REQUESTS_PER_SECOND = 20
const IMAGE = 'sandbox.invalid/invoice-classifier'

/** Documents whose class is known. A version gets as many of them wrong as it gets of all. */
const SAMPLES = [
  ['invoice 4711, total 129.50 EUR, due in 14 days', 'invoice'],
  ['credit note for invoice 4711, 29.50 EUR', 'credit-note'],
  ['reminder: invoice 4620 is overdue', 'reminder'],
  ['delivery note 8815, two pallets', 'delivery-note'],
  ['invoice 4712, total 80.00 EUR, paid', 'invoice'],
  ['purchase order 991, 40 units', 'order'],
  ['credit note for invoice 4598', 'credit-note'],
  ['invoice 4713, total 12.99 EUR', 'invoice'],
  ['second reminder: invoice 4620', 'reminder'],
  ['purchase order 992, 5 units', 'order'],
  ['delivery note 8816, one parcel', 'delivery-note'],
  ['invoice 4714, total 1,250.00 EUR', 'invoice'],
] as const
const CLASSES = ['invoice', 'credit-note', 'reminder', 'delivery-note', 'order'] as const

interface Saved {
  /** Versions that are bad from birth. */
  bad: string[]
  /** `drift` spoils versions up to this one. */
  driftedUpTo: number
  /** What `mend/bad-model` rolls back to. */
  before?: { image: string; alias?: string }
  requests: Record<string, { ok: number; error: number }>
}

const beginning = (): Saved => ({ bad: [], driftedUpTo: 0, requests: {} })

/**
 * The model service: whichever version `prod/model` runs answers, and each version has its error rate. The version is
 * the container's MODEL_VERSION where it is set, else the tag of its image; a version that the registry does not have
 * cannot be loaded.
 */
export class ModelService implements PretendService {
  readonly name = 'model'
  #saved: Saved
  readonly #rates = new Map<string, number>()
  #owed = 0

  constructor(
    private readonly site: Site,
    private readonly registry: Registry,
    private readonly config: ConfigRepository,
    saved: unknown,
  ) {
    this.#saved = (saved as Saved | undefined) ?? beginning()
  }

  /** Versions that answer now, each with its share of the requests. */
  #serving(): Map<string, number> {
    const containers = this.site.cluster.serving('model').filter((container) => this.#known(versionOf(container)))
    const shares = new Map<string, number>()
    for (const container of containers) {
      const version = versionOf(container)
      shares.set(version, (shares.get(version) ?? 0) + 1 / containers.length)
    }
    return shares
  }

  /** The version that most requests meet, or that was asked for. */
  get version(): string {
    const [most] = [...this.#serving()].sort(([, a], [, b]) => b - a)
    return most?.[0] ?? versionOf(this.site.cluster.template('model') ?? { image: '', env: {} })
  }

  step(elapsedMs: number): void {
    const serving = this.#serving()
    for (const version of this.#rates.keys()) if (!serving.has(version)) this.#rates.delete(version)
    for (const version of serving.keys())
      this.#rates.set(version, settle(this.#rates.get(version) ?? GOOD, this.#settled(version), elapsedMs))
    this.#owed += (REQUESTS_PER_SECOND * elapsedMs) / 1_000
    for (; this.#owed >= 1; this.#owed--) {
      const version = this.#pick(serving)
      if (version !== undefined) this.#count(version, this.site.dice() * 100 >= this.#rates.get(version)!)
    }
  }

  measure(): Family[] {
    const rates = [...this.#rates].map(
      ([version, rate]) => [{ model: MODEL, version }, Math.round(rate * 10) / 10] as const,
    )
    const requests = Object.entries(this.#saved.requests).flatMap(([version, { ok, error }]) => [
      [{ model: MODEL, version, outcome: 'ok' }, ok] as const,
      [{ model: MODEL, version, outcome: 'error' }, error] as const,
    ])
    return [
      gauge('model_error_rate_percent', 'Answers that were wrong, by version that serves.', rates),
      counter('model_requests_total', 'Answers by version and outcome.', requests),
    ]
  }

  /** `GET v1/health`, `POST v1/smoke[?version=…]` and `POST v1/predict` with `{ "text": … }`. */
  async answer({ request, response, url, path }: Call): Promise<void> {
    const reply = (code: number, body: object) => answer(response, code, { simulator: true, model: MODEL, ...body })
    switch (`${request.method} ${path}`) {
      case 'GET /v1/health':
        return this.#rates.size > 0
          ? reply(200, { ok: true, version: this.version, versions: [...this.#serving().keys()] })
          : reply(503, { ok: false, version: this.version, error: this.#whyNot() })
      case 'GET /v1/smoke':
      case 'POST /v1/smoke': {
        // Another version than the one that serves can be tried before it is rolled out.
        const version = url.searchParams.get('version') ?? this.version
        if (!this.#known(version)) return reply(404, { version, error: `the registry has no version ${version}` })
        if (this.#rates.size === 0) return reply(503, { version, error: this.#whyNot() })
        const results = SAMPLES.map(([text, expected]) => ({ text, expected, got: this.#classify(text, version) }))
        const passed = results.filter(({ expected, got }) => expected === got).length
        return reply(200, { version, total: results.length, passed, failed: results.length - passed, results })
      }
      case 'POST /v1/predict': {
        if (this.#rates.size === 0) return reply(503, { error: this.#whyNot() })
        const text = textOf(await bodyOf(request))
        if (text === undefined) return reply(400, { error: 'expected {"text": "…"}' })
        return reply(200, { version: this.version, label: this.#classify(text, this.version) })
      }
      default:
        return reply(404, { error: 'there are GET v1/health, POST v1/smoke and POST v1/predict' })
    }
  }

  broke(fault: string): void {
    if (fault === 'bad-model') this.#rollOutABadOne()
    if (fault === 'drift') this.#saved.driftedUpTo = Math.max(...this.#versions().map(Number))
    this.site.touch()
  }

  mended(fault: string): void {
    const { before } = this.#saved
    if (fault === 'bad-model' && before) {
      const now = this.site.cluster.template('model')?.image
      this.site.cluster.setImage('model', before.image)
      if (now !== undefined && now !== before.image) this.config.setImage(now, before.image, 'Roll back the model')
      if (this.registry.model(MODEL)) this.registry.alias(MODEL, 'production', before.alias)
      delete this.#saved.before
    }
    if (fault === 'drift') this.#saved.driftedUpTo = 0
    this.site.touch()
  }

  save(): Saved {
    return this.#saved
  }

  reset(): void {
    this.#saved = { ...beginning(), requests: this.#saved.requests }
    this.#rates.clear()
  }

  #rollOutABadOne(): void {
    const template = this.site.cluster.template('model')
    const model = this.registry.model(MODEL)
    if (!template || !model || this.#saved.before) return
    const { production } = model.aliases
    this.#saved.before = { image: template.image, ...(production === undefined ? {} : { alias: production }) }
    const next = String(Math.max(0, ...model.versions.map(({ version }) => Number(version))) + 1)
    this.#saved.bad.push(next)
    this.registry.register(MODEL, `s3://models/${MODEL}/${next}`, `run${next}`.padEnd(32, '0'), {
      schema: 'invoice-v2',
    })
    this.registry.alias(MODEL, 'production', next)
    this.site.cluster.setImage('model', `${IMAGE}:${next}`)
    this.config.setImage(template.image, `${IMAGE}:${next}`, `Roll out version ${next} of the model`)
    this.site.print(`model ${MODEL}: version ${next} is rolled out`)
  }

  #settled(version: string): number {
    const drifted = this.site.broken('drift') && Number(version) <= this.#saved.driftedUpTo
    return (this.#saved.bad.includes(version) ? BAD : GOOD) + (drifted ? DRIFTED : 0)
  }

  #versions(): string[] {
    return this.registry.model(MODEL)?.versions.map(({ version }) => version) ?? []
  }

  #known(version: string): boolean {
    return this.#versions().includes(version)
  }

  #whyNot(): string {
    return this.site.cluster.replicas('model').ready === 0
      ? 'no pod is ready'
      : `version ${this.version} is not in the registry: it cannot be loaded`
  }

  #pick(serving: Map<string, number>): string | undefined {
    let left = this.site.dice()
    for (const [version, share] of serving) if ((left -= share) < 0) return version
    return [...serving.keys()].at(-1)
  }

  #count(version: string, ok: boolean): void {
    const counted = (this.#saved.requests[version] ??= { ok: 0, error: 0 })
    counted[ok ? 'ok' : 'error']++
  }

  /** Right, unless this text is among those that this version gets wrong: always the same ones. */
  #classify(text: string, version: string): string {
    const right =
      SAMPLES.find(([known]) => known === text)?.[1] ?? CLASSES.find((word) => text.includes(word)) ?? 'order'
    const at = SAMPLES.findIndex(([known]) => known === text)
    const position = at < 0 ? hash(text) : (at + 0.5) / SAMPLES.length
    const wrong = position * 100 < this.#settled(version)
    return wrong ? CLASSES[(CLASSES.indexOf(right) + 1) % CLASSES.length]! : right
  }
}

export const versionOf = ({ image, env }: Container): string =>
  env['MODEL_VERSION'] || (/:([\w.-]+)$/.exec(image)?.[1] ?? '')

/** A place in [0, 1) for each text. */
function hash(text: string): number {
  let mixed = 2_166_136_261
  for (const letter of text) mixed = Math.imul(mixed ^ letter.codePointAt(0)!, 16_777_619)
  return (mixed >>> 0) / 2 ** 32
}

function textOf(body: string): string | undefined {
  try {
    const given = JSON.parse(body) as { text?: unknown } | null
    return typeof given?.text === 'string' ? given.text : undefined
  } catch {
    return undefined
  }
}
