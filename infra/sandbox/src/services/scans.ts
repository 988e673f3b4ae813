import { clearAway, readDocument, scan } from './documents.js'
import { JobsInMemory, type Document, type Jobs } from './jobs.js'
import { jobsInBullMq } from './jobs-in-bullmq.js'
import { picture } from './picture.js'
import type { Site } from './service.js'
import { DOCUMENTS, type Storage } from './storage.js'

const QUEUE = 'scans'
const BEGINNING = 'scan-'
const [MISSPELT, MOST] = ['incomming/2026/', 6]
const LOOK_EVERY_MS = 250

/** A second queue of the batch system, of BullMQ: nothing arrives in it by itself. */
export class Scans {
  readonly #jobs: Jobs
  #made = 0
  #since = 0

  constructor(
    private readonly site: Site,
    private readonly storage: Storage,
  ) {
    const work = (id: string, data: Document) => this.#read(id, data)
    this.#jobs = site.redisUrl
      ? jobsInBullMq(QUEUE, site.redisUrl, work, 150 / site.speed, site.print)
      : new JobsInMemory(work, undefined)
  }

  step(elapsedMs: number): void {
    this.#since += elapsedMs
    if (this.#since < LOOK_EVERY_MS) return
    this.#since = 0
    this.#jobs.step(this.site.cluster.replicas('batch').ready > 0)
  }

  get measured(): readonly [Record<string, string>, number] {
    return [{ queue: QUEUE }, this.#jobs.counts().failed]
  }

  broke(fault: string): void {
    if (fault !== 'scans-misspelt') return
    for (let at = 0; at < MOST; at++) {
      const id = `${BEGINNING}${this.site.seed}-${++this.#made}`
      scan(this.storage, `incoming/2026/${id}.png`, picture(`INVOICE ${5000 + at}`))
      this.#jobs.add(id, { bucket: DOCUMENTS, key: `${MISSPELT}${id}.png` })
    }
    this.site.touch()
  }

  mended(fault: string): void {
    if (fault === 'scans-misspelt') this.reset()
  }

  reset(): void {
    this.#jobs.clear('')
    clearAway(this.storage, BEGINNING)
  }

  stop(): Promise<void> {
    return this.#jobs.stop()
  }

  #read(id: string, { bucket, key }: Document): void {
    const why = readDocument(this.storage, String(bucket), String(key))
    this.site.touch()
    if (why === undefined) return
    this.site.log('batch', `job ${id} of ${QUEUE} failed: ${why}`)
    throw new Error(why)
  }
}
