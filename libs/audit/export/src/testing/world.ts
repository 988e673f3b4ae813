import {
  CompactRange,
  controlPacks,
  encodeEntry,
  formatVkey,
  hex,
  leafHash,
  PackMaker,
  packScope,
  parseCheckpoint,
  parseNote,
  parsePolicy,
  selects,
  sha256,
  signRotation,
  successionDigest,
  utf8,
  type CheckOptions,
  type EntryBody,
  type ExportFilter,
  type Policy,
} from '@firebreak/audit-log'
import {
  longLog,
  seeded,
  TEST_KEYS,
  TEST_POLICY,
  TEST_START,
  testCheckpoint,
  testUuid,
} from '@firebreak/audit-log/testing'
import type { BundleInput } from '../bundle.js'
import { made, packed, tilesIn, unpacked, withManifest } from './bundles.js'

/** A bundle, and what the auditor holds it against. */
export interface Held {
  tar: Uint8Array
  options?: CheckOptions
  policy?: Policy
}

/** Room after the last entry of the house's own, for those that a test puts behind it. */
const COSIGNED = 3600

/** After a rotation the policy knows two keys of the log, the older first. */
export const TWO_KEYS: Policy = parsePolicy(
  utf8(`log ${formatVkey(TEST_KEYS.log)}
log ${formatVkey(TEST_KEYS.forger)}
witness one ${formatVkey(TEST_KEYS.notary)}
quorum one
`),
)

/** A log is longer than it has to be where it would else miss what every one has to have, and never longer than this. */
const MOST_ENTRIES = 2_000

/** The first entries of a log: so many at least, and as many as it takes until a target that a run has left is taken by another one. */
function logOf(log: Iterable<EntryBody>, least: number): EntryBody[] {
  const entries: EntryBody[] = []
  const left = new Set<string | undefined>()
  let again = false
  for (const entry of log) {
    entries.push(entry)
    if (entry.type === 'step.done') left.add(entry.target)
    again ||= entry.type === 'step.intended' && left.has(entry.target)
    if (again && entries.length >= least) break
  }
  return entries
}

/** A log with several finished runs in it, all from one number, and the ways in which it can be exported. */
export class World {
  readonly random
  readonly entries: readonly EntryBody[]

  constructor(readonly seed: number) {
    this.random = seeded(seed)
    const least = 120 + this.random.below(200)
    this.entries = logOf(longLog(MOST_ENTRIES, seed, 2 + this.random.below(3)), least)
  }

  /** A place in the log, at most this near to its end. */
  place = (fromEnd = 1): number => this.random.below(this.entries.length - fromEnd)

  /** Index of an entry that fits, anywhere. */
  anywhere(fits: (entry: EntryBody, index: number) => boolean): number {
    const found = this.entries.flatMap((entry, index) => (fits(entry, index) ? [index] : []))
    if (found.length === 0) throw new Error(`the log of seed ${this.seed} has no such entry`)
    return this.random.pick(found)
  }

  /** The log with one more entry at its end. */
  with(...more: Entry[]): EntryBody[] {
    const all = [...this.entries]
    for (const one of more) {
      const at = TEST_START + all.length * 40
      const stream_seq = all.filter(({ stream }) => stream === one.stream).length
      const actor = { kind: 'process', id: 'worker-1' } as const
      const common = { v: 1, entry_id: testUuid(this.random, at), ts: new Date(at).toISOString(), about: one.stream === 'log' ? 'log:x' : one.stream }
      all.push({ ...common, stream_seq, actor, ...one } as EntryBody)
    }
    return all
  } // prettier-ignore

  /** The log with one entry told otherwise. */
  otherwise(index: number, change: Partial<EntryBody>): EntryBody[] {
    return this.entries.with(index, { ...this.entries[index]!, ...change } as EntryBody)
  }

  /** A bundle of these entries, with everything that follows from them, signed with the log's own key. */
  async full(entries: readonly EntryBody[] = this.entries, more: Partial<BundleInput> & Signed = {}): Promise<Uint8Array> {
    return (await made(entries.map(encodeEntry), { checkpoint: checkpointOf(entries, more), ...more })).tar
  } // prettier-ignore

  /** A bundle as it should be but for what is done to its files; the manifest fits again. */
  async files(
    change: (files: Map<string, Uint8Array>) => void,
    from: Promise<Uint8Array> = this.full(),
  ): Promise<Uint8Array> {
    const files = await unpacked(await from)
    change(files)
    return packed(withManifest(files))
  }

  /** What a filter finds, with the part of the tree that proves it. */
  async part(filter: ExportFilter, picked: readonly number[], more: Partial<BundleInput> & { log?: readonly EntryBody[] } = {}): Promise<Uint8Array> {
    const { log = this.entries, ...rest } = more
    const bodies = log.map(encodeEntry)
    const entries = () => some(picked.map((position) => ({ position, body: bodies[position]! })))
    return (await made(bodies, { filter, entries, checkpoint: checkpointOf(log), tile: tilesIn(bodies), ...rest })).tar
  } // prettier-ignore

  /** All of one plan and its run, with the log's own word that this is all. */
  async streams(change: { picked?: (picked: number[]) => number[] } = {}): Promise<Uint8Array> {
    const run = this.entries[this.anywhere(({ type }) => type === 'run.succeeded')]!.stream
    const plan = `plan:${(this.entries.find(({ stream, type }) => stream === run && type === 'run.started')!.detail as { plan: string }).plan}`
    const streams = [plan, run].sort().map((stream) => ({ stream, count: this.entries.filter((one) => one.stream === stream).length }))
    const log = this.with({ stream: 'export:exp_1', type: 'export.running', detail: { streams } })
    const all = log.flatMap(({ stream }, index) => (stream === plan || stream === run ? [index] : []))
    const picked = [...(change.picked?.(all) ?? all), log.length - 1]
    return this.part({ streams: [plan, run].sort() }, picked, { log, streams })
  } // prettier-ignore

  /** Entries of one kind. */
  selection(): { filter: ExportFilter; picked: number[] } {
    const [actor, from] = [this.random.pick(['worker-1', 'api', 'ada', 'grace']), this.place(60)]
    const filter = this.random.pick<ExportFilter>([{ actor: 'worker-1' }, { types: ['alert.fired', 'run.started'] }, { positions: { from, to: from + 50 } }, { actor, outcome: 'ok' }])
    return { filter, picked: pick(this.entries, filter) }
  } // prettier-ignore

  packs(entries: readonly EntryBody[], names: readonly string[]): PackMaker[] {
    const scope = packScope(parseCheckpoint(parseNote(checkpointOf(entries)).text), { completeness: 'FULL', filter: {} })
    return names.map((name) => new PackMaker(controlPacks.get(name)!, scope))
  } // prettier-ignore

  /** An older checkpoint, of the first so many, as it was cosigned then. */
  older(size: number, entries: readonly EntryBody[] = this.entries): string {
    const seconds = Math.ceil((size * 40) / 1000)
    return testCheckpoint(entries.slice(0, size).map(encodeEntry), { seconds })
  }

  /** The log with a change of its key in it; larger checkpoints are to be signed by the new one. */
  rotated(detail = signRotation(TEST_KEYS.log, TEST_KEYS.forger)): EntryBody[] {
    const rotation = { stream: 'log', type: 'log.key-rotated', detail } as const
    return this.with(rotation, { stream: 'log', type: 'log.heartbeat', detail: { size: this.entries.length + 1 } })
  }

  /** The log as the successor of a lost one, of which it kept all that stands before; or a successor that should not be. */
  succeeded({ asker = 'linus', role = 'security', voters = ['ada', 'grace'], ...lies }: { asker?: string; role?: string; voters?: string[]; kept?: number; kept_root?: string; old_root?: string } = {}): EntryBody[] {
    const [kept, old_size, request] = [this.entries.length, 1 + this.place(), 'req_successor']
    const known = { old_origin: 'old.example/log', old_size, old_root: this.rootAt(old_size) }
    const detail = { ...known, kept, kept_root: this.rootAt(kept), request, ...lies }
    const { old_origin, old_root } = detail
    const digest = successionDigest({ old_origin, old_size, old_root, new_origin: TEST_KEYS.log.name, reason: 'The disk was lost.', request })
    const person = (id: string) => ({ kind: 'person' as const, id, roles: [role] })
    const since = new Date(TEST_START - 90 * 24 * 3_600_000).toISOString()
    return this.with(
      { stream: 'log', type: 'log.succeeded', reason: 'The disk was lost.', approvals: voters.map((by) => ({ id: `vote_${by}`, by, over: digest })), detail },
      ...voters.map((id) => ({ stream: `person:${id}`, type: 'role.granted' as const, detail: { person_id: id, role: 'security', since } })),
      { stream: `successor:${request}`, type: 'successor.requested', actor: person(asker), detail: { request } },
      ...voters.map((by) => ({ stream: `successor:${request}`, type: 'successor.approved' as const, about: `vote:vote_${by}`, actor: person(by), detail: { request, digest } })),
    )
  } // prettier-ignore

  /**
   * The log with one more run at its end, approved as it should be, or started by itself under a yes in advance; told otherwise
   * where a test says so. `before`: what the log says of the house first.
   */
  starting({ before = [], byItself = false, plan = {}, then = [] }: Starting = {}): EntryBody[] {
    const [id, run, digest, recipe] = ['pln_more', 'run_more', `sha256:${'d'.repeat(64)}`, { id: 'scale-api', version: 3, digest: `sha256:${'c'.repeat(64)}` }]
    const person = (id: string) => ({ kind: 'person' as const, id, roles: ['sre'] })
    const until = new Date(TEST_START + 86_400_000).toISOString()
    const asker = byItself ? { kind: 'service' as const, id: 'alertmanager' } : person('grace')
    const advance: More = { stream: 'standing:sta_more', type: 'standing.given', about: 'standing_approval:sta_more', actor: person('ada'), recipe, detail: { targets: [MORE], steps: 1, bounds: {}, expires_at: until, most_runs: 1, minutes: 60 } }
    const vote: More = { stream: `plan:${id}`, type: 'approval.given', about: 'approval:apr_more', actor: person('ada'), recipe, plan_digest: digest, detail: { plan: id, decision: 'yes', quorum: 1 } }
    const named = byItself ? { detail: { plan: id, standing: 'sta_more', standing_by: 'ada' } } : { approvals: [{ id: 'apr_more', by: 'ada', over: digest }], detail: { plan: id } }
    return this.with(
      ...(byItself ? [advance] : []),
      { stream: `plan:${id}`, type: 'plan.requested', about: `request:${id}`, actor: asker, detail: { recipe: 'scale-api' } },
      { stream: `plan:${id}`, type: 'plan.proposed', recipe, plan_digest: digest, detail: { steps: ['Scale it'], tier: 'T1', quorum: 1, roles: ['sre'], expires_at: until, targets: [MORE], reach: {}, stage: byItself ? 'auto' : 'propose', contains: false, cooldown_minutes: 60, caps: [], ...plan } },
      ...(byItself ? [] : [vote]),
      ...before,
      { stream: `run:${run}`, type: 'run.started', recipe, plan_digest: digest, freeze: { scopes: SCOPES, decision: 'allowed' }, ...named },
      ...then,
    )
  } // prettier-ignore

  /**
   * The log with a plan that was let pass, three days before: over a freeze, or over the yes that is missing. Whoever is who is
   * drawn; `lie` tells it otherwise.
   */
  brokenGlass(lie: (story: Entry[], cast: Cast) => Entry[] = (story) => story, over: 'freeze' | 'approval' = 'freeze', short = false): EntryBody[] {
    const [asker, granter, reviewer, requester, voter] = this.cast() as [string, string, string, string, string]
    const then = TEST_START - 3 * 24 * 3_600_000
    const at = (minutes: number) => new Date(then + minutes * 60_000).toISOString()
    const digest = `sha256:${hex(this.random.bytes(32))}`
    const [ofPlan, ofRun] = ['plan:pln_glass', 'run:run_glass']
    const as = (id: string, role: string) => ({ kind: 'person' as const, id, auth: 'session', roles: [role] })
    const of = { break_glass: 'bgl_1', plan: 'pln_glass', incident: 'inc_glass', over, ...(over === 'freeze' ? { freeze: 'frz_1' } : {}) }
    const passed = { scopes: ['house:everything'], decision: 'passed' as const, pass: 'bgl_1' }
    const grant = (id: string, role: string): Entry => ({ stream: `person:${id}`, type: 'role.granted', ts: at(-1), detail: { person_id: id, role, since: at(-90 * 24 * 60) } })
    const yes: Entry[] = over === 'approval' ? [] : [{ stream: ofPlan, type: 'approval.given', about: 'approval:apr_glass', ts: at(11), actor: as(voter, 'sre'), plan_digest: digest, detail: { plan: 'pln_glass', decision: 'yes', quorum: 1 } }]
    const approvals = over === 'approval' ? [] : [{ id: 'apr_glass', by: voter, over: digest }]
    const lead = short ? voter : granter
    const story: Entry[] = [
      ...[asker, reviewer, ...(short ? [] : [granter])].map((id) => grant(id, 'security')),
      grant(voter, 'sre'),
      { stream: 'incident:inc_glass', type: 'incident.acknowledged', ts: at(1), actor: as(voter, 'sre') },
      { stream: ofPlan, type: 'plan.requested', about: 'request:pln_glass', ts: at(2), actor: as(requester, 'sre') },
      { stream: ofPlan, type: 'plan.proposed', ts: at(3), plan_digest: digest, detail: { tier: 'T1', quorum: 1, roles: ['sre'], steps: ['Scale it'], expires_at: at(120) } },
      { stream: ofPlan, type: 'break-glass.asked', about: 'break_glass:bgl_1', ts: at(5), actor: as(asker, 'security'), plan_digest: digest, detail: { ...of, minutes: 60, open_until: at(65) } },
      { stream: ofPlan, type: 'break-glass.granted', about: 'break_glass_decision:bgl_1', ts: at(10), actor: as(lead, short ? 'sre' : 'security'), plan_digest: digest, detail: { ...of, voice: short ? 'on-call-lead' : 'security', expires_at: at(70) } },
      ...yes,
      { stream: ofRun, type: 'run.started', ts: at(12), plan_digest: digest, approvals, detail: { plan: 'pln_glass', steps: 1, break_glass: 'bgl_1', over } },
      { stream: ofPlan, type: 'plan.used', ts: at(12), plan_digest: digest, detail: { run: 'run_glass' } },
      { stream: ofPlan, type: 'break-glass.used', about: 'break_glass_use:bgl_1', ts: at(12), plan_digest: digest, detail: { ...of, run: 'run_glass', review_by: at(12 + 24 * 60) } },
      { stream: ofRun, type: 'step.intended', about: 'step:stp_1', ts: at(13), plan_digest: digest, ...(over === 'freeze' ? { freeze: passed } : {}), detail: { run: 'run_glass', number: 1, verb: 'scale-deployment' } },
      { stream: ofRun, type: 'run.succeeded', ts: at(14), plan_digest: digest, outcome: 'ok' },
      { stream: ofPlan, type: 'break-glass.reviewed', about: 'break_glass_review:bgl_1', ts: at(20 * 60), actor: as(reviewer, 'security'), detail: { ...of, run: 'run_glass', verdict: 'justified' } },
    ]
    return this.with(...lie(story, { asker, granter, reviewer, requester, voter, at, digest, as, grant }))
  } // prettier-ignore

  /** Five different people. */
  private cast(): string[] {
    const people = [
      ...new Set(
        this.entries.flatMap(({ type, detail }) =>
          type === 'role.granted' ? [(detail as { person_id: string }).person_id] : [],
        ),
      ),
    ]
    return Array.from({ length: 5 }, () => people.splice(this.random.below(people.length), 1)[0]!)
  }

  /** The log with a freeze at its end that was lifted as it should be, or told otherwise where a test says so. */
  thawed({ asker = 'ada', voters = ['grace', 'linus'], role = 'security', said = 'freeze.lift-approved', over = 'd', since = -90, kind = 'person' }: Thawed = {}): EntryBody[] {
    const [stream, digest] = ['freeze:frz_thawed', `sha256:${'d'.repeat(64)}`]
    const person = (id: string) => ({ kind: 'person' as const, id, roles: [role] })
    return this.with(
      ...[asker, ...voters].map((id): More => ({ stream: `person:${id}`, type: 'role.granted', detail: { person_id: id, role: 'security', since: new Date(TEST_START + since * 86_400_000).toISOString() } })),
      { stream, type: 'freeze.declared', detail: { scopes: [MORE] } },
      { stream, type: 'freeze.lift-asked', about: 'request:lft_thawed', actor: person(asker), detail: { request: 'lft_thawed', epoch: 1, digest, expires_at: new Date(TEST_START + 86_400_000).toISOString() } },
      ...voters.map((id, nth): More => ({ stream, type: nth === 0 ? said : 'freeze.lift-approved', about: `vote:vot_${id}`, actor: { ...person(id), kind: nth === 0 ? kind : 'person' }, detail: { request: 'lft_thawed', digest: `sha256:${over.repeat(64)}` } })),
      { stream, type: 'freeze.lifting', about: 'enforcement:frz_thawed', detail: { request: 'lft_thawed', digest } },
      { stream, type: 'freeze.lifted', about: 'enforcement:frz_thawed', detail: { request: 'lft_thawed', digest } },
    )
  } // prettier-ignore

  private rootAt(size: number): string {
    const range = new CompactRange()
    for (const entry of this.entries.slice(0, size)) range.append(leafHash(encodeEntry(entry)))
    return hex(range.root())
  }

  /** The log with an output that its last entry names, and the output. */
  withOutput(content = this.random.bytes(1 + this.random.below(4000))) {
    const output = [{ sha256: hex(sha256(content)), size: content.length, media_type: 'text/plain' }]
    const log = this.with({ stream: 'evidence:e', type: 'note.added', output })
    return { log, blob: blobOf(content) }
  }
}

/** A target of its own, and where it lies. */
export const MORE = 'deployment:prod/more'
export const SCOPES = [MORE, 'environment:prod', 'house:everything', 'service:more']

export type More = Parameters<World['with']>[number]
interface Starting {
  before?: More[]
  byItself?: boolean
  plan?: object
  /** What comes behind the start. */
  then?: More[]
}

export type Entry = Partial<EntryBody> & Pick<EntryBody, 'type' | 'stream'>

/** Who is who in a story, and how its times and people are told. */
export interface Cast {
  asker: string
  granter: string
  reviewer: string
  requester: string
  voter: string
  digest: string
  /** So many minutes after it began. */
  at: (minutes: number) => string
  as: (id: string, role: string) => EntryBody['actor']
  grant: (id: string, role: string) => Entry
}

interface Thawed {
  asker?: string
  voters?: string[]
  role?: string
  said?: 'freeze.lift-approved' | 'freeze.lift-refused'
  over?: string
  /** In days from the start of the log. */
  since?: number
  kind?: 'person' | 'service'
}

interface Signed {
  /** Whose key, which cosigners, when. */
  by?: Parameters<typeof testCheckpoint>[1]
}

export const blobOf = (content: Uint8Array) => ({
  sha256: hex(sha256(content)),
  size: content.length,
  open: async function* () {
    yield content
  },
})

export const checkpointOf = (entries: readonly EntryBody[], { by = {} }: Signed = {}): string =>
  testCheckpoint(entries.map(encodeEntry), { seconds: COSIGNED, ...by })

const pick = (entries: readonly EntryBody[], filter: ExportFilter): number[] =>
  entries.flatMap((entry, index) => (selects(filter, entry, index) ? [index] : []))

async function* some<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all
}

const hours = (many: number) => new Date(TEST_START + many * 3_600_000).toISOString()
export const frozen = (...scopes: string[]): More => ({ stream: 'freeze:frz_more', type: 'freeze.declared', detail: { scopes } }) // prettier-ignore
export const quiet = (from: number, to: number, ...scopes: string[]): More => ({ stream: 'quiet:qwi_more', type: 'quiet.declared', detail: { scopes, starts_at: hours(from), ends_at: hours(to) } }) // prettier-ignore
export const spent = (budget: string): More => ({
  stream: `budget:${budget}`,
  type: 'budget.disarmed',
  detail: { budget },
})
export const graduated = (to: string, digest = 'c'): More => ({ stream: 'recipe:scale-api', type: 'recipe.graduated', recipe: { id: 'scale-api', version: 3, digest: `sha256:${digest.repeat(64)}` }, detail: { recipe: 'scale-api', to } }) // prettier-ignore
const of = (type: 'stop.pressed' | 'stop.released' | 'quiet.cancelled' | 'budget.rearmed', stream: string): More => ({ stream, type }) // prettier-ignore
export const pressed = of('stop.pressed', 'stop:house')

/** What looks as if it should have held a run, and does not. */
const nothingHolds: Starting[] = [
  {},
  { byItself: true },
  { before: [frozen('pipeline:other')] },
  { before: [frozen(MORE)], plan: { contains: true } },
  { before: [pressed, of('stop.released', 'stop:house')] },
  { before: [quiet(1, 2, MORE)] },
  { before: [quiet(-2, -1, MORE)] },
  { before: [quiet(-1, 2, MORE), of('quiet.cancelled', 'quiet:qwi_more')] },
  { before: [quiet(-1, 2, 'service:other')] },
  { before: [quiet(-1, 2, MORE)], plan: { incident: 'inc_more', tier: 'T2', raised_from: 'T1' } },
  { before: [spent('service:more')] },
  { before: [spent('service:more'), of('budget.rearmed', 'budget:service:more')], byItself: true },
  { before: [graduated('auto')], byItself: true, plan: { stage: 'propose' } },
  { before: [graduated('watch', 'e'), graduated('auto')], byItself: true },
  { plan: { caps: [{ what: 'targets', has: 1, most: 1 }, { what: 'effects', has: 3, most: 3, where: 'prod' }] } },
] // prettier-ignore

/** One of the many bundles that are as they should be. */
export async function validBundle(seed: number): Promise<Held> {
  const world = new World(seed)
  const { entries, random } = world
  const stored = random.below(2) === 0 ? { stored: world.older(1 + world.place()) } : {}
  const exportKey = random.below(2) === 0 ? { exportKey: TEST_KEYS.exporter } : {}
  const options: CheckOptions = { exportKeys: [TEST_KEYS.exporter], now: TEST_START + 7_200_000, ...stored }
  const names = random.pick([[], ['soc2'], ['nist-800-53', 'soc2']])
  switch (random.below(10)) {
    case 0: {
      const { filter, picked } = world.selection()
      return picked.length === 0 ? validBundle(seed + 1_000_003) : { tar: await world.part(filter, picked, exportKey), options: { exportKeys: options.exportKeys!, now: options.now! } } // prettier-ignore
    }
    case 1:
      return { tar: await world.streams(), options: { now: options.now! } }
    case 2: {
      const log = world.rotated()
      return { tar: await world.full(log, { by: { log: TEST_KEYS.forger }, ...exportKey }), options, policy: TWO_KEYS }
    }
    case 3: {
      const { blob, log } = world.withOutput()
      return { tar: await world.full(log, { blobs: [blob], ...exportKey }), options }
    }
    case 4: {
      const sizes = [...new Set([1 + world.place(), 1 + world.place()])].sort((a, b) => a - b)
      return { tar: await world.full(entries, { history: sizes.map((size) => world.older(size)) }), options }
    }
    case 5:
      return { tar: await world.full(world.succeeded(), exportKey), options }
    case 8:
      return { tar: await world.full(world.thawed(), exportKey), options }
    case 6:
      return { tar: await world.full(world.starting(random.pick(nothingHolds)), exportKey), options }
    case 7: {
      const log = world.brokenGlass(undefined, random.pick(['freeze', 'approval'] as const), random.below(3) === 0)
      return { tar: await world.full(log, exportKey), options: { exportKeys: [TEST_KEYS.exporter], now: TEST_START + 7_200_000 } }
    }
    default:
      return { tar: await world.full(entries, { controls: world.packs(entries, names), ...exportKey }), options, policy: TEST_POLICY }
  } // prettier-ignore
}
