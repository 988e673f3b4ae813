import {
  commitment,
  concat,
  encodeDisclosure,
  encodeEntry,
  FILE,
  formatNote,
  hex,
  leafHash,
  Page,
  parseCheckpoint,
  parseNote,
  signRotation,
  text,
  utf8,
  type CheckOptions,
  type Disclosure,
  type EntryBody,
  type JsonValue,
} from '@firebreak/audit-log'
import { TEST_KEYS, TEST_START, testCheckpoint } from '@firebreak/audit-log/testing'
import { packed, unpacked, withManifest } from './bundles.js'
import {
  blobOf,
  checkpointOf,
  frozen,
  graduated,
  MORE,
  pressed,
  quiet,
  SCOPES,
  spent,
  TWO_KEYS,
  World,
  type Cast,
  type Entry,
  type Held,
  type More,
} from './world.js'

/**
 * Every kind of tampering that somebody thought of, and the check that is there for it. Each is done at places that a seed
 * picks, to a log that the same seed made. Who does it knows the format, and makes the manifest fit; where `signed` says
 * so, they even have the log's own key, and everything follows from the forged entries but the truth.
 */
export interface Kind {
  by: string
  what: string
  /** No other check finds it: without this one it would pass. */
  alone?: true
  make(world: World): Promise<Tampered>
}

export interface Tampered extends Held {
  /** Where the check has to say that it is. */
  index?: number
}

/** As an auditor's own clock and drawer have it. */
const at = (seconds: number) => TEST_START + seconds * 1000
const now = { now: at(7200) }

const changed = (world: World, change: (files: Map<string, Uint8Array>) => void): Promise<Held> =>
  world.files(change).then((tar) => ({ tar, options: now }))

/** Lines of entries.ndjson, changed by somebody without the log's key. */
const edited = async (
  world: World,
  index: number,
  change: (lines: Uint8Array[]) => Uint8Array[],
): Promise<Tampered> => {
  const lines = change(world.entries.map(encodeEntry))
  return { index, options: now, tar: await world.files((files) => files.set(FILE.entries, ndjson(lines))) }
}

/** One line spelled otherwise. Its meaning stays, or not. */
const respelled = (world: World, index: number, from: string | RegExp, to: string): Promise<Tampered> =>
  edited(world, index, (lines) => lines.with(index, utf8(text(lines[index]!).replace(from, to))))

/** Everything made anew over these entries, by the holder of the log's own key. */
const signed = async (world: World, entries: readonly EntryBody[], index: number | undefined, more: Parameters<World['full']>[1] & { options?: CheckOptions; policy?: typeof TWO_KEYS } = {}): Promise<Tampered> => {
  const { options, policy, ...input } = more
  return { ...(index === undefined ? {} : { index }), ...(policy ? { policy } : {}), options: { ...now, ...options }, tar: await world.full(entries, input) }
} // prettier-ignore

const ndjson = (bodies: readonly Uint8Array[]) => concat(...bodies.flatMap((body) => [body, utf8('\n')]))
const flipped = (content: Uint8Array, place: number, bit = 1) => content.with(place, content[place]! ^ bit)
const tileOf = (index: number, size: number) =>
  `tile/0/${String(Math.floor(index / 256)).padStart(3, '0')}${size - (index - (index % 256)) < 256 ? `.p/${size % 256}` : ''}`
const detailOf = (entry: EntryBody) => entry.detail as Record<string, JsonValue>
const moved = <T>(items: readonly T[], from: number, to: number): T[] =>
  items.toSpliced(from, 1).toSpliced(to, 0, items[from]!)
const fresh = (world: World, n: number) => `01a207d9-2100-7${world.random.below(0xfff).toString(16).padStart(3, '0')}-8b30-${n.toString(16).padStart(12, '0')}` // prettier-ignore

/** The note of the whole log with one signature changed. */
const renoted = async (world: World, change: (note: ReturnType<typeof parseNote>) => void): Promise<Tampered> => {
  const note = parseNote(checkpointOf(world.entries))
  change(note)
  return { options: now, tar: await world.full(world.entries, { checkpoint: formatNote(note) }) }
}

const isVote = ({ type }: EntryBody) => type === 'approval.given'
/** A run that was started: its own entry, its plan's, and the yeses of it. */
function aRun(world: World, fits: (plan: EntryBody) => boolean = () => true) {
  const planIn = (entry: EntryBody) => `plan:${detailOf(entry)['plan'] as string}`
  const proposalOf = (plan: string) => world.entries.findIndex(({ stream, type }) => stream === plan && type === 'plan.proposed')
  const start = world.anywhere((entry) => entry.type === 'run.started' && fits(world.entries[proposalOf(planIn(entry))]!))
  const plan = planIn(world.entries[start]!)
  const votes = world.entries.flatMap((entry, index) => (entry.stream === plan && isVote(entry) ? [index] : []))
  return { start, proposal: proposalOf(plan), votes, asked: world.entries.findIndex(({ stream, type }) => stream === plan && type === 'plan.requested') }
} // prettier-ignore

/** A run whose plan, or a yes of it, says something else. */
const misapproved = (what: string, change: (world: World) => { start: number; entries: EntryBody[] }): Kind => ({
  by: 'approvals', what, alone: true,
  make: (world) => {
    const { entries, start } = change(world)
    return signed(world, entries, start)
  },
}) // prettier-ignore

/** A run, or a step of one, that something should have held. The fault is at the last entry, or so many before the end. */
const unheld = (what: string, how: (world: World) => Parameters<World['starting']>[0], last = 1): Kind => ({
  by: 'guards', what, alone: true,
  make: (world) => {
    const entries = world.starting(how(world))
    return signed(world, entries, entries.length - last)
  },
}) // prettier-ignore

/** A freeze that was let go and should have stayed. */
const unlifted = (what: string, how: Parameters<World['thawed']>[0]): Kind => ({
  by: 'guards', what, alone: true,
  make: (world) => {
    const entries = world.thawed(how)
    return signed(world, entries, entries.length - 2)
  },
}) // prettier-ignore

/** The run at the end of the log claims a step. */
const claimed: More = { stream: 'run:run_more', type: 'step.intended', about: 'step:stp_more', target: MORE, freeze: { scopes: SCOPES, decision: 'allowed' }, detail: { run: 'run_more', number: 1, verb: 'scale-deployment', attempt: 1 } } // prettier-ignore
/** It claims one, and is over. */
const ended: More[] = [
  claimed,
  { stream: 'run:run_more', type: 'run.undone', detail: { because: '' } },
  { stream: 'run:run_more', type: 'target.freed', about: `target_lock:${MORE}`, target: MORE, detail: { run: 'run_more' } },
] // prettier-ignore
/** Another one on the same target, at once. */
const again: More[] = [
  { stream: 'run:run_next', type: 'run.started', plan_digest: `sha256:${'d'.repeat(64)}`, approvals: [{ id: 'apr_more', by: 'ada', over: `sha256:${'d'.repeat(64)}` }], freeze: { scopes: SCOPES, decision: 'allowed' }, detail: { plan: 'pln_more' } },
] // prettier-ignore

/** A break-glass of which one entry says something else; the fault is at the last entry of that type. */
const misbroken = (what: string, at: EntryBody['type'], lie: (story: Entry[], cast: Cast, world: World) => Entry[], over: 'freeze' | 'approval' = 'freeze', short = false): Kind => ({
  by: 'break-glass', what, alone: true,
  make: (w) => {
    const log = w.brokenGlass((story, cast) => lie(story, cast, w), over, short)
    return signed(w, log, log.findLastIndex(({ type }) => type === at))
  },
}) // prettier-ignore
/** Every entry of one type told otherwise. */
const retold = (story: Entry[], type: EntryBody['type'], change: (entry: Entry) => Partial<EntryBody>): Entry[] =>
  story.map((entry) => (entry.type === type ? ({ ...entry, ...change(entry) } as Entry) : entry))
const said = (entry: Entry, more: object) =>
  ({ detail: { ...(entry.detail as object), ...more } }) as Partial<EntryBody>
const without = (story: Entry[], type: EntryBody['type']) => story.filter((entry) => entry.type !== type)
/** Later than it could be: more than clocks may differ. */
const afterwards = (w: World, minutes: number) => minutes + 6 + w.random.below(20)

const rule = (roles: string[], more = {}) => ({ people: 1, roles, asker_may: true, ...more })
const rulesOf = (one: ReturnType<typeof rule>, youngest_role_hours = 0) =>
  ({ v: 1, youngest_role_hours, tiers: { T1: one, T2: one, T3: one } }) as const

export const kinds: readonly Kind[] = [
  { by: 'note', what: 'a checkpoint that is no note', alone: true, make: (w) => changed(w, (f) => f.set(FILE.checkpoint, utf8('hello\n'))) },
  { by: 'note', what: 'a checkpoint with a fourth line', alone: true, make: (w) => changed(w, (f) => f.set(FILE.checkpoint, utf8(text(f.get(FILE.checkpoint)!).replace('\n\n', '\nx\n\n')))) },
  { by: 'note', what: 'an older checkpoint that is no note', make: async (w) => ({ options: now, tar: await w.files((f) => f.set([...f.keys()][1]!, utf8('hello\n')), w.full(w.entries, { history: [w.older(1 + w.place())] })) }) },
  { by: 'signature', what: 'a checkpoint by another key under the same name', make: (w) => signed(w, w.entries, undefined, { by: { log: TEST_KEYS.forger } }) },
  { by: 'signature', what: 'a checkpoint of another log', make: (w) => signed(w, w.entries, undefined, { by: { origin: 'other.example/log' } }) },
  { by: 'signature', what: 'a signature with a flipped bit', make: (w) => renoted(w, (note) => (note.signatures[0]!.signature[w.random.below(64)]! ^= 1 << w.random.below(8))) },
  { by: 'signature', what: 'a selection under a checkpoint by another key', alone: true, make: async (w) => {
    const from = w.place(60)
    const checkpoint = checkpointOf(w.entries, { by: { log: TEST_KEYS.forger } })
    return { options: now, tar: await w.part({ positions: { from, to: from + 20 } }, Array.from({ length: 20 }, (_, i) => from + i), { checkpoint }) }
  } },
  { by: 'signature', what: 'an older checkpoint by another key', make: (w) => {
    const size = 1 + w.place()
    const forged = checkpointOf(w.entries.slice(0, size), { by: { log: TEST_KEYS.forger, seconds: 60 } })
    return signed(w, w.entries, undefined, { history: [forged] })
  } },
  { by: 'quorum', what: 'no cosignature', make: (w) => signed(w, w.entries, undefined, { by: { cosigners: [] } }) },
  { by: 'quorum', what: 'a cosignature by somebody whom the policy does not know', make: (w) => signed(w, w.entries, undefined, { by: { cosigners: [TEST_KEYS.stranger] } }) },
  { by: 'quorum', what: 'a cosignature with another time', alone: true, make: (w) => renoted(w, (note) => (note.signatures[1]!.signature[7]! ^= 1 << w.random.below(8))) },
  { by: 'quorum', what: 'a cosignature from before the one that the auditor keeps', make: (w) => signed(w, w.entries, undefined, { by: { seconds: 20 }, options: { stored: checkpointOf(w.entries.slice(0, 1 + w.place()), { by: { seconds: 30 + w.random.below(100) } }) } }) },
  { by: 'quorum', what: 'a cosignature from the future', alone: true, make: (w) => signed(w, w.entries, undefined, { options: { now: at(w.random.below(3000)) } }) },
  { by: 'keys', what: 'a checkpoint by a key that had been given up', alone: true, make: (w) => signed(w, w.rotated(), undefined, { policy: TWO_KEYS }) },
  { by: 'keys', what: 'a key that no entry brings in', alone: true, make: (w) => signed(w, w.entries, undefined, { by: { log: TEST_KEYS.forger }, policy: TWO_KEYS }) },
  { by: 'keys', what: 'a rotation that the old key did not sign', make: (w) => {
    const honest = signRotation(TEST_KEYS.log, TEST_KEYS.forger)
    return signed(w, w.rotated({ ...honest, signed_by_old: honest.signed_by_new }), w.entries.length, { by: { log: TEST_KEYS.forger }, policy: TWO_KEYS })
  } },
  { by: 'files', what: 'a file too many', alone: true, make: (w) => changed(w, (f) => f.set(`extra${w.random.below(9)}`, utf8('x'))) },
  { by: 'files', what: 'a file too few', make: (w) => changed(w, (f) => f.delete(w.random.pick([...f.keys()].filter((name) => name.startsWith('tile/'))))) },
  { by: 'files', what: 'a file twice', make: async (w) => {
    const all = [...(await unpacked(await w.full()))]
    const one = w.random.below(all.length)
    return { options: now, tar: packed(all.toSpliced(w.random.below(all.length), 0, all[one]!)) }
  } },
  { by: 'files', what: 'files in another order', make: (w) => changed(w, (f) => {
    const [one] = w.random.pick([...f].slice(0, -2))
    const content = f.get(one)!
    f.delete(one)
    f.set(one, content)
  }) },
  { by: 'files', what: 'a file under another name', make: (w) => changed(w, (f) => {
    const all = [...f]
    const one = w.random.below(all.length - 1)
    f.clear()
    for (const [i, [name, content]] of all.entries()) f.set(i === one ? `${name}0` : name, content)
  }) },
  { by: 'files', what: 'a file that the manifest does not list as it is', make: async (w) => {
    const f = await unpacked(await w.full())
    const [name, content] = w.random.pick([...f].filter(([one]) => one !== FILE.manifest && one !== FILE.checkpoint))
    return { options: now, tar: packed(f.set(name, flipped(content, w.random.below(content.length)))) }
  } },
  { by: 'class', what: 'a manifest that claims another size', make: async (w) => ({ options: now, tar: packed(withManifest(await unpacked(await w.full()), { size: w.entries.length + 1 + w.random.below(9) })) }) },
  { by: 'class', what: 'a manifest that names another log', alone: true, make: async (w) => ({ options: now, tar: packed(withManifest(await unpacked(await w.full()), { origin: `other${w.random.below(9)}.example/log` })) }) },
  { by: 'class', what: 'a selection with an entry that was not asked for', make: async (w) => {
    const [from, stray] = [w.place(60), w.entries.length - 1]
    const tar = await w.part({ positions: { from, to: from + 20 } }, [...Array.from({ length: 20 }, (_, i) => from + i), stray])
    return { index: stray, options: now, tar }
  } },
  { by: 'class', what: 'a selection that claims to be whole streams', make: async (w) => {
    const stream = w.entries[w.anywhere(({ stream }) => stream.startsWith('plan:'))]!.stream
    const picked = w.entries.flatMap((one, index) => (one.stream === stream ? [index] : []))
    return { options: now, tar: await w.part({ streams: [stream] }, picked, { streams: [{ stream, count: picked.length }] }) }
  } },
  { by: 'count', what: 'a tail that was cut', make: (w) => {
    const kept = 1 + w.place()
    return edited(w, kept, (lines) => lines.slice(0, kept))
  } },
  { by: 'count', what: 'an entry put at the end', make: (w) => {
    const extra = { ...w.entries[w.place()]!, entry_id: fresh(w, 1), stream: 'run:new', stream_seq: 0 } as EntryBody
    return edited(w, w.entries.length, (lines) => [...lines, encodeEntry(extra)])
  } },
  { by: 'count', what: 'a manifest that counts otherwise', alone: true, make: async (w) => ({ options: now, tar: packed(withManifest(await unpacked(await w.full()), { entries: w.entries.length - 1 - w.place() })) }) },
  { by: 'count', what: 'an entry taken out of a selection, its place left', make: async (w) => {
    const from = w.place(60)
    const gone = w.random.below(20)
    const tar = w.part({ positions: { from, to: from + 20 } }, Array.from({ length: 20 }, (_, i) => from + i))
    return { options: now, tar: await w.files((f) => f.set(FILE.entries, ndjson(linesOf(f).toSpliced(gone, 1))), tar) }
  } },
  { by: 'body', what: 'a last line without its end', alone: true, make: async (w) => ({ ...(await changed(w, (f) => f.set(FILE.entries, f.get(FILE.entries)!.slice(0, -1)))), index: w.entries.length - 1 }) },
  { by: 'body', what: 'a key twice', make: (w) => respelled(w, w.place(), /,"v":1}$/, ',"v":1,"v":1}') },
  { by: 'body', what: 'a space', make: (w) => respelled(w, w.place(), '":', '": ') },
  { by: 'body', what: 'a number in another spelling', make: (w) => respelled(w, w.place(), '"v":1}', w.random.pick(['"v":1.0}', '"v":1e0}', '"v":01}'])) },
  { by: 'body', what: 'a letter as an escape', make: (w) => respelled(w, w.place(), '"type":"', '"type":"\\u0061') },
  { by: 'body', what: 'keys in another order', make: (w) => respelled(w, w.place(), /^\{("about":"[^"]*"),("actor":\{[^}]*\})/, '{$2,$1') },
  { by: 'body', what: 'a line beyond all bounds', make: (w) => { const index = w.place(); return edited(w, index, (lines) => lines.with(index, new Uint8Array(3_000_000).fill(0x61))) } },
  { by: 'body', what: 'a byte that is no UTF-8', make: (w) => { const index = w.place(); return edited(w, index, (lines) => lines.with(index, lines[index]!.with(20 + w.random.below(60), 0xff))) } },
  { by: 'body', what: 'a field that its type does not have, signed', alone: true, make: async (w) => {
    const index = w.entries.length - 1
    const strange = utf8(text(encodeEntry(w.entries[index]!)).replace('"v":1}', '"v":1,"w":1}'))
    return { index, options: now, tar: await forged(w, [...w.entries.slice(0, -1).map(encodeEntry), strange]) }
  } },
  { by: 'leaf', what: 'an entry edited', make: (w) => respelled(w, w.place(), /"ts":"(....)-/, '"ts":"2019-') },
  { by: 'leaf', what: 'an entry dropped', make: (w) => { const index = w.place(); return edited(w, index, (lines) => lines.toSpliced(index, 1)) } },
  { by: 'leaf', what: 'two entries swapped', make: (w) => { const index = w.place(2); return edited(w, index, (lines) => lines.toSpliced(index, 2, lines[index + 1]!, lines[index]!)) } },
  { by: 'leaf', what: 'an entry doubled', make: (w) => { const index = w.place(2); return edited(w, index + 1, (lines) => lines.toSpliced(index, 0, lines[index]!)) } },
  { by: 'leaf', what: 'an entry moved far away', make: (w) => { const [from, to] = [w.place(40) + 20, w.place(40)].sort((a, b) => b - a) as [number, number]; return edited(w, from === to ? from : to, (lines) => moved(lines, from, from === to ? from + 1 : to)) } },
  { by: 'leaf', what: 'all entries replaced by those of another log', make: (w) => edited(w, 0, () => new World(w.seed + 5000).entries.map(encodeEntry)) },
  { by: 'leaf', what: 'a leaf in a tile with a flipped bit', alone: true, make: async (w) => {
    const index = w.place()
    const name = tileOf(index, w.entries.length)
    return { index, ...(await changed(w, (f) => f.set(name, flipped(f.get(name)!, (index % 256) * 32 + w.random.below(32), 1 << w.random.below(8))))) }
  } },
  { by: 'leaf', what: 'an entry of a selection edited', make: async (w) => {
    const from = w.place(60)
    const one = w.random.below(20)
    const tar = w.part({ positions: { from, to: from + 20 } }, Array.from({ length: 20 }, (_, i) => from + i))
    return { index: from + one, options: now, tar: await w.files((f) => f.set(FILE.entries, ndjson(linesOf(f).with(one, utf8(text(linesOf(f)[one]!).replace(/"ts":"(....)-/, '"ts":"2019-'))))), tar) }
  } },
  { by: 'tiles', what: 'a hash above the lowest level', alone: true, make: async (w) => {
    // A level needs 256 leaves; logs of this world are around that, so they get company.
    const entries: EntryBody[] = [...w.entries]
    for (let i = 0; i < 300; i++) entries.push({ ...w.entries[0]!, type: 'log.heartbeat', about: 'log:x', entry_id: fresh(w, i), stream: 'house:more', stream_seq: i, detail: { size: i } })
    const name = [...(await unpacked(await w.full(entries))).keys()].find((one) => one.startsWith('tile/1/'))!
    return { options: now, tar: await w.files((f) => f.set(name, flipped(f.get(name)!, w.random.below(f.get(name)!.length), 1 << w.random.below(8))), w.full(entries)) }
  } },
  { by: 'root', what: 'an entry rewritten together with its tile and the page', alone: true, make: async (w) => {
    const index = w.place()
    const other = w.otherwise(index, { request_id: 'nothing-happened' })
    const forgery = await unpacked(await w.full(other))
    forgery.set(FILE.checkpoint, utf8(checkpointOf(w.entries))).set(FILE.report, pageOf(w, other))
    return { options: now, tar: packed(withManifest(forgery)) }
  } },
  { by: 'entry-ids', what: 'an entry signed in twice', alone: true, make: (w) => signed(w, [...w.entries, { ...w.entries[w.place()]!, stream: 'run:replayed', stream_seq: 0, type: 'log.heartbeat', detail: {} }], w.entries.length) },
  { by: 'entry-ids', what: 'an id given again', alone: true, make: (w) => {
    const index = 1 + w.place(2)
    return signed(w, w.otherwise(index, { entry_id: w.entries[w.random.below(index)]!.entry_id }), index)
  } },
  { by: 'streams', what: 'an entry never put in', make: (w) => {
    const gone = w.anywhere(({ stream, stream_seq }) => w.entries.some((one) => one.stream === stream && one.stream_seq > stream_seq))
    const entries = w.entries.toSpliced(gone, 1)
    return signed(w, entries, entries.findIndex(({ stream, stream_seq }, i) => i >= gone && stream === w.entries[gone]!.stream && stream_seq > w.entries[gone]!.stream_seq))
  } },
  { by: 'streams', what: 'a number of a stream twice', make: (w) => signed(w, [...w.entries, { ...w.entries[w.anywhere(({ type }) => type === 'alert.fired')]!, entry_id: fresh(w, 2) }], w.entries.length) },
  { by: 'streams', what: 'the last entries of a stream left out, against the word of the log', alone: true, make: async (w) => ({ options: now, tar: await w.streams({ picked: (picked) => picked.slice(0, -1 - w.random.below(3)) }) }) },
  { by: 'streams', what: 'a word of the log that a stream was shorter', alone: true, make: (w) => {
    const { stream } = w.entries[w.anywhere(({ stream_seq }) => stream_seq > 1)]!
    const count = w.entries.filter((one) => one.stream === stream).length - 1
    return signed(w, w.with({ stream: 'export:e', type: 'export.running', detail: { streams: [{ stream, count }] } }), w.entries.length)
  } },
  { by: 'consistency', what: 'a log shorter than it was', alone: true, make: (w) => {
    const size = 1 + w.place(2)
    return signed(w, w.entries.slice(0, size), size, { options: { stored: w.older(size + 1 + w.random.below(w.entries.length - size)) } })
  } },
  { by: 'consistency', what: 'a log grown again from another past', alone: true, make: (w) => {
    const index = w.place(2)
    const known = index + 1 + w.random.below(w.entries.length - index - 1)
    return signed(w, w.otherwise(index, { request_id: 'nothing-happened' }), undefined, { options: { stored: w.older(known) } })
  } },
  { by: 'consistency', what: 'an older checkpoint in the bundle, of another past', alone: true, make: (w) => {
    const index = w.place(2)
    const size = index + 1 + w.random.below(w.entries.length - index - 1)
    return signed(w, w.otherwise(index, { request_id: 'nothing-happened' }), undefined, { history: [w.older(size)] })
  } },
  { by: 'time', what: 'an entry from after its cosignature', alone: true, make: (w) => {
    const index = w.anywhere(({ type }) => QUIET.has(type))
    return signed(w, w.otherwise(index, { ts: new Date(at(4000 + w.random.below(3000))).toISOString() }), index)
  } },
  { by: 'time', what: 'an entry that is older than it can be', alone: true, make: (w) => {
    const index = w.anywhere(({ type }, i) => i > 10 && QUIET.has(type))
    return signed(w, w.otherwise(index, { ts: new Date(at(-1000 - w.random.below(3000))).toISOString() }), index, { options: { stored: w.older(1 + w.random.below(index)) } })
  } },
  misapproved('fewer yeses than the plan asks for', (w) => {
    const { proposal, start, votes } = aRun(w)
    return { start, entries: w.otherwise(proposal, { detail: { ...detailOf(w.entries[proposal]!), quorum: votes.length + 1 } }) }
  }),
  misapproved('fewer yeses than the tier asks for, whatever the plan says', (w) => {
    const { proposal, start } = aRun(w, (plan) => detailOf(plan)['quorum'] === 1)
    return { start, entries: w.otherwise(proposal, { detail: { ...detailOf(w.entries[proposal]!), tier: 'T3' } }) }
  }),
  misapproved('a yes for another plan', (w) => {
    const { start, votes } = aRun(w)
    return { start, entries: w.otherwise(w.random.pick(votes), { plan_digest: `sha256:${'0'.repeat(64)}` }) }
  }),
  misapproved('a run that carries out something else than was approved', (w) => {
    const { start } = aRun(w)
    return { start, entries: w.otherwise(start, { plan_digest: `sha256:${'0'.repeat(64)}` }) }
  }),
  misapproved('a yes of who asked', (w) => {
    const { asked, start, votes } = aRun(w, (plan) => detailOf(plan)['tier'] === 'T2')
    return { start, entries: w.otherwise(asked, { actor: { ...w.entries[asked]!.actor, id: w.entries[w.random.pick(votes)]!.actor.id } }) }
  }),
  misapproved('a yes of who asked first, for a plan that was asked for anew when its freeze was lifted', (w) => {
    const { asked, start, votes } = aRun(w, (plan) => detailOf(plan)['tier'] === 'T2')
    const { id } = w.entries[w.random.pick(votes)]!.actor
    const detail = { ...detailOf(w.entries[asked]!), asker: { id, kind: 'person' } }
    return { start, entries: w.otherwise(asked, { actor: { kind: 'process', id: 'api' }, detail }) }
  }),
  misapproved('a yes of a service', (w) => {
    const { start, votes } = aRun(w)
    const vote = w.random.pick(votes)
    return { start, entries: w.otherwise(vote, { actor: { ...w.entries[vote]!.actor, kind: 'service' } }) }
  }),
  misapproved('a yes in a role that does not count', (w) => {
    const { start, votes } = aRun(w)
    const vote = w.random.pick(votes)
    return { start, entries: w.otherwise(vote, { actor: { ...w.entries[vote]!.actor, roles: ['ml'] } }) }
  }),
  misapproved('a yes in a role that was never granted', (w) => {
    const { votes } = aRun(w)
    const who = w.entries[w.random.pick(votes)]!.actor.id
    const grant = w.entries.findIndex(({ detail, type }) => type === 'role.granted' && (detail as { person_id: string }).person_id === who)
    const first = w.entries.findIndex(({ approvals = [] }) => approvals.some(({ by }) => by === who))
    return { start: first, entries: w.otherwise(grant, { detail: { ...detailOf(w.entries[grant]!), role: 'auditor' } }) }
  }),
  misapproved('a run although somebody said no', (w) => {
    const { start, votes } = aRun(w)
    return { start, entries: w.otherwise(w.random.pick(votes), { type: 'approval.refused' }) }
  }),
  misapproved('a run after its plan had expired', (w) => {
    const { proposal, start } = aRun(w)
    return { start, entries: w.otherwise(proposal, { detail: { ...detailOf(w.entries[proposal]!), expires_at: new Date(at(-1000)).toISOString() } }) }
  }),
  misapproved('a run of a plan that was never proposed', (w) => {
    const { start } = aRun(w)
    return { start, entries: w.otherwise(start, { detail: { ...detailOf(w.entries[start]!), plan: 'pln_none' } }) }
  }),
  { by: 'approval-rules', what: 'yeses of others than the auditor would ask', alone: true, make: (w) => signed(w, w.entries, firstRun(w), { options: { approvalRules: rulesOf(rule(['security'])) } }) },
  { by: 'approval-rules', what: 'fewer yeses than the auditor would ask for', alone: true, make: (w) => signed(w, w.entries, firstRun(w), { options: { approvalRules: rulesOf(rule(['sre'], { people: 3 })) } }) },
  { by: 'approval-rules', what: 'yeses in a role that is too young', alone: true, make: (w) => signed(w, w.entries, firstRun(w), { options: { approvalRules: rulesOf(rule(['sre']), 24 * (91 + w.random.below(200))) } }) },
  unheld('a run that a freeze should have held', () => ({ before: [frozen(MORE)] })),
  unheld('a run that a freeze of everything should have held', () => ({ before: [frozen('house:everything')] })),
  unheld('a run that the stop switch should have held', () => ({ before: [pressed] })),
  unheld('a run in a quiet window', () => ({ before: [quiet(-1, 2, 'service:more')] })),
  unheld('a run for an incident in a quiet window, of a plan from before it', () => ({ before: [quiet(-1, 2, MORE)], plan: { incident: 'inc_more' } })),
  unheld('a run for no incident in a quiet window, of a plan that was raised', () => ({ before: [quiet(-1, 2, MORE)], plan: { raised_from: 'T0' } })),
  unheld('a run that is wider than the house lets it be', (w) => ({ plan: { caps: [{ what: w.random.pick(['targets', 'effects']), has: 3, most: 2, where: 'prod' }] } })),
  unheld('a run on more targets than it was counted for', () => ({ plan: { targets: [MORE, 'deployment:prod/other'], caps: [{ what: 'targets', has: 1, most: 1 }] } })),
  unheld('a run by itself on a spent budget', (w) => ({ before: [spent(w.random.pick(['service:more', 'recipe:scale-api', `target:${MORE}`]))], byItself: true })),
  unheld('a run by itself of a recipe that only proposes', () => ({ byItself: true, plan: { stage: 'propose' } })),
  unheld('a run by itself of a recipe that was sent back', () => ({ before: [graduated('propose')], byItself: true })),
  unheld('a run of a recipe that only watches', (w) => ({ before: [graduated('watch', w.random.pick(['c', 'e']))] })),
  unheld('a run on a target that rests', () => ({ then: [...ended, ...again] }), again.length),
  unheld('a step that was claimed under a freeze', () => ({ then: [frozen('service:more'), claimed] }), 1),
  unheld('a step that was claimed while the stop switch was on', () => ({ then: [pressed, claimed] }), 1),
  misapproved('a run without its yes, by a pass that goes over a freeze alone', (w) => {
    const entries = w.brokenGlass((story) => retold(without(story, 'approval.given'), 'run.started', () => ({ approvals: [] })))
    return { start: entries.findLastIndex(({ type }) => type === 'run.started'), entries }
  }),
  misapproved('two yeses that are missing, and one pass', (w) => {
    const entries = w.brokenGlass((story) => retold(story, 'plan.proposed', (one) => said(one, { quorum: 2 })), 'approval')
    return { start: entries.findLastIndex(({ type }) => type === 'run.started'), entries }
  }),
  misapproved('a yes of who granted the pass, counted beside it', (w) => {
    const entries = w.brokenGlass((story, { as, at, digest, granter }) => {
      const yes: Entry = { stream: 'plan:pln_glass', type: 'approval.given', about: 'approval:apr_own', ts: at(11), actor: as(granter, 'security'), plan_digest: digest, detail: { plan: 'pln_glass', decision: 'yes', quorum: 2 } }
      const started = retold(retold(story, 'plan.proposed', (one) => said(one, { quorum: 2, roles: ['sre', 'security'] })), 'run.started', () => ({ approvals: [{ id: 'apr_own', by: granter, over: digest }] }))
      return started.toSpliced(started.findIndex(({ type }) => type === 'run.started'), 0, yes)
    }, 'approval')
    return { start: entries.findLastIndex(({ type }) => type === 'run.started'), entries }
  }),
  { by: 'approval-rules', what: 'a pass over a missing yes, where the auditor takes none', alone: true, make: (w) => {
    const log = w.brokenGlass(undefined, 'approval').slice(w.entries.length)
    const staff = w.entries.filter(({ type }) => type === 'role.granted')
    return signed(w, [...staff, ...renumbered(staff, log)], staff.length + log.findIndex(({ type }) => type === 'run.started'), { options: { approvalRules: rulesOf(rule(['sre'])) } })
  } },
  misbroken('a pass that somebody of another role asked for', 'break-glass.asked', (story, { as, asker }) => retold(story, 'break-glass.asked', () => ({ actor: as(asker, 'sre') }))),
  misbroken('a pass that somebody asked for by a role of that day', 'break-glass.asked', (story, { asker, at }, w) => story.map((one) => (one.type === 'role.granted' && one.stream === `person:${asker}` ? { ...one, ...said(one, { since: at(-24 * 60 + 6 + w.random.below(600)) }) } as Entry : one))),
  misbroken('a pass granted by who asked for it', 'break-glass.granted', (story, { as, asker }) => retold(story, 'break-glass.granted', () => ({ actor: as(asker, 'security') }))),
  misbroken('a pass granted by somebody of another role', 'break-glass.granted', (story, { as, voter }) => retold(story, 'break-glass.granted', () => ({ actor: as(voter, 'sre') }))),
  misbroken('a pass granted by a role of that day', 'break-glass.granted', (story, { granter, at }, w) => story.map((one) => (one.type === 'role.granted' && one.stream === `person:${granter}` ? { ...one, ...said(one, { since: at(-w.random.below(20 * 60)) }) } as Entry : one))),
  misbroken('a pass granted by a role that nobody had given', 'break-glass.granted', (story, { granter }) => story.filter((one) => one.type !== 'role.granted' || one.stream !== `person:${granter}`)),
  misbroken('a pass granted by a service', 'break-glass.granted', (story) => retold(story, 'break-glass.granted', ({ actor }) => ({ actor: { ...actor!, kind: 'service' } }))),
  misbroken('a pass granted by whom the log calls a service', 'break-glass.granted', (story, { at, granter }) => [{ stream: `person:${granter}`, type: 'person.added', ts: at(-2), detail: { person_id: granter, kind: 'service', name: granter } }, ...story]),
  misbroken('a pass granted for longer than an hour', 'break-glass.granted', (story, { at }, w) => retold(story, 'break-glass.granted', (one) => said(one, { expires_at: at(71 + w.random.below(500)) }))),
  misbroken('a pass granted for longer than was asked', 'break-glass.granted', (story, _, w) => retold(story, 'break-glass.asked', (one) => said(one, { minutes: 1 + w.random.below(59) }))),
  misbroken('a pass granted for another plan', 'break-glass.granted', (story) => retold(story, 'break-glass.granted', () => ({ plan_digest: `sha256:${'0'.repeat(64)}` }))),
  misbroken('a pass granted when the time to decide was over', 'break-glass.granted', (story, { at }, w) => retold(story, 'break-glass.asked', (one) => said(one, { open_until: at(4 - w.random.below(30)) }))),
  misbroken('a pass granted without having been asked for', 'break-glass.granted', (story) => without(story, 'break-glass.asked')),
  misbroken('a pass that was asked for twice', 'break-glass.asked', (story) => {
    const asked = story.findIndex(({ type }) => type === 'break-glass.asked')
    return story.toSpliced(asked, 0, story[asked]!)
  }),
  misbroken('a pass granted after it had been refused', 'break-glass.granted', (story) => {
    const granted = story.find(({ type }) => type === 'break-glass.granted')!
    return story.toSpliced(story.indexOf(granted), 0, { ...granted, type: 'break-glass.refused' } as Entry)
  }),
  misbroken('a pass for a T2 plan, granted by who asked for that', 'break-glass.granted', (story, { as, granter }) => retold(retold(story, 'plan.proposed', (one) => said(one, { tier: 'T2' })), 'plan.requested', () => ({ actor: as(granter, 'security') }))),
  misbroken('the lead of an incident who stood in where Security was enough', 'break-glass.granted', (story, { grant, granter, requester }) => [grant(granter, 'security'), grant(requester, 'security'), ...story], 'freeze', true),
  misbroken('somebody who stood in and led nothing', 'break-glass.granted', (story, { as, requester }) => retold(story, 'incident.acknowledged', () => ({ actor: as(requester, 'sre') })), 'freeze', true),
  misbroken('an owner who stood in, given the incident by who asked', 'break-glass.granted', (story, { as, asker, at, voter }) => story.flatMap((one): Entry[] => (one.type === 'incident.acknowledged' ? [{ stream: one.stream, type: 'incident.changed', ts: at(1), actor: as(asker, 'security'), detail: { owner: voter, version: 2 } }] : [one])), 'freeze', true),
  misbroken('who stood in when somebody else had acknowledged it since', 'break-glass.granted', (story, { as, at, requester }) => story.flatMap((one): Entry[] => (one.type === 'incident.acknowledged' ? [one, { ...one, ts: at(2), actor: as(requester, 'sre') }] : [one])), 'freeze', true),
  misbroken('a yes under a freeze by a pass that nobody had granted', 'approval.given', (story) => retold(without(story, 'break-glass.granted'), 'approval.given', () => ({ freeze: { scopes: ['house:everything'], decision: 'passed', pass: 'bgl_1' } }))),
  misbroken('a yes under a freeze by a pass whose time was over', 'approval.given', (story, { at }, w) => retold(story, 'approval.given', () => ({ ts: at(afterwards(w, 70)), freeze: { scopes: ['house:everything'], decision: 'passed', pass: 'bgl_1' } }))),
  misbroken('a run by a pass of which the log has nothing', 'run.started', (story) => without(without(without(story, 'break-glass.asked'), 'break-glass.granted'), 'break-glass.reviewed')),
  misbroken('a run by a pass that nobody had granted', 'run.started', (story) => without(story, 'break-glass.granted')),
  misbroken('a run by a pass that had been refused', 'run.started', (story) => retold(story, 'break-glass.granted', () => ({ type: 'break-glass.refused' }))),
  misbroken('a run by a pass that was for another plan', 'run.started', (story) => story.map((one) => (['break-glass.asked', 'break-glass.granted', 'break-glass.reviewed'].includes(one.type) ? { ...one, stream: 'plan:pln_other' } : one))),
  misbroken('a run by a pass over something else', 'run.started', (story) => retold(story, 'run.started', (one) => said(one, { over: 'approval' }))),
  misbroken('a run by a pass whose time was over', 'run.started', (story, { at }, w) => retold(story, 'run.started', () => ({ ts: at(afterwards(w, 70)) }))),
  misbroken('two runs by one pass', 'run.started', (story) => {
    const used = story.findIndex(({ type }) => type === 'plan.used')
    const more = story.find(({ type }) => type === 'run.started')!
    return story.toSpliced(used, 0, { ...more, stream: 'run:run_more', about: 'run:run_more' } as Entry)
  }),
  misbroken('a use that tells of another pass', 'break-glass.used', (story) => retold(story, 'break-glass.used', (one) => said(one, { break_glass: 'bgl_2' }))),
  misbroken('a use in silence', 'run.started', (story) => without(story, 'break-glass.used')),
  misbroken('a use that was none', 'break-glass.used', (story) => retold(story, 'run.started', (one) => said(one, { break_glass: undefined, over: undefined }))),
  misbroken('a step over a freeze without a pass', 'step.intended', (story) => retold(without(without(story, 'break-glass.used'), 'break-glass.reviewed'), 'run.started', (one) => said(one, { break_glass: undefined, over: undefined }))),
  misbroken('a step over a freeze by a pass over a missing yes', 'step.intended', (story) => retold(story, 'step.intended', () => ({ freeze: { scopes: ['house:everything'], decision: 'passed', pass: 'bgl_1' } })), 'approval'),
  misbroken('a step over a freeze when the time was over', 'step.intended', (story, { at }, w) => retold(story, 'step.intended', () => ({ ts: at(afterwards(w, 70)) }))),
  misbroken('a review by who asked', 'break-glass.reviewed', (story, { as, asker }) => retold(story, 'break-glass.reviewed', () => ({ actor: as(asker, 'security') }))),
  misbroken('a review by who granted', 'break-glass.reviewed', (story, { as, granter }) => retold(story, 'break-glass.reviewed', () => ({ actor: as(granter, 'security') }))),
  misbroken('a review by somebody of another role', 'break-glass.reviewed', (story, { as, voter }) => retold(story, 'break-glass.reviewed', () => ({ actor: as(voter, 'sre') }))),
  misbroken('a review of what no run had used', 'break-glass.reviewed', (story) => story.filter(({ type }) => type !== 'break-glass.used').flatMap((one) => (one.type === 'run.started' ? [{ ...one, ...said(one, { break_glass: undefined, over: undefined }) } as Entry] : one.type === 'step.intended' ? [{ ...one, freeze: { scopes: [], decision: 'allowed' } }] : [one]))),
  misbroken('a second review, that says something else', 'break-glass.reviewed', (story) => [...story, ...retold(story.slice(-1), 'break-glass.reviewed', (one) => said(one, { verdict: 'not-justified' }))]),
  misbroken('a review that never came, and nothing said of it', 'run.started', (story) => without(story, 'break-glass.reviewed')),
  unlifted('a freeze that one person lifted', { voters: ['grace'] }),
  unlifted('a freeze lifted by who asked for it', { voters: ['ada', 'grace'] }),
  unlifted('a freeze lifted by people of another role', { role: 'sre' }),
  unlifted('a freeze lifted although somebody said no', { said: 'freeze.lift-refused' }),
  unlifted('a freeze lifted by yeses for another lift', { over: 'e' }),
  unlifted('a freeze lifted by people who had their role for an hour', { since: -0.04 }),
  unlifted('a freeze lifted with the yes of a service', { kind: 'service' }),
  { by: 'chain', what: 'a target found otherwise than it was left', alone: true, make: (w) => {
    const step = w.anywhere((one, index) => one.type === 'step.intended' && w.entries.some(({ target, type }, i) => i < index && type === 'step.done' && target === one.target))
    return signed(w, w.otherwise(step, { before: { digest: `sha256:${'e'.repeat(64)}` } }), step)
  } },
  { by: 'chain', what: 'an effect that is told otherwise than it was', alone: true, make: (w) => {
    const done = w.anywhere((one, index) => one.type === 'step.done' && w.entries.some(({ target, type }, i) => i > index && type === 'step.intended' && target === one.target))
    const next = w.entries.findIndex(({ target, type }, i) => i > done && type === 'step.intended' && target === w.entries[done]!.target)
    return signed(w, w.otherwise(done, { after: { digest: `sha256:${'e'.repeat(64)}` } }), next)
  } },
  { by: 'disclosures', what: 'a personal value that was exchanged', alone: true, make: (w) => disclosing(w, (one) => [{ ...one, value: `192.0.2.${w.random.below(256)}x` }]) },
  { by: 'disclosures', what: 'a personal value that was held back', alone: true, make: (w) => disclosing(w, () => []) },
  { by: 'lineage', what: 'a successor that one person approved', alone: true, make: (w) => signed(w, w.succeeded({ voters: ['ada'] }), w.entries.length) },
  { by: 'lineage', what: 'a successor approved by who asked for it', alone: true, make: (w) => signed(w, w.succeeded({ asker: w.random.pick(['ada', 'grace']) }), w.entries.length) },
  { by: 'lineage', what: 'a successor approved by people of another role', alone: true, make: (w) => signed(w, w.succeeded({ role: 'sre' }), w.entries.length) },
  { by: 'lineage', what: 'a successor that kept other entries than it says', alone: true, make: (w) => signed(w, w.succeeded({ kept_root: hex(w.random.bytes(32)) }), w.entries.length) },
  { by: 'lineage', what: 'a successor of another log than was known', alone: true, make: (w) => signed(w, w.succeeded({ old_root: hex(w.random.bytes(32)) }), w.entries.length) },
  { by: 'lineage', what: 'a successor that kept more than stands before it', alone: true, make: (w) => signed(w, w.succeeded({ kept: w.entries.length + 1 + w.random.below(50) }), w.entries.length) },
  { by: 'blobs', what: 'an output that no entry names', alone: true, make: (w) => signed(w, w.entries, undefined, { blobs: [blobOf(w.random.bytes(100))] }) },
  { by: 'blobs', what: 'an output that was changed', alone: true, make: async (w) => {
    const { blob, log } = w.withOutput()
    return { options: now, tar: await w.files((f) => f.set(`blobs/${blob.sha256}`, flipped(f.get(`blobs/${blob.sha256}`)!, w.random.below(blob.size))), w.full(log, { blobs: [blob] })) }
  } },
  { by: 'blobs', what: 'an output of another size', make: async (w) => {
    const { blob, log } = w.withOutput()
    return { index: log.length - 1, options: now, tar: await w.files((f) => f.set(`blobs/${blob.sha256}`, w.random.bytes(blob.size + 1)), w.full(log, { blobs: [blob] })) }
  } },
  { by: 'controls', what: 'a control pack that shows something else', alone: true, make: async (w) => {
    const name = w.random.pick(['nist-800-53', 'soc2'])
    const file = `controls/${name}.${w.random.pick(['json', 'html'])}`
    return { options: now, tar: await w.files((f) => f.set(file, flipped(f.get(file)!, w.random.below(f.get(file)!.length))), w.full(w.entries, { controls: w.packs(w.entries, [name]) })) }
  } },
  { by: 'controls', what: 'a control pack made of other entries', alone: true, make: (w) => signed(w, w.entries, undefined, { controls: w.packs(w.entries.slice(0, 1 + w.place(40)), ['soc2']).map(deaf(w)) }) },
  { by: 'report', what: 'a page that tells another story', alone: true, make: (w) => changed(w, (f) => f.set(FILE.report, flipped(f.get(FILE.report)!, w.random.below(f.get(FILE.report)!.length)))) },
  { by: 'report', what: 'a page made of other entries', alone: true, make: (w) => changed(w, (f) => f.set(FILE.report, pageOf(w, w.otherwise(w.place(), { outcome: 'unknown' })))) },
  { by: 'statement', what: 'a statement over another manifest', alone: true, make: async (w) => {
    const own = await unpacked(await w.full(w.entries, { exportKey: TEST_KEYS.exporter }))
    const other = await unpacked(await w.full(w.entries.slice(0, 1 + w.place(2)), { exportKey: TEST_KEYS.exporter }))
    return { options: { ...now, exportKeys: [TEST_KEYS.exporter] }, tar: packed(own.set(FILE.statement, other.get(FILE.statement)!)) }
  } },
  { by: 'statement', what: 'a statement by somebody else', alone: true, make: (w) => signed(w, w.entries, undefined, { exportKey: TEST_KEYS.forger, options: { exportKeys: [TEST_KEYS.exporter] } }) },
] // prettier-ignore

/** Types that no check but those of times and streams asks for. */
const QUIET = new Set(['alert.fired', 'incident.acknowledged', 'delivery.stored', 'session.opened', 'alert.resolved'])

/** Entries behind others of their streams, with the numbers that follow. */
function renumbered(before: readonly EntryBody[], entries: readonly EntryBody[]): EntryBody[] {
  const all = [...before]
  for (const entry of entries)
    all.push({ ...entry, stream_seq: all.filter(({ stream }) => stream === entry.stream).length })
  return all.slice(before.length)
}

const firstRun = (world: World) => world.entries.findIndex(({ type }) => type === 'run.started')

/** The page of this log's checkpoint, over these entries. */
function pageOf(world: World, entries: readonly EntryBody[]): Uint8Array {
  const page = new Page(parseCheckpoint(parseNote(checkpointOf(world.entries)).text), {
    completeness: 'FULL',
    filter: {},
    streams: [],
  })
  for (const [index, entry] of entries.entries()) page.add(entry, index)
  return utf8(page.html())
}

/** Somebody acted from an address, and the bundle discloses it, or something else. */
function disclosing(world: World, told: (one: Disclosure) => Disclosure[]): Promise<Tampered> {
  const one = { entry_id: fresh(world, 7), path: '/actor/ip', salt: world.random.bytes(32), value: '192.0.2.1' }
  const actor = { kind: 'person' as const, id: 'ada', ip: commitment(one) }
  const log = world.with({ stream: 'session:s', type: 'session.opened', entry_id: one.entry_id, actor })
  const lines = told(one).map(encodeDisclosure)
  const disclosures = async function* () {
    yield* lines
  }
  return signed(world, log, log.length - 1, { disclosures })
}

/** A pack that leaves out some of what it is shown. */
const deaf =
  ({ random }: World) =>
  (pack: ReturnType<World['packs']>[number]) => {
    const from = random.below(40)
    return { name: pack.name, add: (entry: EntryBody, index: number) => (index >= from && index < from + 60 ? undefined : pack.add(entry, index)), files: () => pack.files() }
  } // prettier-ignore

const linesOf = (files: ReadonlyMap<string, Uint8Array>): Uint8Array[] =>
  text(files.get(FILE.entries)!)
    .split('\n')
    .slice(0, -1)
    .map((line) => utf8(line))

/** Signed over lines of which one is none: the exporter would not write it. */
async function forged(world: World, bodies: readonly Uint8Array[]): Promise<Uint8Array> {
  const files = await unpacked(await world.full())
  for (const name of [...files.keys()].filter((one) => one.startsWith('tile/0/'))) {
    const first = Number(/\d{3}/.exec(name)![0]) * 256
    files.set(name, concat(...bodies.slice(first, first + 256).map(leafHash)))
  }
  files.set(FILE.entries, ndjson(bodies)).set(FILE.checkpoint, utf8(testCheckpoint(bodies, { seconds: 3600 })))
  return packed(withManifest(files))
}
