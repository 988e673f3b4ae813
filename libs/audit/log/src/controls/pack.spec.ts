import { beforeAll, describe, expect, test } from 'vitest'
import { text as decoded } from '../bytes.js'
import { encodeEntry, type EntryBody } from '../entry.js'
import { parseCanonical } from '../json.js'
import { seeded, testEntries, testUuid } from '../testing/index.js'
import type { PackScope } from './evidence.js'
import { controlPacks, packFiles, PackMaker } from './pack.js'

const DIGEST = `sha256:${'ab'.repeat(32)}`
const START = Date.UTC(2026, 10, 23, 10)
const scope: PackScope = {
  origin: 'log.example/firebreak',
  size: 100,
  root: 'cd'.repeat(32),
  completeness: 'FULL',
  filter: {},
}

type Line = Partial<Omit<EntryBody, 'detail' | 'type'>> & { type: string; detail?: object; minute?: number }

/** A log, one entry a minute unless it says when; what a test does not care about is filled in. */
function logOf(...told: Line[]): EntryBody[] {
  const random = seeded(3)
  const next = new Map<string, number>()
  return told.map(({ minute, ...line }, i) => {
    const at = START + (minute ?? i) * 60_000
    const stream = line.stream ?? 'log'
    const stream_seq = next.get(stream) ?? 0
    next.set(stream, stream_seq + 1)
    const entry = {
      v: 1,
      entry_id: testUuid(random, at),
      stream,
      stream_seq,
      ts: new Date(at).toISOString(),
      about: stream === 'log' ? 'log:log.example/firebreak' : stream,
      actor: { kind: 'process', id: 'api' },
      ...line,
    } as EntryBody
    encodeEntry(entry)
    return entry
  })
}

interface Told {
  scope: { entries: number; first: string; last: string }
  controls: {
    id: string
    count: number
    first: string
    last: string
    sample: { index: number }[]
    query: { says: string }
    exceptions: { says: string; looked: boolean; count: number; shown: { index: number; sentence: string }[] }[]
    beside: string | null
  }[]
}

function made(pack: string, entries: readonly EntryBody[], more: Partial<PackScope> = {}) {
  const maker = new PackMaker(controlPacks.get(pack)!, { ...scope, size: entries.length, ...more })
  for (const [index, entry] of entries.entries()) maker.add(entry, index)
  const { html, json } = maker.files()
  const told = parseCanonical(json) as unknown as Told
  return {
    html: decoded(html),
    json: decoded(json),
    told,
    control: (id: string) => told.controls.find((one) => one.id === id)!,
  }
}

/** What a pack finds odd under one control: index and sentence. */
const oddities = (pack: string, id: string, entries: readonly EntryBody[], more: Partial<PackScope> = {}) =>
  made(pack, entries, more)
    .control(id)
    .exceptions.flatMap(({ shown }) => shown)
    .map(({ index, sentence }) => `${index}: ${sentence}`)

const person = (id: string) => ({ kind: 'person' as const, id, auth: 'session', roles: ['sre'] })
const asked = (id: string, by: string): Line => ({
  type: 'plan.requested',
  stream: `plan:${id}`,
  about: `request:${id}`,
  actor: person(by),
})
const proposed = (id: string, tier: string, quorum: number): Line => ({
  type: 'plan.proposed',
  stream: `plan:${id}`,
  plan_digest: DIGEST,
  detail: { tier, quorum },
})
const yes = (id: string, by: string, over = DIGEST): Line => ({
  type: 'approval.given',
  stream: `plan:${id}`,
  about: `approval:${id}-${by}`,
  actor: person(by),
  plan_digest: over,
  detail: { plan: id, decision: 'yes' },
})
const started = (id: string, by: string[], over = DIGEST): Line => ({
  type: 'run.started',
  stream: `run:r-${id}`,
  plan_digest: over,
  approvals: by.map((who) => ({ id: `${id}-${who}`, by: who, over })),
  detail: { plan: id },
})
const used = (id: string): Line => ({ type: 'plan.used', stream: `plan:${id}` })

describe('runs without the approvals that their plan asked for', () => {
  const story = (...lines: Line[]) => oddities('soc2', 'CC8.1', logOf(...lines))

  test('a run that two people approved is no exception', () => {
    expect(
      story(
        asked('p', 'ada'),
        proposed('p', 'T3', 2),
        yes('p', 'grace'),
        yes('p', 'linus'),
        started('p', ['grace', 'linus']),
        used('p'),
      ),
    ).toEqual([])
  })
  test('one voice of two', () => {
    expect(story(asked('p', 'ada'), proposed('p', 'T3', 2), yes('p', 'grace'), started('p', ['grace']))).toEqual([
      '3: run:r-p started with 1 of 2 approvals for plan p.',
    ])
  })
  test('a plan that asks for less than its tier does', () => {
    expect(story(asked('p', 'ada'), proposed('p', 'T3', 0), yes('p', 'grace'), started('p', ['grace']))).toEqual([
      '3: run:r-p started with 1 of 2 approvals for plan p.',
    ])
  })
  test('the voice of whoever asked does not count on T2, and is an exception of its own', () => {
    expect(story(asked('p', 'ada'), proposed('p', 'T2', 1), yes('p', 'ada'), started('p', ['ada']))).toEqual([
      '3: run:r-p started with 0 of 1 approvals for plan p.',
      '2: ada approved the T2 plan p, which they had asked for.',
    ])
  })
  test('it counts on T1', () => {
    expect(story(asked('p', 'ada'), proposed('p', 'T1', 1), yes('p', 'ada'), started('p', ['ada']))).toEqual([])
  })
  test('a voice for another digest, and one of a service', () => {
    const other = `sha256:${'99'.repeat(32)}`
    const robot = { ...yes('p', 'robot'), actor: { kind: 'service' as const, id: 'robot', auth: 'api-key' } }
    expect(
      story(asked('p', 'ada'), proposed('p', 'T1', 1), yes('p', 'grace', other), robot, started('p', ['grace']))[0],
    ).toBe('4: run:r-p started with 0 of 1 approvals for plan p.')
  })
  test('nobody proposed the plan; it was used already; another digest was carried out; somebody had said no', () => {
    const no: Line = {
      ...yes('q', 'eve'),
      type: 'approval.refused',
      about: 'approval:q-eve',
      detail: { plan: 'q', decision: 'no' },
    }
    const story = logOf(
      started('nowhere', []),
      ...[asked('p', 'ada'), proposed('p', 'T1', 1), yes('p', 'grace'), started('p', ['grace']), used('p')],
      { ...started('p', ['grace']), stream: 'run:again' },
      ...[asked('q', 'ada'), proposed('q', 'T1', 1), yes('q', 'grace'), no],
      started('q', ['grace'], `sha256:${'99'.repeat(32)}`),
    )
    expect(oddities('nist-800-53', 'CM-3(1)', story)).toEqual([
      '0: run:r-nowhere started, and no plan nowhere was proposed and open.',
      '6: run:again started, and no plan p was proposed and open.',
      '11: run:r-q carried out another digest than plan q has.',
      '11: run:r-q started although somebody had said no to plan q.',
    ])
  })
  test('an approval that is named and never was given', () => {
    expect(
      story(asked('p', 'ada'), proposed('p', 'T1', 1), yes('p', 'grace'), started('p', ['grace', 'mallory'])),
    ).toEqual(['3: run:r-p names the approval p-mallory by mallory, of which no entry tells.'])
  })
})

describe('other exceptions', () => {
  const beat = (minute: number): Line => ({ type: 'log.heartbeat', minute })

  test('a silence, though a heartbeat is due every minute', () => {
    expect(oddities('nist-800-53', 'AU-12', logOf(beat(0), beat(1), beat(200), beat(201)))).toEqual([
      '2: The log holds nothing for 3 h 19 min before this entry.',
    ])
  })
  test('a clock that was turned back', () => {
    expect(oddities('nist-800-53', 'AU-8', logOf(beat(0), beat(20), beat(16), beat(14), beat(21)))).toEqual([
      '3: This entry says 2026-11-23T10:14:00.000Z; entry 1, which stands before it, says 2026-11-23T10:20:00.000Z.',
    ])
  })
  test('refused: who was not signed in under one control, whose role does not allow it under another', () => {
    const refused = (status: number, code: string): Line => ({
      type: 'access.refused',
      outcome: 'refused',
      detail: { status, code, method: 'get', route: '/v1/audit/entries', count: 3 },
    })
    const log = logOf(refused(401, 'not-signed-in'), refused(403, 'not-your-role'))
    expect(oddities('nist-800-53', 'AC-7', log)).toEqual([
      '0: api was refused 3 times: GET /v1/audit/entries not-signed-in.',
    ])
    expect(oddities('nist-800-53', 'AC-6(9)', log)).toEqual([
      '1: api was refused 3 times: GET /v1/audit/entries not-your-role.',
    ])
  })
  test('a severe incident that nobody took; one that somebody did is none', () => {
    const of = (id: string, type: string, more: object = {}): Line => ({ type, stream: `incident:${id}`, ...more })
    const opened = (id: string, severity: string) => of(id, 'incident.opened', { detail: { severity } })
    const log = logOf(
      ...['a', 'b', 'c'].map((id) => opened(id, 'SEV1')),
      opened('d', 'SEV4'),
      of('a', 'incident.acknowledged', { actor: person('ada') }),
      of('b', 'incident.resolved'),
    )
    expect(oddities('soc2', 'CC7.3', log)).toEqual([
      '1: incident:b (SEV1) ended by itself before anybody had acknowledged it.',
      '2: incident:c (SEV1) is open, and nobody has acknowledged it.',
    ])
  })
  test('a target that was found other than it had been left', () => {
    const found: Line = { type: 'target.moved', stream: 'run:r', target: 'deployment:prod/api', detail: { run: 'r' } }
    expect(oddities('soc2', 'CC8.1', logOf(found))).toEqual([
      '0: deployment:prod/api was not as Firebreak had left it: somebody or something else changed it.',
    ])
  })
  test('a successor of the log that fewer than two had approved', () => {
    const by = (...who: string[]) => who.map((id) => ({ id: `v-${id}`, by: id, over: DIGEST }))
    const succeeded: Line = { type: 'log.succeeded', detail: { old_origin: 'old.example/log' } }
    const log = logOf({ ...succeeded, approvals: by('ada', 'grace') }, { ...succeeded, approvals: by('ada', 'ada') })
    expect(oddities('nist-800-53', 'AU-9(5)', log)).toEqual([
      '1: log.succeeded does not name two people who approved it.',
    ])
  })
  test('a role that somebody gave to themselves', () => {
    const granted: Line = {
      type: 'role.granted',
      stream: 'person:eve',
      actor: person('eve'),
      detail: { person_id: 'eve', role: 'security' },
    }
    expect(oddities('soc2', 'CC6.2', logOf(granted))).toEqual(['0: eve gave themselves the role security.'])
  })
  test('a failed export, and one that says nothing of why', () => {
    const failed = (because: string): Line => ({ type: 'export.failed', stream: 'export:e', detail: { because } })
    expect(oddities('nist-800-53', 'AU-7', logOf(failed('The disk is full.')))).toEqual([
      '0: The export e failed: The disk is full.',
    ])
    expect(oddities('nist-800-53', 'AU-3', logOf(failed('')))).toEqual([
      '0: export.failed of export:e says nothing of why.',
    ])
  })
})

describe('a part of the log', () => {
  test('is not searched for what another part could explain', () => {
    const log = logOf(started('p', []))
    const { control, html } = made('soc2', log, {
      completeness: 'SELECTED',
      filter: { time: { from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' } },
    })
    expect(control('CC8.1').exceptions[0]).toMatchObject({ looked: false, count: 0, shown: [] })
    expect(html).toContain('Not looked for in a part of the log: runs that started without the approvals')
    expect(html).toContain('nothing is said of those that were not selected')
    expect(html).toContain('time: from 2026-11-01T00:00:00.000Z to 2026-12-01T00:00:00.000Z')
  })
})

describe('a pack', () => {
  const log = testEntries(1000)
  let pack: ReturnType<typeof made>
  beforeAll(() => (pack = made('nist-800-53', log)))

  test('counts, dates and samples what it looked for, and says it as a query', () => {
    const steps = log.filter(({ type }) => type === 'step.done')
    const { count, first, last, query, sample } = made('soc2', log).control('CC7.4')
    expect({ count, first, last }).toEqual({ count: steps.length, first: steps[0]!.ts, last: steps.at(-1)!.ts })
    expect(query.says).toMatch(
      /^entries of type plan.proposed, approval.given, .*, freeze.declared, .*, freeze.lifted, stop.pressed, .* or break-glass.overdue$/,
    )
    expect(sample.length).toBeGreaterThanOrEqual(6)
    expect(sample.length).toBeLessThanOrEqual(10)
    expect(sample.every(({ index }) => log[index]!.type === 'step.done')).toBe(true)
    // Evenly: the last of them is in the last quarter.
    expect(sample.at(-1)!.index).toBeGreaterThan(750)
  })
  test('is the same to the byte whenever it is made', () => {
    const again = made('nist-800-53', log)
    expect([again.html, again.json]).toEqual([pack.html, pack.json])
  })
  test('changes with any entry that a control looks at', () => {
    const other = made('nist-800-53', log.slice(0, -1))
    expect(other.json).not.toBe(pack.json)
    expect(other.html).not.toBe(pack.html)
  })
  test('writes out 25 exceptions of a kind and counts the rest', () => {
    const failed: Line = { type: 'export.failed', stream: 'export:e', detail: { because: 'x' } }
    const { control, html } = made('nist-800-53', logOf(...Array.from({ length: 130 }, () => failed)))
    expect(control('AU-7').exceptions[0]).toMatchObject({ count: 130 })
    expect(control('AU-7').exceptions[0]!.shown).toHaveLength(25)
    expect(html).toContain('105 more of this kind; the first 25 are shown')
  })
  test.each([...controlPacks.keys()])(
    '%s says of each control where it comes to an end, and never that one is met',
    (name) => {
      const { html, json, told } = made(name, log)
      expect(`${html}${json}`).not.toMatch(/complian|satisf|fulfil|\bpass(es|ed)? the\b/i)
      expect(new Set(told.controls.map(({ id }) => id)).size).toBe(told.controls.length)
      expect(told.controls.filter(({ beside }) => beside === null).length).toBeLessThan(told.controls.length / 3)
      expect(packFiles(name)).toEqual({ json: `controls/${name}.json`, html: `controls/${name}.html` })
    },
  )
  test('shows what people wrote as text, whatever they wrote', () => {
    const evil = '"><img src=x onerror=alert(1)></td><script>alert(1)</script>\u202e'
    const lines: Line[] = [
      {
        type: 'export.failed',
        stream: 'export:<img/src=x>',
        about: 'export:<b>"&\'',
        actor: { kind: 'person', id: '<script>x</script>' },
        detail: { because: evil },
      },
    ]
    const { html } = made('nist-800-53', logOf(...lines), {
      origin: '</title><script>',
      completeness: 'SELECTED',
      filter: { actor: evil },
    })
    expect(html).not.toMatch(/<script|<img|onerror=alert\(1\)>|\u202e/)
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;[U+202E]')
    expect(html).toContain(`default-src 'none'; style-src 'unsafe-inline'`)
  })
  test('of an empty log is a pack too', () => {
    const { html, told } = made('soc2', [])
    expect(told.scope).toMatchObject({ entries: 0, first: '', last: '' })
    expect(html).toContain('nothing in the log bears witness')
  })
})
