import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { highLatency } from '../../mock-api/world.js'
import type { Built } from '../built.js'
import { serve } from '../serve.js'
import { startWhole } from '../whole.js'

/** Where journeys play: the page on one API or the other, and what happens out there. Each is told once, and plays in both. */
export interface Place {
  url: string
  /** Milliseconds within which what should be there is there. */
  patience: number
  /** What was slow before has been said to be over. */
  quiet(): Promise<void>
  /** The API answers slowly, and a plan that scales it waits. */
  slow(): Promise<void>
  /** What made it slow is gone, before anything was done about it: a plan that waits stands on nothing any more. */
  calm(): Promise<void>
  /** An autoscaler governs the API from now on, and takes back what is scaled by hand. */
  governed(): Promise<void>
  /** Somebody of Security freezes everything of the API. Answers the freeze's id. */
  freeze(reason: string): Promise<string>
  /** Jobs of the queue `batch` fail, and wait for somebody. */
  jobsFail(): Promise<void>
  /** Something is wrong that a worker repairs for a while, and answers what its incident is called. */
  wrong(): Promise<RegExp>
  /** Something else is wrong, without a plan. Answers what its incident will be called. */
  wrongToo(): Promise<RegExp>
  /** Nobody answers for the API; whatever else there is goes on. */
  apiGoes(): Promise<void>
  /** Answers again, at the same address, with what it knew. Resolves when it does. */
  apiComes(): Promise<void>
  /** Milliseconds that the API stays away. */
  minute: number
  close(): Promise<void>
}

/** The pretended API tells its own night: nothing is there when it begins. */
export async function onTheMock(built: Built): Promise<Place> {
  // Slow enough for something to be under way when the API goes.
  const served = await serve(built.folder, { pace: 400 })
  const { api } = served
  const slow = () => {
    api.moved = null
    api.arrive(highLatency)
  }
  return {
    ...{ url: served.url, patience: 15_000 },
    quiet: async () => {
      for (const { id, state } of [...api.world.incidents.values()]) if (state === 'open') api.resolve(id)
    },
    slow: async () => slow(),
    // It is said to be over a while later, as out there: that alone would keep everybody from arming.
    calm: async () => void (api.moved = 'deployment.replicas was 2 and is 4'),
    governed: async () => void (api.governed = true),
    freeze: async (reason) => {
      api.freeze = { id: 'frz_night', scopes: ['service:api'], reason, by: 'theo', at: api.options.now().toISOString() }
      return api.freeze.id
    },
    jobsFail: async () => {},
    wrong: async () => {
      slow()
      return /p95 of api/
    },
    wrongToo: async () => {
      api.arrive({ title: 'Objects of documents cannot be read', class: 'storage-errors', service: 'storage' })
      return /Objects of documents/
    },
    apiGoes: () => served.goAway(),
    apiComes: () => served.comeBack(),
    // Nobody is at the other end of its line: that is noticed at once, and does not want a minute.
    minute: 4_000,
    close: () => served.close(),
  }
}

/** Everything as `npm start` starts it. */
export async function onTheWhole(built: Built): Promise<Place> {
  const { url, data, sandbox, close, apiGoes, apiComes } = await startWhole(built)
  const tell = async (what: string) => {
    const { ok, status } = await fetch(`${sandbox}${what}`, { method: 'POST' })
    if (!ok) throw new Error(`The sandbox answers ${status} to ${what}`)
  }
  const { people } = JSON.parse(readFileSync(join(data, 'people.json'), 'utf8')) as { people: { id: string; key: string }[] } // prettier-ignore
  const as = (who: string) => ({ authorization: `Bearer ${people.find(({ id }) => id === who)!.key}` })
  const headers = as('hannah')
  const isSlow = async () => {
    const answer = await fetch(`${url}/v1/incidents?state=active&limit=200`, { headers })
    return ((await answer.json()) as { items: { class: string }[] }).items.some(
      (one) => one.class === 'high-api-latency',
    )
  }
  const p95 = async () => ((await (await fetch(`${sandbox}/sandbox`)).json()) as { p95_ms: number }).p95_ms
  return {
    ...{ url, close, apiGoes, apiComes, patience: 60_000 },
    quiet: async () => {
      while (await isSlow()) await sleep(200)
    },
    slow: () => tell('/break/slow'),
    calm: async () => {
      await tell('/mend/slow')
      while ((await p95()) >= 400) await sleep(200)
    },
    governed: () => tell('/break/with-hpa'),
    freeze: async (reason) => {
      const body = JSON.stringify({ scopes: ['service:api'], reason })
      const headers = { ...as('theo'), 'content-type': 'application/json' }
      const answer = await fetch(`${url}/v1/freezes`, { method: 'POST', headers, body })
      if (answer.status !== 201) throw new Error(`The freeze was not declared: ${await answer.text()}`)
      return ((await answer.json()) as { id: string }).id
    },
    jobsFail: () => tell('/break/batch-misspelt'),
    wrong: async () => {
      await tell('/break/ocr-corrupt')
      return /Documents are not read/
    },
    wrongToo: async () => {
      await tell('/break/storage-denied')
      return /Object storage refuses requests/
    },
    minute: 60_000,
  }
}
