import { describe, expect, test } from 'vitest'
import { TEST_START, told, watched, type Told } from '../testing/index.js'
import { breakGlass } from './break-glass.js'

const digest = `sha256:${'a1'.repeat(32)}`
const at = (minutes: number) => new Date(TEST_START + minutes * 60_000).toISOString()
const DAY = 24 * 60

const security = (id: string): Told => ({
  stream: `person:${id}`,
  type: 'role.granted',
  detail: { person_id: id, role: 'security', since: at(-2 * DAY) },
})
const as = (id: string, role = 'security') => ({ kind: 'person' as const, id, auth: 'session', roles: [role] })
const of = { break_glass: 'bgl_1', plan: 'p1', incident: '', over: 'freeze' as const, freeze: 'frz_1' }
const ofPlan = { stream: 'plan:p1', plan_digest: digest }
const ofRun = { stream: 'run:r1', plan_digest: digest }

const cast = ['theo', 'ines', 'viktor'].map(security)
const proposed: Told = { ...ofPlan, type: 'plan.proposed', ts: at(1), detail: { tier: 'T1', quorum: 1 } }
const asked: Told = {
  ...{ ...ofPlan, type: 'break-glass.asked', ts: at(5), actor: as('theo') },
  detail: { ...of, minutes: 60, open_until: at(65) },
}
const decided = (type: 'break-glass.granted' | 'break-glass.refused'): Told => ({
  ...{ ...ofPlan, type, ts: at(10), actor: as('ines') },
  detail: { ...of, voice: 'security', ...(type === 'break-glass.granted' ? { expires_at: at(70) } : {}) },
})
const started: Told = {
  ...{ ...ofRun, type: 'run.started', ts: at(12) },
  detail: { plan: 'p1', break_glass: 'bgl_1', over: 'freeze' },
}
const used: Told = { ...ofPlan, type: 'break-glass.used', ts: at(12), detail: { ...of, run: 'r1' } }
const step = (minutes: number): Told => ({
  ...{ ...ofRun, type: 'step.intended', ts: at(minutes) },
  freeze: { scopes: ['service:api'], decision: 'passed', pass: 'bgl_1' },
})
const reviewed: Told = {
  ...{ ...ofPlan, type: 'break-glass.reviewed', ts: at(600), actor: as('viktor') },
  detail: { ...of, run: 'r1', verdict: 'justified' },
}
const overdue: Told = { ...ofPlan, type: 'break-glass.overdue', ts: at(12 + DAY), detail: { ...of, run: 'r1' } }
const heartbeat = (minutes: number): Told => ({
  stream: 'log',
  about: 'log:x',
  type: 'log.heartbeat',
  ts: at(minutes),
  detail: { size: 1 },
})

const story = [proposed, asked, decided('break-glass.granted'), started, used, step(13)]
const look = (...all: Told[]) => watched(breakGlass, told([...cast, ...all]))

test('a pass that two agreed on and a third reviewed is right', async () => {
  expect(await look(...story, reviewed)).toEqual({ state: 'passed', found: '1 pass used' })
})

test('one that nobody used, or that was refused, is nothing to find', async () => {
  expect(await look(asked, decided('break-glass.refused'))).toEqual({ state: 'passed', found: '0 passes used' })
  expect(await look(asked)).toMatchObject({ state: 'passed' })
})

describe('a review that is not there', () => {
  test('is said by name while there is time for it, or when the log says that it is overdue', async () => {
    expect(await look(...story, heartbeat(DAY))).toEqual({ state: 'passed', found: '1 pass used; not reviewed: bgl_1' })
    expect(await look(...story, overdue, heartbeat(9 * DAY))).toEqual({
      state: 'passed',
      found: '1 pass used; not reviewed: bgl_1, of which 1 overdue',
    })
  })

  test('is a fault when a log that goes on says nothing of it', async () => {
    expect(await look(...story, heartbeat(12 + 2 * DAY))).toMatchObject({ state: 'passed' })
    expect(await look(...story, heartbeat(13 + 2 * DAY))).toMatchObject({
      state: 'failed',
      sentence: expect.stringContaining('not even that it is overdue') as string,
      index: cast.length + 3,
    })
  })
})

test('clocks of two processes may differ a little', async () => {
  expect(await look(...story, step(74), reviewed)).toMatchObject({ state: 'passed' })
  expect(await look(...story, step(76), reviewed)).toMatchObject({ state: 'failed' })
})

describe('where not every stream is here', () => {
  const only = (streams: string[], ...all: Told[]) => {
    const kept = all.filter(({ stream }) => streams.includes(stream))
    const manifest = {
      completeness: 'STREAM' as const,
      streams: streams.map((stream) => ({ stream, count: kept.filter((one) => one.stream === stream).length })),
    }
    return watched(breakGlass, told(kept), {}, { manifest })
  }

  test('nothing is held against what is missing', async () => {
    expect(await only(['plan:p1'], ...story, reviewed)).toMatchObject({ state: 'passed' })
    expect(await only(['run:r1'], ...story, reviewed)).toEqual({ state: 'passed', found: '0 passes used' })
    expect(await only(['plan:p1', 'run:r1'], ...story, reviewed)).toEqual({ state: 'passed', found: '1 pass used' })
  })

  test('and what is there is', async () => {
    const own = { ...decided('break-glass.granted'), actor: as('theo') }
    expect(await only(['plan:p1'], proposed, asked, own)).toMatchObject({ state: 'failed' })
  })

  test('of a selection nothing is said', async () => {
    const selected = await watched(breakGlass, told(story), {}, { manifest: { completeness: 'SELECTED' } })
    expect(selected).toMatchObject({ state: 'not made' })
  })
})
