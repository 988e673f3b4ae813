import { createHash, randomUUIDv7 } from 'node:crypto'
import { generateKey, KEY_TYPE, type SigningKey, type VerifierKey } from '@firebreak/audit-log'
import pg from 'pg'
import { append, type Appended, type Draft } from '../append.js'
import { Cosigner, cosignerAnswer, type CosignerAnswer } from '../cosigner.js'
import { lockStreams } from '../locks.js'
import { formatRequest, Notary, NotaryMemory } from '../notary.js'
import { newestCheckpoint, type PublishedCheckpoint } from '../reads.js'
import { Sequencer, type SequencerOptions } from '../sequencer.js'

/** A log with its own keys and a notary in this process. One per database: a notary outlives no change of database. */
export interface TestLog {
  key: SigningKey
  notaryKey: SigningKey
  notary: Notary
  /** The log keys that the notary trusts; add to them. */
  trusted: VerifierKey[]
  cosigner: Cosigner
  /** A sequencer for the database at this URL (as fb_sequencer); run it, or step it. */
  sequencer(url: string, options?: Partial<SequencerOptions>): Sequencer
  /** Covers and publishes everything that has been committed; the checkpoint after it. */
  sequenceAll(url: string): Promise<PublishedCheckpoint>
  /** Commits drafts in one transaction of their own. */
  write(tx: pg.Client, ...drafts: Partial<Draft>[]): Promise<Appended[]>
}

class MemoryInTest extends NotaryMemory {
  readonly #signed = new Map<string, { size: number; root: Uint8Array }>()
  recall(origin: string) {
    return this.#signed.get(origin)
  }
  async remember(origin: string, size: number, root: Uint8Array) {
    this.#signed.set(origin, { size, root })
  }
}

class CosignerInTest extends Cosigner {
  constructor(readonly notary: Notary) {
    super()
  }
  async addCheckpoint(oldSize: number, proof: readonly Uint8Array[], note: string): Promise<CosignerAnswer> {
    const reply = await this.notary.addCheckpoint(new TextEncoder().encode(formatRequest(oldSize, proof, note)))
    return cosignerAnswer(oldSize, reply.status, reply.body)
  }
}

export function testLog(origin = 'test.example/log'): TestLog {
  const seed = (name: string) => new Uint8Array(createHash('sha256').update(`TEST-ONLY ${name}`).digest())
  const key = generateKey(origin, seed(origin))
  const notaryKey = generateKey('test.example/notary', seed('notary'), KEY_TYPE.cosigner)
  const trusted: VerifierKey[] = [key]
  const notary = new Notary(
    notaryKey,
    () => trusted,
    new MemoryInTest(),
    () => new Date(),
  )
  const cosigner = new CosignerInTest(notary)

  const sequencer = (url: string, options: Partial<SequencerOptions> = {}): Sequencer =>
    new Sequencer({
      connect: () => openSession(url),
      key,
      notary: () => ({ vkey: notaryKey, cosigner }),
      now: () => new Date(),
      newId: () => randomUUIDv7(),
      report: () => undefined,
      lookEvery: 5,
      ...options,
    })

  return {
    key,
    notaryKey,
    notary,
    trusted,
    cosigner,
    sequencer,
    async sequenceAll(url) {
      const one = sequencer(url)
      try {
        while ((await one.step()) !== 'idle') continue
      } finally {
        await one.close()
      }
      const session = await openSession(url)
      try {
        const newest = await newestCheckpoint(session)
        if (!newest) throw new Error('there was nothing to cover')
        return newest
      } finally {
        await session.end()
      }
    },
    async write(tx, ...drafts) {
      const whole = drafts.map((draft) => ({ ...someDraft, ...draft }) as Draft)
      await tx.query('begin')
      await lockStreams(
        tx,
        whole.map((draft) => draft.stream),
      )
      const written = await append(tx, whole, { now: new Date(), newId: () => randomUUIDv7() })
      await tx.query('commit')
      return written
    },
  }
}

const someDraft = {
  stream: 'run:r_1',
  type: 'step.intended',
  about: 'step:s_1',
  actor: { kind: 'process', id: 'worker' },
} as const

/** One session, as the sequencer's own program opens it. */
export async function openSession(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
