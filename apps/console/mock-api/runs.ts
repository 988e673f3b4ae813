import type { Run } from '../src/renderer/api/view.js'
import type { Asker, Noun } from './noun.js'
import { byRole, notFound, responders, type Allowed } from './refuse.js'
import type { RunRecord } from './world.js'

/** A run as whoever asks sees it: with what they may do. */
export function runView(run: RunRecord, me: Asker): Run {
  const may = (right: string, open: boolean): Allowed => {
    const role = byRole(right, responders, me.roles)
    return role.ok && !open ? { ok: false, code: 'superseded', reason: `This run is ${run.state}.` } : role
  }
  return {
    ...run,
    may: {
      cancel: may('run.cancel', ['running', 'waiting', 'verifying'].includes(run.state)),
      resolve: may('run.resolve', run.state === 'needs-a-person'),
    },
  }
}

export const runs: Noun = {
  routes: ({ world }) => ({
    'GET /v1/runs/{id}': ({ at, me }) => {
      const run = world.runs.get(at('id'))
      if (!run) throw notFound(`/v1/runs/${at('id')}`)
      return runView(run, me)
    },
  }),
}
