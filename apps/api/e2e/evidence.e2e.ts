import { afterAll, beforeAll, expect, test } from 'vitest'
import { at, refused, slowApi, Stage, told } from './stage.js'

let stage: Stage
let worker: Awaited<ReturnType<Stage['worker']>>
let incident: string

beforeAll(async () => {
  stage = await Stage.set()
  worker = await stage.worker()
  await stage.alert(slowApi()).expect(202)
  incident = (await told(stage.by('hannah').GET('/v1/incidents'))).items[0]!.id
})
afterAll(() => stage.strike())

const evidenceOf = (id: string) => stage.by('audrey').GET('/v1/incidents/{id}/evidence', at({ id }))

test('evidence that was captured for an incident is named by it, as the log and the list of outputs name it', async () => {
  expect((await told(evidenceOf(incident))).items).toEqual([])
  worker.cluster.say('prod/api-0', 'request_id=req-1 password=hunter22')
  const body = { recipe: 'capture-evidence', params: {}, incident, reason: 'before the pods are made anew' }
  const { id } = await told(stage.by('hannah').POST('/v1/plans', { body }), 202)
  await worker.planner.make(id)
  const { digest } = await told(stage.by('hannah').GET('/v1/plans/{id}', at({ id })))
  const yes = { digest: digest!, decision: 'yes' as const, note: '' }
  await told(stage.by('hannah').POST('/v1/plans/{id}/approvals', { ...at({ id }), body: yes }))
  expect(await worker.runner.carryOut(id)).toBe('succeeded')

  const { items } = await told(evidenceOf(incident))
  expect(items).toMatchObject([{ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string, media_type: 'application/x-ndjson' }]) // prettier-ignore
  expect(items[0]!.contents).toMatch(/\d log lines, .*1 request ids/)
  const timeline = await told(stage.by('audrey').GET('/v1/incidents/{id}/timeline', at({ id: incident })))
  const told_of = timeline.items.filter(({ says }) =>
    says.includes(`sha256:${items[0]!.sha256} (${items[0]!.size} bytes)`),
  )
  expect(told_of.map(({ type }) => type)).toEqual(expect.arrayContaining(['run.succeeded', 'note.added']))
  expect(JSON.stringify([items, timeline])).not.toContain('hunter22')
})

test('an incident that there is not has none', async () => {
  await refused(evidenceOf('inc_nobody'), 404)
})
