import { aPng } from '@firebreak/kit/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '../src/http/view.js'
import { at, read, refused, Stage, told } from './stage.js'

let stage: Stage
let worker: Awaited<ReturnType<Stage['worker']>>
beforeAll(async () => {
  stage = await Stage.set()
  worker = await stage.worker()
})
afterAll(() => stage.strike())

const by = (person: string) => stage.by(person)
const planOf = (id: string) => told(by('hannah').GET('/v1/plans/{id}', at({ id })))
const runOf = (id: string) => told(by('hannah').GET('/v1/runs/{id}', at({ id })))
const takeBack = (person: string, reverts: string) =>
  by(person).POST('/v1/plans', { body: { reverts, reason: 'it can be read after all' } })

const decide = async (person: string, id: string) =>
  by(person).POST('/v1/plans/{id}/approvals', {
    ...at({ id }),
    body: { digest: (await planOf(id)).digest!, decision: 'yes' },
  })

/** The run of a plan by this recipe: hannah asks for it, sam approves it. */
async function ran(recipe: string, labels: Record<string, string>): Promise<string> {
  const { id } = await told(
    by('hannah').POST('/v1/plans', { body: { recipe, reason: 'as the page says', labels } }),
    202,
  )
  await worker.planner.make(id)
  await told(decide('sam', id))
  expect(await worker.runner.carryOut(id)).toBe('succeeded')
  return (await planOf(id)).run!
}

test('a run that is over is taken back by a plan of its own: asked for by one, approved by another, and told on both', async () => {
  const key = 'incoming/torn.png'
  worker.objects.place('documents', key, aPng('whole').subarray(0, 10))
  worker.metrics.follow('ocr_error_rate_percent{engine="primary"}', () => 2)
  const run = await ran('quarantine-input', { service: 'ocr' })
  expect(worker.objects.held({ bucket: 'documents', key })).toBeUndefined()
  expect((await runOf(run)).may.revert).toEqual({ ok: true })
  await refused(takeBack('audrey', run), 403)

  const { id } = await told(takeBack('hannah', run), 202)
  expect(await planOf(id)).toMatchObject({ state: 'requested', reverts: run, recipe: { title: 'Take back: Set corrupted inputs aside' } }) // prettier-ignore
  expect((await runOf(run)).may.revert).toMatchObject({ code: 'in-progress' })
  expect(await refused(takeBack('sam', run), 409)).toMatchObject({ code: 'in-progress' })
  await worker.planner.make(id)
  const plan = await planOf(id)
  expect(plan).toMatchObject({
    state: 'proposed',
    body: { reverts: run, steps: [{ says: expect.stringMatching(/back to documents/) as string }] },
    may: { approve: { ok: false, code: 'own-plan' } },
  })
  expect(await refused(decide('hannah', id), 403)).toMatchObject({ code: 'own-plan' })
  await told(decide('sam', id))
  expect(await worker.runner.carryOut(id)).toBe('succeeded')
  expect(worker.objects.held({ bucket: 'documents', key })).toBeDefined()

  const back = (await planOf(id)).run!
  expect(await runOf(back)).toMatchObject({ reverts: run, may: { revert: { ok: false, code: 'superseded' } } })
  expect(await runOf(run)).toMatchObject({ reverts: null, reverted_by: [id] })
  // The record of the recipe is not about ways back.
  const { record } = await told(by('hannah').GET('/v1/recipes/{id}', at({ id: 'quarantine-input' })))
  expect(record).toMatchObject({ runs: 1, succeeded: 1 })
})

test('what is lent is given back instead; parameters, a recipe or an incident beside it are refused by name', async () => {
  const run = await ran('scale-api', { service: 'api' })
  const { loans, may } = await runOf(run)
  expect(may.revert).toMatchObject({ code: 'in-progress', reason: expect.stringContaining(`/v1/loans/${loans[0]!}/return`) as string }) // prettier-ignore
  expect(await refused(takeBack('hannah', run), 409)).toMatchObject({ code: 'in-progress' })
  await refused(takeBack('hannah', 'run_nowhere'), 404)
  const odd = { reverts: run, recipe: 'scale-api', incident: 'inc_1', labels: {}, params: { replicas: 3 } }
  const { body } = await read(problem, stage.as('hannah').post('/v1/plans').send(odd).expect(400))
  expect(body.errors?.map(({ pointer }) => pointer).sort()).toEqual(['/incident', '/labels', '/params', '/recipe'])
  const neither = await read(problem, stage.as('hannah').post('/v1/plans').send({ reason: 'x' }).expect(400))
  expect(neither.body.errors).toMatchObject([{ pointer: '/recipe' }])
})
