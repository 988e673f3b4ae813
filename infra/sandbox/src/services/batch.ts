import { answer } from '../http.js'
import type { Family } from '../monitors/metrics.js'
import { gauge } from './figures.js'
import { Backlog } from './backlog.js'
import { JobsInMemory, type Document, type Jobs } from './jobs.js'
import { jobsInBull } from './jobs-in-bull.js'
import { clearAway, readDocument, scan } from './documents.js'
import { Imports } from './imports.js'
import { picture } from './picture.js'
import { Scans } from './scans.js'
import type { Call, PretendService, Site } from './service.js'
import { DOCUMENTS, TORN_AGAIN, type Storage } from './storage.js'

export const batchFaults = {
  'batch-failing': 'batch jobs get bad inputs: pointers to nothing, documents that are torn, and one that is poison',
  'batch-misspelt':
    'eight batch jobs point at incomming/ where the documents are at incoming/, beside one that is done and one that points nowhere',
  'batch-torn':
    'eight documents are torn after they came whole, and their batch jobs fail; the storage has the whole versions',
  'batch-still-tearing': 'what is written over a torn document is torn again',
  'scans-misspelt': 'six jobs of the BullMQ queue scans point at incomming/ where the documents are at incoming/',
  'jobs-misspelt':
    'six Jobs of the cluster (import-…) point at incomming/ where the documents are at incoming/, beside one that is done and one that points nowhere',
  'jobs-still-broken': 'the program in these Jobs cannot read what they are about, wherever it lies',
  'batch-still-broken': 'the batch worker cannot read what the jobs of batch-misspelt are about, wherever it lies',
  'downstream-full':
    'what waits behind api grows without end: its queue takes more than is worked off, however api is scaled',
  'downstream-narrow':
    'what waits behind api grows without end as soon as more than three replicas of it hand over work',
} as const

const EVERY_MS = 250
const PAGES = 5
/** Jobs that a fault spoils at most: a night of it must not fill the memory. */
const MOST_SPOILT = 12
/** How many jobs wait at most, usually and under the fault `batch-heavy`. */
const [MOST_WAITING, MOST_WAITING_HEAVY] = [12, 60]
const BAD = 'bad-'
/** Those of `batch-misspelt`, and their documents. */
const LATE = 'late-'
/** Those of `batch-torn`. */
const HALF = TORN_AGAIN
const [MISSPELT, MOST_LATE] = ['incomming/2026/', 8]
/** One that runs as a Kubernetes Job, beside the queue. */
const FAILING_JOB = 'import-archive'

interface Saved {
  made: number
  spoilt: number
  done: number
  jobs: unknown
}

/**
 * The batch system: documents are read one by one by a worker, as long as `prod/batch` has a pod. Jobs lie in a Bull
 * queue where there is a Redis.
 */
export class Batch implements PretendService {
  readonly name = 'batch'
  readonly #jobs: Jobs
  readonly #imports: Imports
  readonly #scans: Scans
  readonly #counted: Omit<Saved, 'jobs'>
  #since = 0
  /** Beside the jobs, which a client of the queue sees, there is what only the figure tells of. */
  readonly #backlog = new Backlog()

  constructor(
    private readonly site: Site,
    private readonly storage: Storage,
    saved: unknown,
    /** Tells the service that waits for it. */
    private readonly tellDepth: (depth: number) => void,
  ) {
    const { jobs, ...counted } = (saved as Saved | undefined) ?? { made: 0, spoilt: 0, done: 0, jobs: undefined }
    this.#counted = counted
    this.#imports = new Imports(site, storage)
    this.#scans = new Scans(site, storage)
    const work = (id: string, data: Document) => this.#work(id, data)
    this.#jobs = site.redisUrl
      ? jobsInBull('batch', site.redisUrl, work, 150 / site.speed, site.print)
      : new JobsInMemory(work, jobs)
    if (!site.redisUrl) for (let made = 0; made < 8; made++) this.#arrive()
  }

  step(elapsedMs: number): void {
    this.#imports.step(elapsedMs)
    this.#scans.step(elapsedMs)
    this.#since += elapsedMs
    if (this.#since < EVERY_MS) return
    this.#since = 0
    const heavy = this.site.broken('batch-heavy')
    const { waiting, active } = this.#jobs.counts()
    const arriving = Math.floor(this.site.dice() * (heavy ? 6 : 3))
    for (let made = 0; made < arriving && waiting + made < (heavy ? MOST_WAITING_HEAVY : MOST_WAITING); made++)
      this.#arrive()
    if (this.site.broken('batch-failing') && this.#counted.spoilt < MOST_SPOILT) this.#spoil()
    this.#jobs.step(this.site.cluster.replicas('batch').ready > 0)
    const { ready } = this.site.cluster.replicas('api')
    const grows = this.site.broken('downstream-full') || (this.site.broken('downstream-narrow') && ready > 3)
    this.tellDepth(this.#backlog.step(EVERY_MS, waiting + active, grows))
  }

  measure(): Family[] {
    const { failed } = this.#jobs.counts()
    const queue = { queue: 'batch' }
    const all = [[queue, failed] as const, this.#imports.measured, this.#scans.measured]
    return [
      gauge('batch_failed_jobs', 'Jobs that failed and wait for somebody.', all),
      gauge('queue_growth_per_minute', 'By how much what waits downstream grows.', [[queue, this.#backlog.perMinute]]),
    ]
  }

  /** `GET /service/batch`: where the queue is and what is in it. */
  answer({ response }: Call): void {
    const { done } = this.#counted
    answer(response, 200, { simulator: true, queue: 'batch', is: this.#jobs.says, ...this.#jobs.counts(), done })
  }

  broke(fault: string): void {
    if (fault === 'downstream-full') this.#backlog.hasGrown()
    if (fault === 'downstream-narrow') this.#backlog.forget()
    this.#imports.broke(fault)
    this.#scans.broke(fault)
    if (fault === 'batch-misspelt') this.#misspell()
    if (fault === 'batch-torn') this.#tear()
    if (fault !== 'batch-failing') return
    this.#counted.spoilt = 0
    const log = 'reading archive/2025.tar\nfatal: NoSuchKey: s3://documents/archive/2025.tar'
    this.site.cluster.runJob(FAILING_JOB, { parallelism: 1, seconds: 1, exitCode: 1, log })
    this.site.touch()
  }

  /** The bad jobs go with the fault: one call mends everything. */
  mended(fault: string): void {
    this.#imports.mended(fault)
    this.#scans.mended(fault)
    if (fault === 'batch-misspelt') this.#clearAll(LATE)
    if (fault === 'batch-torn') this.#clearAll(HALF)
    if (fault !== 'batch-failing') return
    this.#jobs.clear(BAD)
    this.site.cluster.removeJob(FAILING_JOB)
    this.site.touch()
  }

  save(): Saved {
    return { ...this.#counted, jobs: this.#jobs.save() }
  }

  reset(): void {
    this.#imports.reset()
    this.#scans.reset()
    this.#jobs.clear('')
    this.#counted.spoilt = 0
  }

  async stop(): Promise<void> {
    await this.#scans.stop()
    await this.#jobs.stop()
  }

  #arrive(): void {
    const page = (this.#counted.made++ % PAGES) + 1
    const run = `${this.site.seed}-${this.#counted.made}`
    this.#jobs.add(`read-${run}`, { bucket: DOCUMENTS, key: `incoming/2026/page-${page}.png` })
  }

  /** Jobs whose ids begin so, their documents and what came of them. */
  #clearAll(beginning: string): void {
    this.#jobs.clear(beginning)
    clearAway(this.storage, beginning)
    this.site.touch()
  }

  /** Documents that came whole and lie there torn. */
  #tear(): void {
    for (let at = 0; at < MOST_LATE; at++) {
      const id = `${HALF}${this.site.seed}-${++this.#counted.made}`
      const [key, whole] = [`incoming/2026/${id}.png`, picture(`INVOICE ${4600 + at}`)]
      scan(this.storage, key, whole)
      scan(this.storage, key, whole.subarray(0, whole.length / 2))
      this.#jobs.add(id, { bucket: DOCUMENTS, key })
    }
    this.site.touch()
  }

  /** Documents that nobody has read yet, under jobs that spell their folder wrong; one more is done already. */
  #misspell(): void {
    const add = (key: string | undefined) =>
      this.#jobs.add(`${LATE}${this.site.seed}-${++this.#counted.made}`, { bucket: DOCUMENTS, ...(key ? { key } : {}) })
    for (let at = 0; at < MOST_LATE; at++) {
      const name = `${LATE}${this.#counted.made}.png`
      scan(this.storage, `incoming/2026/${name}`, picture(`INVOICE ${4700 + at}`))
      add(`${MISSPELT}${name}`)
    }
    if (!this.storage.content('outputs', 'page-1.png.json'))
      this.storage.write('outputs', 'page-1.png.json', Buffer.from('{"input":"page-1.png"}'), 'application/json')
    add(`${MISSPELT}page-1.png`)
    add(undefined)
    this.site.touch()
  }

  /** Most bad pointers can be put right; a torn document has a whole version before it; poison stays poison. */
  #spoil(): void {
    const at = ++this.#counted.spoilt
    const id = `${BAD}${this.site.seed}-${++this.#counted.made}`
    const page = (at % PAGES) + 1
    if (at === 4) this.#jobs.add(id, { bucket: DOCUMENTS, key: `incoming/2026/page-${page}.png`, schema: 'invoice-v9' })
    else if (at % 3 === 0) {
      const key = `incoming/2026/torn-${at}.png`
      const whole = picture(`INVOICE ${4800 + at}`)
      try {
        if (!this.storage.content(DOCUMENTS, key)) {
          this.storage.write(DOCUMENTS, key, whole, 'image/png')
          this.storage.write(DOCUMENTS, key, whole.subarray(0, whole.length / 2), 'image/png')
        }
      } catch {
        // A full bucket takes no torn documents either: the job then points at nothing, which fails as well.
      }
      this.#jobs.add(id, { bucket: DOCUMENTS, key })
    } else this.#jobs.add(id, { bucket: DOCUMENTS, key: `incomming/2026/page-${page}.png` })
    this.site.touch()
  }

  #work(id: string, { bucket, key, schema }: Document): void {
    const fail = (why: string): never => {
      this.site.log('batch', `job ${id} failed: ${why}`)
      this.site.touch()
      throw new Error(why)
    }
    if (this.site.broken('batch-still-broken') && String(key).includes(`/${LATE}`))
      return fail(`the decoder gave up at byte ${Math.floor(this.site.dice() * 1_000)} of s3://${bucket}/${key}`)
    if (schema !== undefined) fail(`the worker does not know the schema ${JSON.stringify(schema)}`)
    const why = readDocument(this.storage, String(bucket), String(key))
    if (why !== undefined) fail(why)
    this.#counted.done++
  }
}
