import {
  smalls,
  type Brought,
  type Input,
  type Order,
  type Report,
  type Small,
  type Told,
} from '../../../checker/messages.js'

/*
 * What lies on the auditor's desk, and what is found out about it. Whoever changes what lies there has no verdict any
 * more: one that stood beside another bundle would be worse than none.
 */

/** One thing that was put there. Its identity is this object: an answer about an earlier one says nothing of it. */
export interface Thing {
  name: string
  size: number
  content: Blob | Uint8Array
}

export type Looked = { state: 'looking' } | { state: 'fine'; says: string } | { state: 'bad'; sentence: string }

/** A bundle is looked at by checking it. */
export interface Given {
  thing: Thing
  looked: Looked
}

export interface Progress {
  bytes: number
  entries: number
  of: number
}

export type Checking =
  | { at: 'idle' }
  | { at: 'running'; since: number; progress: Progress }
  | { at: 'told'; report: Report; checkpoint: string | null; took: number; when: Date }
  | { at: 'unusable'; input: Input; sentence: string }
  | { at: 'cancelled' }
  /** The check itself failed: that is no word about the bundle. */
  | { at: 'broken'; sentence: string }

export interface Desk {
  given: { [at in Input]?: Given }
  checking: Checking
}

export const empty: Desk = { given: {}, checking: { at: 'idle' } }

export type Move =
  | { do: 'give'; at: Input; thing: Thing }
  | { do: 'take'; at: Input }
  | { do: 'looked'; thing: Thing; looked: Looked }
  | { do: 'start'; now: number }
  | { do: 'told'; told: Told; now: number; when: Date }
  | { do: 'broke'; sentence: string }
  | { do: 'cancel' }

/** As much as a policy, a note or a list of keys may be. */
export const SMALL = 1 << 20

export function step(desk: Desk, move: Move): Desk {
  const { checking, given } = desk
  switch (move.do) {
    case 'give':
      return {
        given: { ...given, [move.at]: { thing: move.thing, looked: firstLook(move) } },
        checking: { at: 'idle' },
      }
    case 'take': {
      const rest = { ...given }
      delete rest[move.at]
      return { given: rest, checking: { at: 'idle' } }
    }
    case 'looked': {
      const at = smalls.find((small) => given[small]?.thing === move.thing)
      return at === undefined
        ? desk
        : { ...desk, given: { ...given, [at]: { thing: move.thing, looked: move.looked } } }
    }
    case 'start':
      if (!ready(desk).ok) return desk
      return { ...desk, checking: { at: 'running', since: move.now, progress: { bytes: 0, entries: 0, of: 0 } } }
    case 'told':
      return checking.at === 'running' ? { ...desk, checking: heard(checking, move) } : desk
    case 'broke':
      return checking.at === 'running' ? { ...desk, checking: { at: 'broken', sentence: move.sentence } } : desk
    case 'cancel':
      return checking.at === 'running' ? { ...desk, checking: { at: 'cancelled' } } : desk
  }
}

function firstLook({ at, thing }: Extract<Move, { do: 'give' }>): Looked {
  if (thing.size === 0) return { state: 'bad', sentence: 'it is empty' }
  if (at === 'bundle') return { state: 'fine', says: '' }
  if (thing.size > SMALL)
    return { state: 'bad', sentence: `it has ${thing.size.toLocaleString('en')} bytes; ${SMALL.toLocaleString('en')} are allowed` } // prettier-ignore
  return { state: 'looking' }
}

function heard(
  running: Extract<Checking, { at: 'running' }>,
  { now, told, when }: Extract<Move, { do: 'told' }>,
): Checking {
  switch (told.told) {
    case 'progress':
      return { ...running, progress: { bytes: told.bytes, entries: told.entries, of: told.of } }
    case 'unusable':
      return { at: 'unusable', input: told.at, sentence: told.sentence }
    case 'report':
      return { at: 'told', report: told.report, checkpoint: told.checkpoint, took: now - running.since, when }
    case 'looked':
      return running
  }
}

/** Whether the check can begin, or the sentence why not. */
export function ready({ checking, given }: Desk): { ok: true } | { ok: false; because: string } {
  if (checking.at === 'running') return { ok: false, because: 'The check is running.' }
  const missing = (['bundle', 'policy'] as const).filter((at) => given[at] === undefined)
  if (missing.length > 0)
    return { ok: false, because: `Give ${missing.map((at) => ({ bundle: 'a bundle', policy: 'a log policy' })[at]).join(' and ')}.` } // prettier-ignore
  const all = (['bundle', ...smalls] as const).flatMap((at) => given[at] ?? [])
  if (all.some(({ looked }) => looked.state === 'bad')) return { ok: false, because: 'One of them cannot be used.' }
  if (all.some(({ looked }) => looked.state === 'looking')) return { ok: false, because: 'Looking at what you gave…' }
  return { ok: true }
}

/** What the worker is asked. */
export function orderFor({ given }: Desk, now: number): Order | undefined {
  const bundle = given.bundle?.thing.content
  if (!(bundle instanceof Blob)) return undefined
  const brought: Brought = {}
  for (const at of smalls) {
    const content = given[at]?.thing.content
    if (content instanceof Uint8Array) brought[at] = content
  }
  return { order: 'check', bundle, brought, now }
}

/** What still has to be looked at. */
export const unseen = ({ given }: Desk): { at: Small; thing: Thing }[] =>
  smalls.flatMap((at) => {
    const one = given[at]
    return one?.looked.state === 'looking' ? [{ at, thing: one.thing }] : []
  })

/** How far it is, from 0 to 1. The files are hashed first, the entries are most of the work. */
export function fraction({ bytes, entries, of }: Progress, size: number): number {
  const hashed = size === 0 ? 0 : Math.min(1, bytes / size)
  return of === 0 ? 0.15 * hashed : 0.15 + 0.85 * Math.min(1, entries / of)
}
