import { z } from 'zod'
import { collectEvidence, type EvidenceWish } from '../evidence/collect.js'
import type { KeptEvidence, Readers } from '../ports.js'
import { defineVerb, type JsonObject } from '../verb.js'
import { workload } from './workload.js'

const args = z.strictObject({
  /** Under which it is kept; nothing is there yet. */
  name: z.string().min(1).max(150),
  service: z.string().min(1).max(100),
  since_ms: z.int().min(0),
  minutes: z.int().min(1).max(1_440),
  deployments: z.array(workload).max(20),
  queues: z.array(z.string().min(1)).max(20),
  metrics: z.array(z.strictObject({ of: z.string().min(1).max(100), query: z.string().min(1).max(2_000) })).max(20),
})

const output = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(0),
  media_type: z.string().min(1),
  contents: z.string(),
})

const MEDIA_TYPE = 'application/x-ndjson'

const told = ({ sha256, bytes, media_type, contents }: KeptEvidence): JsonObject => ({
  ...{ sha256, bytes, media_type },
  contents: contentsOf(contents),
})

/** What is in a bundle and what is not, as a person reads it. */
export function contentsOf({ gaps, left_out, ...counts }: JsonObject): string {
  const all = Object.entries(counts).map(([kind, count]) => `${JSON.stringify(count)} ${kind.replaceAll('_', ' ')}`)
  const missing = typeof left_out === 'string' && gaps !== 0 ? `. Left out: ${left_out}` : ''
  return `${all.join(', ') || 'nothing'}${missing}`
}

async function recall({ evidence }: Readers, name: string): Promise<JsonObject> {
  const kept = await evidence.find(name)
  return kept ? told(kept) : {}
}

/** Looks at logs, events, figures, failed jobs and traces, and keeps what it saw with Firebreak. In the watched system it only reads. */
export const captureEvidence = defineVerb({
  id: 'capture-evidence',
  args,
  targets: ({ name }) => [`evidence:${name}`],
  before: () => ({ kept: false }),
  after: () => ({ kept: true }),
  state: async ({ evidence }, { name }) => ({ kept: (await evidence.find(name)) !== undefined }),
  // What it looks at is what the reader may see anyway; it writes into Firebreak's own store.
  needs: [],
  reversible: 'no',
  says: ({ service, minutes, deployments, queues, metrics }) =>
    `Keep evidence about ${service}, of the last ${minutes} minutes: ` +
    [
      deployments.length > 0 && `logs and events of ${deployments.join(', ')}`,
      queues.length > 0 && `failed jobs of ${queues.join(', ')}`,
      metrics.length > 0 && `${metrics.length} figures`,
      'and the traces that they name',
    ]
      .filter(Boolean)
      .join(', '),
  async do(hands, readers, wish) {
    const collected = await collectEvidence(readers, wish as EvidenceWish, readers.directory.evidence())
    return told(await hands.evidence.keep(wish.name, { ...collected, media_type: MEDIA_TYPE }))
  },
  // Whoever looks later sees something else: what is there is not made again.
  probe: async ({ evidence }, { name }) => ((await evidence.find(name)) ? 'in-place' : 'not-in-place'),
  gives: { output, recall: (readers, { name }) => recall(readers, name) },
  seals: (given) => {
    const { sha256, bytes, media_type } = output.parse(given)
    return [{ sha256, size: bytes, media_type }]
  },
  undo: { none: 'Evidence that was kept is not taken away: the log names it.' },
})
