import { sha256, utf8 } from '../bytes.js'
import { formatCheckpoint } from '../checkpoint.js'
import { cosign } from '../cosignature.js'
import { encodeEntry, type EntryBody } from '../entry.js'
import { formatNote, formatVkey, generateKey, KEY_TYPE, signNote, type SigningKey } from '../note.js'
import { parsePolicy } from '../policy.js'
import { CompactRange, leafHash } from '../tree.js'
import { seeded, type Random } from './random.js'

/** Keys that only tests know, which is why everybody may. */
export const TEST_KEYS = {
  log: generateKey('log.example/firebreak', sha256(utf8('TEST-ONLY log'))),
  notary: generateKey('notary.example/1', sha256(utf8('TEST-ONLY notary')), KEY_TYPE.cosigner),
  second: generateKey('notary.example/2', sha256(utf8('TEST-ONLY notary 2')), KEY_TYPE.cosigner),
  stranger: generateKey('somebody.example/else', sha256(utf8('TEST-ONLY stranger')), KEY_TYPE.cosigner),
  exporter: generateKey('exports.example/firebreak', sha256(utf8('TEST-ONLY exporter'))),
  forger: generateKey('log.example/firebreak', sha256(utf8('TEST-ONLY forger'))),
}

/** One of the two notaries is enough. */
export const TEST_POLICY_TEXT = `# a policy for tests
log ${formatVkey(TEST_KEYS.log)}
witness one ${formatVkey(TEST_KEYS.notary)}
witness two ${formatVkey(TEST_KEYS.second)}
group notaries any one two
quorum notaries
`
export const TEST_POLICY = parsePolicy(utf8(TEST_POLICY_TEXT))

/** 2026-11-23T10:00:00Z, in ms. */
export const TEST_START = Date.UTC(2026, 10, 23, 10)

/** A signed and cosigned checkpoint over these bodies, cosigned `seconds` after the start of all tests. */
export function testCheckpoint(
  bodies: readonly Uint8Array[],
  more: { log?: SigningKey; origin?: string; cosigners?: SigningKey[]; seconds?: number } = {},
): string {
  const { log = TEST_KEYS.log, cosigners = [TEST_KEYS.notary], seconds = 3600 } = more
  const { origin = log.name } = more
  const range = new CompactRange()
  for (const body of bodies) range.append(leafHash(body))
  const text = formatCheckpoint({ origin, size: bodies.length, root: range.root() })
  const time = TEST_START / 1000 + seconds
  return formatNote({ text, signatures: [signNote(text, log), ...cosigners.map((key) => cosign(text, key, time))] })
}

/** `n` entries of a few incidents and their runs, a tenth of a second apart. */
export function testEntries(n: number, seed = 1): EntryBody[] {
  const random = seeded(seed)
  const next = new Map<string, number>()
  return Array.from({ length: n }, (_, i) => {
    const entry = random.pick(KINDS)(random, i)
    const seq = next.get(entry.stream) ?? 0
    next.set(entry.stream, seq + 1)
    return { ...entry, stream_seq: seq }
  })
}

export const testBodies = (n: number, seed = 1): Uint8Array[] => testEntries(n, seed).map(encodeEntry)

export const testUuid = (random: Random, at: number): string => {
  const time = at.toString(16).padStart(12, '0')
  const rest = [...random.bytes(10)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(1, 4)}-8${rest.slice(5, 8)}-${rest.slice(8, 20)}`
}

const KINDS: ((random: Random, i: number) => EntryBody)[] = [
  (random, i) => {
    const incident = `inc-${random.below(5)}`
    return {
      ...common(random, i, `incident:${incident}`),
      type: 'incident.acknowledged',
      actor: { kind: 'person', id: random.pick(['ada', 'grace', 'linus']), auth: 'session', roles: ['sre'] },
      reason: random.pick(['looking', 'load after the release — <b>again</b>', 'p99 > 2 s & rising']),
      detail: { class: 'high-api-latency', severity: 'SEV2', state: 'acknowledged' },
    }
  },
  (random, i) => {
    const run = `run-${random.below(5)}`
    const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
    return {
      ...common(random, i, `run:${run}`),
      type: 'step.done',
      actor: { kind: 'process', id: 'worker-1' },
      target: 'deployment:prod/api',
      recipe: { id: 'scale-api', version: 3, digest },
      plan_digest: digest,
      before: { digest, summary: { replicas: 2 } },
      after: { digest, summary: { replicas: 6, ready: true, image: null } },
      outcome: 'ok',
      detail: { run, number: 1, verb: 'scale-deployment', found: false },
    }
  },
  (random, i) => ({
    ...common(random, i, 'log'),
    about: 'log:log.example/firebreak',
    type: 'log.heartbeat',
    actor: { kind: 'process', id: 'sequencer-1' },
    detail: { size: i },
  }),
]

function common(random: Random, i: number, stream: string) {
  const at = TEST_START + i * 100
  return {
    v: 1,
    entry_id: testUuid(random, at),
    stream,
    stream_seq: 0,
    ts: new Date(at).toISOString(),
    about: stream,
  } as const
}
