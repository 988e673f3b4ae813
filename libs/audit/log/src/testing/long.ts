import type { EntryBody } from '../entry.js'
import { TEST_START, testUuid } from './log.js'
import { seeded, type Random } from './random.js'

/**
 * A log of any length, as a busy house would write it: incidents from the alert to the end, some side by side. It
 * comes entry by entry and holds nothing but the stories that are open, so that a million of them need no memory; the
 * same seed gives the same bytes. It has none of the faults that a checker looks for.
 */
export function* longLog(n: number, seed = 1, sideBySide = 40): Generator<EntryBody> {
  const house = new House(seed)
  const { random } = house
  const open: Story[] = [staff(house)]
  let made = 0
  const emit = ({ stream, ...draft }: Draft): EntryBody => {
    const at = (house.now = TEST_START + made++ * SPACING)
    const common = { v: 1, entry_id: testUuid(random, at), ts: stamp(at), stream, stream_seq: house.next(stream) }
    return { ...common, ...draft } as EntryBody
  }
  while (made < n) {
    // The people are there before anything happens.
    if (made > PEOPLE.length) while (open.length < sideBySide) open.push(story(house, random))
    const at = random.below(open.length)
    const next = open[at]?.next(made)
    if (next && !next.done) yield emit(next.value)
    else if (next) open.splice(at, 1)
    else yield emit(heartbeat(made))
  }
}

/** How far apart its entries are, in ms; the last one comes so many seconds after the start of all tests. */
const SPACING = 40
export const longLogSeconds = (n: number): number => Math.ceil((n * SPACING) / 1000) + 1

type Draft = Omit<EntryBody, 'v' | 'entry_id' | 'ts' | 'stream_seq'>
/** Drafts one after the other; it is told how many entries there were before. */
type Story = Generator<Draft, void, number>

const stamp = (at: number) => new Date(at).toISOString()
const PEOPLE = ['ada', 'grace', 'linus', 'barbara', 'edsger', 'katherine', 'ken', 'frances']
const SERVICES = ['api', 'ocr', 'ingest', 'batch', 'search', 'billing', 'notify', 'web']
const RECIPES = [
  { recipe: 'scale-api', verb: 'scale-deployment', says: 'Scale deployment %s from %n to %m replicas' },
  { recipe: 'roll-back-model', verb: 'set-model-alias', says: 'Let the alias production of %s point to version %m again, not %n' },
  { recipe: 'restart-ocr', verb: 'restart-deployment', says: 'Restart the pods of %s, one after the other, generation %m after %n' },
] // prettier-ignore

/** What outlives a story: who is there, how each target was left, and how far each open stream has come. */
class House {
  readonly random: Random
  /** Each with the one recipe that is for it, and how that left it. */
  readonly targets: { name: string; recipe: (typeof RECIPES)[number]; level: number; free: boolean }[]
  /** When the entry before was written. */
  now = TEST_START
  readonly #streams = new Map<string, number>()
  #ids = 0

  constructor(seed: number) {
    this.random = seeded(seed)
    this.targets = Array.from({ length: 160 }, (_, i) => ({
      name: `deployment:prod/${SERVICES[i % SERVICES.length]}-${i}`,
      recipe: RECIPES[i % RECIPES.length]!,
      level: 2,
      free: true,
    }))
  }

  next(stream: string): number {
    const seq = this.#streams.get(stream) ?? 0
    this.#streams.set(stream, seq + 1)
    return seq
  }

  /** Of this stream nothing more will come. */
  close(...streams: string[]): void {
    for (const stream of streams) this.#streams.delete(stream)
  }

  id(kind: string): string {
    return `${kind}_${(this.#ids++).toString(36).padStart(8, '0')}${this.hex(12)}`
  }

  hex(length: number): string {
    let digits = ''
    while (digits.length < length) digits += this.random.below(0x1_0000).toString(16).padStart(4, '0')
    return digits.slice(0, length)
  }

  digest = () => `sha256:${this.hex(64)}`
  person = () => ({ kind: 'person' as const, id: this.random.pick(PEOPLE), auth: 'session', roles: ['sre'] })
}

const API = { kind: 'service', id: 'api' } as const
const WORKER = { kind: 'process', id: 'worker-1' } as const

const heartbeat = (size: number): Draft => ({
  stream: 'log',
  about: 'log:log.example/firebreak',
  type: 'log.heartbeat',
  actor: { kind: 'process', id: 'sequencer-1' },
  detail: { size },
})

function* staff(house: House): Story {
  for (const id of PEOPLE) {
    const stream = `person:${id}`
    const since = stamp(TEST_START - 90 * 24 * 3_600_000)
    const detail = { person_id: id, role: 'sre', scope: 'all', by: 'operator', since }
    yield { stream, about: `role_grant:${house.id('rol')}`, type: 'role.granted', actor: API, outcome: 'ok', detail }
  }
}

function story(house: House, random: Random): Story {
  if (random.below(12) === 0) return visit(house)
  const target = house.targets.find(({ free }) => free)!
  target.free = false
  return incident(house, random, target)
}

/** Somebody signs in, looks around, and goes. */
function* visit(house: House): Story {
  const [actor, session] = [house.person(), house.id('ses')]
  const about = `session:${session}`
  const detail = { session_id: session, person_id: actor.id, method: 'oidc' }
  yield { stream: about, about, type: 'session.opened', actor, outcome: 'ok', request_id: house.id('req'), detail }
  yield { stream: about, about, type: 'session.closed', actor, outcome: 'ok', detail: { ...detail, cause: 'signed-out' } }
  house.close(about)
} // prettier-ignore

/** One incident at a target that is kept for it, from the alert to the end: a plan, its approvals, its run. One plan in ten is refused. */
function* incident(house: House, random: Random, target: House['targets'][number]): Story {
  const [delivery, inc, plan, run] = ['dlv', 'inc', 'pln', 'run'].map((kind) => house.id(kind)) as [string, string, string, string] // prettier-ignore
  const [ofIncident, ofPlan, ofRun, ofDelivery] = [`incident:${inc}`, `plan:${plan}`, `run:${run}`, `delivery:${delivery}`] // prettier-ignore
  const request = { request_id: house.id('req'), trace_id: house.hex(32) }
  const { name, recipe: { recipe, says, verb } } = target
  const severity = random.pick(['SEV2', 'SEV3'] as const)

  yield { ...request, stream: ofDelivery, about: ofDelivery, type: 'delivery.stored', actor: API, outcome: 'ok', detail: { source: 'alertmanager', bytes: 900 + random.below(3000), received: 1 } }
  const about = `alert:${house.id('alr')}`
  const alert = { source: 'alertmanager', fingerprint: house.hex(16), alertname: 'HighApiLatency' }
  yield { ...request, stream: ofIncident, about, type: 'alert.fired', actor: API, target: name, outcome: 'ok', detail: alert }
  yield { ...request, stream: ofIncident, about: ofIncident, type: 'incident.opened', actor: API, target: name, outcome: 'ok', detail: { class: 'high-api-latency', severity, state: 'open', service: name, title: `p99 latency of ${name} is ${2 + random.below(9)} s — over the objective of 800 ms` } }
  yield { ...request, stream: ofDelivery, about: ofDelivery, type: 'delivery.processed', actor: API, outcome: 'ok', detail: { received: 1, opened: 1, joined: 0, repeated: 0, resolved: 0 } }
  yield { stream: ofIncident, about: ofIncident, type: 'incident.acknowledged', actor: house.person(), outcome: 'ok', request_id: house.id('req'), reason: random.pick(['Looking at it.', 'Load after the release <b>again</b>; more replicas first, then the cause.', 'Wie gestern: zu wenig Pods für die Spitze um zehn.']), detail: { class: 'high-api-latency', severity, state: 'acknowledged', version: 2 } }

  const [asker, identity, digest] = [house.person(), { id: recipe, version: 3, digest: `sha256:${'0123456789abcdef'.repeat(4)}` }, house.digest()]
  const level = 2 + ((target.level + 1 + random.below(8)) % 12)
  const sentence = says.replace('%s', name).replace('%n', String(target.level)).replace('%m', String(level))
  yield { ...request, stream: ofPlan, about: `request:${plan}`, type: 'plan.requested', actor: asker, outcome: 'ok', reason: 'The page says so.', detail: { recipe, incident: inc, params: { target: name, replicas: level } } }
  const quorum = 1 + random.below(2)
  yield { stream: ofPlan, about: ofPlan, type: 'plan.proposed', actor: WORKER, outcome: 'ok', recipe: identity, plan_digest: digest, detail: { incident: inc, because: '', steps: [sentence], tier: quorum === 1 ? 'T1' : 'T2', quorum, roles: ['sre'], expires_at: stamp(house.now + 4 * 3_600_000), targets: [name], stage: 'propose', contains: false, cooldown_minutes: 0, caps: [{ what: 'targets', has: 1, most: 20, where: 'prod' }] } }
  const others = PEOPLE.filter((id) => id !== asker.id)
  const first = random.below(others.length)
  const voters = [others[first]!, others[(first + 1) % others.length]!].slice(0, quorum)
  const approvals = []
  for (const by of voters) {
    const id = house.id('apr')
    const refuses = random.below(20) === 0
    yield { stream: ofPlan, about: `approval:${id}`, type: refuses ? 'approval.refused' : 'approval.given', actor: { ...house.person(), id: by }, outcome: refuses ? 'refused' : 'ok', request_id: house.id('req'), recipe: identity, plan_digest: digest, detail: { plan, decision: refuses ? 'no' : 'yes', quorum } }
    if (refuses) {
      yield { stream: ofPlan, about: ofPlan, type: 'plan.refused', actor: WORKER, outcome: 'refused', plan_digest: digest, detail: { because: `${by} said no.` } }
      target.free = true
      house.close(ofDelivery, ofPlan, ofIncident)
      return
    }
    approvals.push({ id, by, over: digest })
  }

  const lock = `target_lock:${name}`
  const planned = { actor: WORKER, recipe: identity, plan_digest: digest, trace_id: house.hex(32) } as const
  yield { ...planned, stream: ofRun, about: ofRun, type: 'run.started', outcome: 'ok', approvals, freeze: { scopes: [name, 'environment:prod', 'house:everything'], decision: 'allowed' }, detail: { plan, incident: inc, steps: 1 } }
  const step = `step:${house.id('stp')}`
  const said = { run, number: 1, verb, says: sentence }
  yield { ...planned, stream: ofRun, about: step, type: 'step.planned', detail: { number: 1, verb, says: sentence } }
  yield { ...planned, stream: ofRun, about: lock, type: 'target.locked', target: name, detail: { run } }
  yield { ...planned, stream: ofPlan, about: ofPlan, type: 'plan.used', outcome: 'ok', detail: { run } }
  const before = { digest: `sha256:${target.level.toString(16).padStart(64, '0')}`, summary: { replicas: target.level, ready: true } }
  const after = { digest: `sha256:${level.toString(16).padStart(64, '0')}`, summary: { replicas: level, ready: true } }
  yield { ...planned, stream: ofRun, about: step, type: 'step.intended', target: name, before, freeze: { scopes: [name, 'environment:prod', 'house:everything'], decision: 'allowed' }, idempotency_key: `${run}:1:1`, detail: { ...said, attempt: 1 } }
  yield { ...planned, stream: ofRun, about: step, type: 'step.done', target: name, before, after, outcome: 'ok', detail: { ...said, attempt: 1, found: false, output: { replicas: level, observed_generation: random.below(900) } } }
  target.level = level
  yield { ...planned, stream: ofRun, about: ofRun, type: 'run.verifying', outcome: 'ok', detail: { because: '' } }
  yield { ...planned, stream: ofRun, about: ofRun, type: 'run.succeeded', outcome: 'ok', detail: { because: '' } }
  yield { ...planned, stream: ofRun, about: lock, type: 'target.freed', target: name, detail: { run } }
  target.free = true
  yield { stream: ofIncident, about, type: 'alert.resolved', actor: API, target: name, outcome: 'ok', detail: alert }
  yield { stream: ofIncident, about: ofIncident, type: 'incident.resolved', actor: API, target: name, outcome: 'ok', detail: { state: 'resolved', version: 3 } }
  house.close(ofDelivery, ofPlan, ofRun, ofIncident)
} // prettier-ignore
