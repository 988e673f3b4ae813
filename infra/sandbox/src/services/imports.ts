import { clearAway, isRead, readDocument, scan } from './documents.js'
import { picture } from './picture.js'
import type { Site } from './service.js'
import { DOCUMENTS, type Storage } from './storage.js'

/** The queue that is made of Jobs of the cluster: `app` is their label, and `DOCUMENT` says which document each reads. */
const APP = 'import-document'
const QUEUE = 'imports'
/** How the Jobs of the fault are called, and their documents. */
const BEGINNING = 'import-'
const [MISSPELT, MOST] = ['incomming/2026/', 6]
/** Whether a Job's pod is through is asked at each step; the figure, which many things are read for, less often. */
const COUNTED_EVERY_MS = 250

/** Documents that are not read by the worker of a queue: each has a Job of its own in the cluster. */
export class Imports {
  #made = 0
  #since = 0
  #failed = 0

  constructor(
    private readonly site: Site,
    private readonly storage: Storage,
  ) {
    site.cluster.simulateJobs(APP, (env) => this.#read(env))
  }

  step(elapsedMs: number): void {
    this.#since += elapsedMs
    if (this.#since < COUNTED_EVERY_MS) return
    this.#since = 0
    // A Job that failed stays there when another one has done its work: what counts is the document that nobody has read.
    const failed = this.site.cluster.jobs(APP).filter((job) => job.failed)
    const unread = failed.filter(({ env }) => env['DOCUMENT'] === undefined || !isRead(this.storage, env['DOCUMENT']))
    this.#failed = new Set(unread.map(({ name, env }) => env['DOCUMENT']?.split('/').at(-1) ?? name)).size
  }

  /** Documents whose Job has failed and that nobody has read since. */
  get measured(): readonly [Record<string, string>, number] {
    return [{ queue: QUEUE }, this.#failed]
  }

  broke(fault: string): void {
    if (fault !== 'jobs-misspelt') return
    for (let at = 0; at < MOST; at++) {
      const name = `${BEGINNING}${this.site.seed}-${++this.#made}`
      scan(this.storage, `incoming/2026/${name}.png`, picture(`INVOICE ${4900 + at}`))
      this.#run(name, { DOCUMENT: `${MISSPELT}${name}.png` })
    }
    readDocument(this.storage, DOCUMENTS, 'incoming/2026/page-1.png')
    this.#run(`${BEGINNING}${this.site.seed}-${++this.#made}`, { DOCUMENT: `${MISSPELT}page-1.png` })
    this.#run(`${BEGINNING}${this.site.seed}-${++this.#made}`, {})
    this.site.touch()
  }

  mended(fault: string): void {
    if (fault === 'jobs-misspelt') this.reset()
  }

  reset(): void {
    for (const { name } of this.site.cluster.jobs(APP)) this.site.cluster.removeJob(name)
    clearAway(this.storage, BEGINNING)
    this.#failed = 0
  }

  #run(name: string, env: Record<string, string>): void {
    // A world that was taken up again may have some of them.
    if (this.site.cluster.jobs(APP).some((job) => job.name === name)) return
    this.site.cluster.runJob(name, { parallelism: 1, seconds: 0.5, exitCode: 0, app: APP, env })
  }

  /** What the program in the pod of such a Job does. */
  #read({ DOCUMENT: key }: Readonly<Record<string, string>>): { exitCode: number; lines: string[] } {
    const at = new Date().toISOString()
    if (key === undefined) return { exitCode: 2, lines: [`${at} usage: DOCUMENT names no document`] }
    const why =
      this.site.broken('jobs-still-broken') && key.includes(`/${BEGINNING}`)
        ? `the decoder gave up at byte ${key.length} of s3://${DOCUMENTS}/${key}`
        : readDocument(this.storage, DOCUMENTS, key)
    const began = `${at} reading s3://${DOCUMENTS}/${key}`
    return why === undefined
      ? { exitCode: 0, lines: [began, `${at} done`] }
      : { exitCode: 1, lines: [began, `fatal: ${why}`] }
  }
}
