import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { meQuery } from '../../api/identity.js'
import { acknowledge, assign, correctSeverity, incidentQuery, reopen, resolve } from '../../api/incidents.js'
import { problemOf } from '../../api/problem.js'
import type { Incident } from '../../api/view.js'
import { tell } from '../../ui/activity.js'
import { announce } from '../../ui/announce.js'

/** A person, as they are shown. */
export type Who = NonNullable<Incident['owner']>

const named = ({ id, name }: Who): Who => ({ id, name })

/**
 * What a person does with an incident. Acknowledging and assigning show at once, for they change nothing out there, and
 * are taken back when the server says no. What says that it is over, or is not, and how bad it is, is the server's word.
 */
export function useVerbs(incident: Incident) {
  const { id } = incident
  const queries = useQueryClient()
  const me = queries.getQueryData(meQuery.queryKey)
  const acknowledging = useAtOnce<void>(incident, {
    send: (_, key) => acknowledge(id, key),
    guess: () => (me ? { state: 'acknowledged', owner: named(me), lead: named(me) } : {}),
    done: () => 'Acknowledged',
    failed: 'Not acknowledged',
  })
  const assigning = useAtOnce<Who>(incident, {
    send: (owner, key) => assign(incident, owner.id, key),
    guess: (owner, { state }) => ({
      owner: named(owner),
      ...(state === 'open' && owner.id === me?.id ? { state: 'acknowledged', lead: named(owner) } : {}),
    }),
    done: (owner) => (owner.id === me?.id ? 'It is yours' : `Given to ${owner.name}`),
    failed: 'Not assigned',
  })
  return {
    acknowledge: acknowledging,
    assign: assigning,
    correct: useServersWord<{ severity: Incident['severity']; reason: string }>(incident, {
      send: (body, key) => correctSeverity(incident, body, key),
      done: ({ severity }) => `Severity corrected to ${severity}`,
    }),
    resolve: useServersWord<string>(incident, {
      send: (reason, key) => resolve(id, reason, key),
      done: () => 'Resolved',
    }),
    reopen: useServersWord<string>(incident, {
      send: (reason, key) => reopen(id, reason, key),
      done: () => 'Open again',
    }),
  }
}

/** Shown before it is answered, and taken back with the reason when the answer is a no. */
function useAtOnce<V>(
  { id, title }: Incident,
  {
    send,
    guess,
    done,
    failed,
  }: {
    send(what: V, key: string): Promise<Incident>
    guess(what: V, before: Incident): Partial<Incident>
    done(what: V): string
    failed: string
  },
) {
  const queries = useQueryClient()
  const { queryKey } = incidentQuery(id)
  const { mutate, error, reset, isPending } = useMutation({
    mutationFn: (what: V) => send(what, crypto.randomUUID()),
    onMutate: async (what) => {
      await queries.cancelQueries({ queryKey })
      const before = queries.getQueryData(queryKey)
      if (before) queries.setQueryData(queryKey, { ...before, ...guess(what, before) })
      return before
    },
    onSuccess: (answer, what) => {
      queries.setQueryData(queryKey, answer)
      announce(done(what))
    },
    onError: (error, __, before) => {
      tell({ kind: 'failed', says: `${failed}: ${title}`, because: problemOf(error).detail })
      if (before) queries.setQueryData(queryKey, before)
    },
    // A no tells that it is not as it is shown here; after no answer nobody knows.
    onSettled: () => void queries.invalidateQueries({ queryKey: ['incident'] }),
  })
  return { now: mutate, error, what: failed, reset, isPending }
}

/** Shown when it is answered. One key for one wish: sent again after no answer, it is done once. */
function useServersWord<V>(
  { id }: Incident,
  { send, done }: { send(what: V, key: string): Promise<Incident>; done(what: V): string },
) {
  const queries = useQueryClient()
  const last = useRef({ wish: '', key: '' })
  const { mutateAsync, error, reset, isPending } = useMutation({
    mutationFn: (what: V) => {
      const wish = JSON.stringify(what)
      if (last.current.wish !== wish) last.current = { wish, key: crypto.randomUUID() }
      return send(what, last.current.key)
    },
    onSuccess: (answer, what) => {
      // Said once and done, the same words may be said again another time.
      last.current = { wish: '', key: '' }
      queries.setQueryData(incidentQuery(id).queryKey, answer)
      announce(done(what))
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ['incident'] }),
  })
  return { send: mutateAsync, error, reset, isPending }
}
