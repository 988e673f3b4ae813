import { describe, expect, test } from 'vitest'
import { processActor, type Actor } from './actor.js'
import type { ExportOrder } from './export-kinds.js'
import { ExportMaker, ExportRequests, Exports, LogLook, type ExportProgress, type ExportWork } from './exports.js'
import { Refused } from './refused.js'
import { noLimits } from './limits.js'
import { Scopes } from './scopes.js'
import { Tenures } from './tenure.js'
import { FakeLedger } from './testing/fake-ledger.js'
import type { World } from './world.js'

const audrey: Actor = { kind: 'person', id: 'audrey', auth: 'session', roles: ['auditor'] }
const everything: ExportOrder = { kind: 'evidence-bundle', filter: {}, controls: [], disclose: false }

/** A log that is covered when the test says so, and a maker that does what the test says. */
class Maker extends ExportMaker {
  override readonly exporter = undefined
  covers: (look: number, anyway: boolean) => number | undefined = () => 40
  writes: (work: ExportWork, report: (progress: ExportProgress) => Promise<void>) => Promise<void> = async () =>
    undefined
  looks = 0
  readonly works: ExportWork[] = []

  override async checkpoint(_: string, anyway: boolean) {
    return this.covers(++this.looks, anyway)
  }
  override async make(work: ExportWork, report: (progress: ExportProgress) => Promise<void>) {
    this.works.push(work)
    await this.writes(work, report)
    return { entries: 40, size: 9000, sha256: 'a'.repeat(64), manifest: `sha256:${'b'.repeat(64)}` }
  }
}

function house(finds: boolean | undefined = true) {
  const ledger = new FakeLedger()
  const clock = { ms: Date.UTC(2026, 10, 23) }
  let ids = 0
  const world: World = {
    ledger,
    now: () => new Date(clock.ms),
    newId: (prefix) => `${prefix}_${++ids}`,
    scopes: new Scopes([], []),
    limits: noLimits,
  }
  class Look extends LogLook {
    override async finds() {
      return finds
    }
  }
  const rings: string[] = []
  const requests = new ExportRequests(world, { ring: async (_, id) => void rings.push(id) }, new Look())
  const maker = new Maker()
  const worker = (name: string) => {
    const timers = { sleep: async (ms: number) => void (clock.ms += ms), every: () => () => undefined }
    return new Exports(world, maker, new Tenures(world, name, { seconds: 60 }), timers, processActor(name))
  }
  return {
    ...{ ledger, clock, world, requests, rings, maker, worker },
    row: (id: string) => ledger.read((books) => books.exports.get(id)),
    told: (type: string) => ledger.log.filter((one) => one.type === type),
  }
}

/** A plan of an incident, and the run of it, with as many entries. */
async function story({ ledger, world }: ReturnType<typeof house>): Promise<void> {
  const at = world.now().toISOString()
  const streams = ['incident:inc_1', 'plan:plan_1', 'run:run_1', 'plan:plan_2']
  await ledger.write(async (books) => {
    await books.lock({ stream: streams })
    await books.plans.add({ id: 'plan_1', state: 'proposed', recipe_id: 'r', recipe_version: 1, recipe_digest: '', incident_id: 'inc_1', requested_by: 'hannah', body: null, digest: null, tier: 'T0', quorum: 0, because: null, made_at: at, expires_at: at }) // prettier-ignore
    await books.runs.add({ id: 'run_1', plan_id: 'plan_1', plan_digest: '', incident_id: 'inc_1', recipe_id: 'r', state: 'running', started_at: at, verifying_at: null, ended_at: null, because: null, standing: null, goes_on_at: null, answered: null, scopes: null, frozen_by: null }) // prettier-ignore
    const say = (stream: string, type: string) =>
      books.audit.append({
        stream,
        type,
        about: stream,
        actor: { kind: 'process', id: 'x', auth: 'process', roles: [] },
      })
    say('incident:inc_1', 'incident.opened')
    say('plan:plan_1', 'plan.requested')
    say('plan:plan_1', 'plan.proposed')
    say('run:run_1', 'run.started')
  })
}

describe('asking', () => {
  const refusal = async (order: ExportOrder, finds?: boolean) => {
    const { ledger, requests } = house(finds)
    const error: unknown = await requests.ask(audrey, order, '').catch((caught: unknown) => caught)
    expect(ledger.log).toEqual([])
    return error instanceof Refused ? { code: error.code, at: error.faults.map(({ pointer }) => pointer) } : error
  }

  test('is an entry that says what for', async () => {
    const { requests, rings, told } = house()
    const { id } = await requests.ask(audrey, { ...everything, kind: 'csv', filter: { actor: 'ada' } }, 'who was it')
    expect(told('export.requested')).toMatchObject([
      { reason: 'who was it', detail: { kind: 'csv', completeness: 'selected', filter: '{"actor":"ada"}' } },
    ])
    expect(rings).toEqual([id])
  })

  test('for what is not there is refused', async () =>
    expect(await refusal({ ...everything, filter: { actor: 'nobody' } }, false)).toEqual({
      code: 'empty-selection',
      at: [],
    }))

  test('for what does not go together is refused, with the place', async () => {
    expect(await refusal({ ...everything, kind: 'tiles', filter: { actor: 'ada' } })).toMatchObject({ code: 'malformed', at: ['/filter'] }) // prettier-ignore
    expect(await refusal({ ...everything, kind: 'csv', disclose: true, controls: ['soc2'] })).toMatchObject({ at: ['/controls', '/disclose'] }) // prettier-ignore
    expect(await refusal({ ...everything, controls: ['iso-27001'] })).toMatchObject({ code: 'malformed', at: ['/controls'] }) // prettier-ignore
    expect(await refusal({ ...everything, filter: { positions: { from: 5, to: 5 } } })).toMatchObject({ at: ['/filter/positions'] }) // prettier-ignore
    expect(await refusal({ ...everything, filter: { types: ['nonsense' as never] } })).toMatchObject({ at: ['/filter/types/0'] }) // prettier-ignore
  })
})

describe('making', () => {
  const asked = async (order: ExportOrder) => {
    const stage = house()
    await story(stage)
    const { id } = await stage.requests.ask(audrey, order, '')
    return { ...stage, id }
  }

  test('begins and ends with an entry, and the last names what came of it', async () => {
    const { id, maker, row, told, worker } = await asked(everything)
    expect(await worker('w1').make(id)).toBe('ready')
    expect(told('export.running')).toMatchObject([{ detail: { kind: 'evidence-bundle', completeness: 'full' } }])
    expect(told('export.ready')).toMatchObject([
      { detail: { entries: 40, size: 9000, checkpoint_size: 40, manifest: `sha256:${'b'.repeat(64)}` } },
    ])
    expect(await row(id)).toMatchObject({ state: 'ready', checkpoint_size: 40, entries: 40 })
    expect(maker.works).toMatchObject([{ checkpoint_size: 40, reached: undefined }])
    expect(await worker('w1').make(id)).toBe('ready')
    expect(maker.works).toHaveLength(1)
  })

  test.each([
    [{ incident: 'inc_1' }, { 'incident:inc_1': 1, 'plan:plan_1': 2, 'run:run_1': 1 }],
    [{ plan: 'plan_1' }, { 'plan:plan_1': 2, 'run:run_1': 1 }],
    [{ run: 'run_1' }, { 'plan:plan_1': 2, 'run:run_1': 1 }],
    [{ streams: ['plan:plan_1', 'plan:never'] }, { 'plan:plan_1': 2 }],
  ])('of whole streams counts them, with those that belong to them: %o', async (filter, counts) => {
    const { id, told, worker } = await asked({ ...everything, filter })
    await worker('w1').make(id)
    const streams = Object.entries(counts).map(([stream, count]) => ({ stream, count }))
    expect(told('export.running')).toMatchObject([{ detail: { completeness: 'stream', streams } }])
  })

  test('waits for the checkpoint that covers its beginning', async () => {
    const { id, maker, row, worker } = await asked({ ...everything, filter: { run: 'run_1' } })
    maker.covers = (look) => (look < 4 ? undefined : 41)
    expect(await worker('w1').make(id)).toBe('ready')
    expect(await row(id)).toMatchObject({ checkpoint_size: 41 })
  })

  test('where none comes: whole streams fail and say why, the rest ends with the newest', async () => {
    const streams = await asked({ ...everything, filter: { run: 'run_1' } })
    streams.maker.covers = (_, anyway) => (anyway ? 30 : undefined)
    expect(await streams.worker('w1').make(streams.id)).toBe('failed')
    expect((await streams.row(streams.id))?.because).toContain('sequencer')
    const whole = await asked(everything)
    whole.maker.covers = (_, anyway) => (anyway ? 30 : undefined)
    expect(await whole.worker('w1').make(whole.id)).toBe('ready')
    expect(await whole.row(whole.id)).toMatchObject({ checkpoint_size: 30 })
  })

  test('a worker that takes over ends with the same checkpoint, and is told where the other was', async () => {
    const { clock, id, ledger, maker, row, told, worker } = await asked({ ...everything, kind: 'ndjson' })
    let died: (() => void) | undefined
    const dead = new Promise<void>((resolve) => (died = resolve))
    maker.writes = async (_, report) => {
      await report({ entries: 7, position: 9, total: 40, size: 700 })
      died!()
      await new Promise(() => undefined)
    }
    void worker('w1').make(id)
    await dead
    const entries = ledger.log.length
    expect(await row(id)).toMatchObject({ state: 'running', entries: 7, position: 9, total: 40, size: 700 })
    expect(await worker('w2').make(id)).toBe('elsewhere')
    clock.ms += 61_000
    maker.covers = () => 99
    maker.writes = async () => undefined
    expect(await worker('w2').make(id)).toBe('ready')
    expect(maker.works[1]).toMatchObject({
      fence: maker.works[0]!.fence + 1,
      checkpoint_size: 40,
      reached: { entries: 7, position: 9, total: 40, size: 700 },
    })
    expect(told('export.running')).toHaveLength(1)
    expect(ledger.log).toHaveLength(entries + 1)
  })

  test('a worker that was taken for dead stops at its next word, and ends nothing', async () => {
    const { clock, id, maker, row, told, worker } = await asked(everything)
    maker.writes = async (work, report) => {
      if (work.fence > 1) return
      clock.ms += 61_000
      expect(await worker('w2').make(id)).toBe('ready')
      await report({ entries: 1, position: 1, total: 1, size: 1 })
    }
    expect(await worker('w1').make(id)).toBe('elsewhere')
    expect(told('export.ready')).toHaveLength(1)
    expect(await row(id)).toMatchObject({ state: 'ready', entries: 40 })
  })

  test('what cannot be written fails with its reason', async () => {
    const { id, maker, row, told, worker } = await asked(everything)
    maker.writes = async () => Promise.reject(new Error('the disk is full'))
    expect(await worker('w1').make(id)).toBe('failed')
    expect(told('export.failed')).toMatchObject([{ outcome: 'failed', detail: { because: 'the disk is full' } }])
    expect(await row(id)).toMatchObject({ state: 'failed', because: 'the disk is full' })
  })
})
