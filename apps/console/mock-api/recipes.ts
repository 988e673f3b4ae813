import type { Graduations, Recipe } from '../src/renderer/api/view.js'
import { catalogue } from './catalogue.js'
import { who } from './cast.js'
import type { Night } from './night.js'
import { text, type Asker, type Noun } from './noun.js'
import { byRole, demand, No, notFound, responders, type Allowed } from './refuse.js'
import { hex } from './world.js'

/** What came of each before tonight: plans, runs, verified, needed a person, hours since the last. */
const before: Record<string, readonly [number, number, number, number, number]> = {
  'scale-api': [431, 412, 404, 2, 71],
  'inspect-api-latency': [96, 90, 90, 0, 5],
  'requeue-failed-jobs': [212, 190, 187, 1, 26],
  'quarantine-input': [9, 6, 5, 1, 216],
  'restore-ocr': [31, 30, 29, 0, 168],
  'pin-model': [4, 3, 3, 0, 700],
}

function recordOf(night: Night, id: string): Recipe['record'] {
  const [plans, runs, succeeded, needed_a_person, hours] = before[id] ?? [0, 0, 0, 0, 0]
  const tonight = [...night.world.runs.values()].filter(({ recipe }) => recipe.id === id)
  const last = tonight.map(({ started_at }) => started_at).filter((at) => at !== null).sort().at(-1) // prettier-ignore
  return {
    plans: plans + [...night.world.plans.values()].filter(({ recipe }) => recipe.id === id).length,
    runs: runs + tonight.length,
    succeeded: succeeded + tonight.filter(({ state }) => state === 'succeeded').length,
    needed_a_person: needed_a_person + tonight.filter(({ state }) => state === 'needs-a-person').length,
    last_run_at:
      last ?? (runs === 0 ? null : new Date(night.options.now().getTime() - hours * 3_600_000).toISOString()),
  }
}

/** One recipe as whoever asks sees it. */
function recipeView(night: Night, id: string, me: Asker): Recipe {
  const own = catalogue.find((one) => one.id === id)
  if (!own) throw notFound(`/v1/recipes/${id}`)
  return {
    ...own,
    digest: `sha256:${hex(id)}`,
    stage: night.world.graduations.find(({ recipe }) => recipe === id)?.to ?? own.stage,
    written_stage: own.stage,
    record: recordOf(night, id),
    may: {
      plan: byRole('plan.request', responders, me.roles),
      approve_in_advance: { ok: false, code: 'wrong-stage', reason: `${id} does not act by itself yet.` },
    },
  }
}

function graduations(night: Night, id: string, me: Asker): Graduations {
  const { stage, digest, version, approval, record } = recipeView(night, id, me)
  const role = byRole('recipe.graduate', approval.roles, me.roles)
  const may = (to: Recipe['stage']) =>
    role.ok && to === 'auto'
      ? { ok: false, code: 'out-of-range', reason: 'It may act after 20 verified runs of this version; it has 11.' }
      : role
  return {
    ...{ recipe: id, version, digest, stage, record: keptOf(record) },
    to: (['watch', 'propose', 'auto'] as const).filter((to) => to !== stage).map((to) => ({ stage: to, may: may(to) })),
    items: night.world.graduations.filter(({ recipe }) => recipe === id),
  }
}

/** What its version has come to, as far as the pretended past goes. */
const keptOf = ({ plans, runs, succeeded, needed_a_person }: Recipe['record']): Graduations['record'] => ({
  ...{ watched: 0, stopped: 14, proposed: plans, refused: 3, runs, succeeded, undone: 1, needed_a_person },
})

function graduate(night: Night, id: string, me: Asker, body: Record<string, unknown>): Graduations['items'][number] {
  const { stage, digest, version, to, record } = graduations(night, id, me)
  if (body['digest'] !== digest) throw new No(409, 'stale', `${id} is another version now. Read it again.`)
  const goes = to.find((one) => one.stage === body['to'])
  if (!goes) throw new No(409, 'already-decided', `${id} is there already.`)
  demand(goes.may as Allowed, goes.may.code === 'not-your-role' ? 403 : 422)
  const moved = {
    ...{ id: night.newId('req'), recipe: id, version, digest, from: stage, to: goes.stage, record, by: who(me.id) },
    ...{ reason: text(body['reason']), at: night.options.now().toISOString() },
  }
  night.world.graduations.unshift(moved)
  night.log(null, 'recipe.graduated', `recipe:${id}`, me.id, `${me.name} moved ${id} to ${goes.stage}.`)
  return moved
}

/** `pause-batch` only watches: somebody sent it back. */
function sentBack(night: Night): void {
  const { digest, version, record } = recipeView(night, 'pause-batch', { id: '', name: '', kind: 'person', roles: [] })
  night.world.graduations.push({
    ...{ id: night.newId('req'), recipe: 'pause-batch', version, digest, from: 'propose', to: 'watch' },
    ...{
      record: keptOf(record),
      by: who('noor'),
      reason: 'It paused the nightly billing twice; look at its list first.',
    },
    at: new Date(night.options.now().getTime() - 9 * 86_400_000).toISOString(),
  })
}

export const recipes: Noun = {
  routes: (night) => ({
    'GET /v1/recipes': ({ me }) => ({ items: catalogue.map(({ id }) => recipeView(night, id, me)), next: null }),
    'GET /v1/recipes/{id}': ({ at, me }) => recipeView(night, at('id'), me),
    'GET /v1/recipes/{id}/graduations': ({ at, me }) => graduations(night, at('id'), me),
    'POST /v1/recipes/{id}/graduations': ({ at, body, me }) => graduate(night, at('id'), me, body),
  }),
  seed: sentBack,
}
