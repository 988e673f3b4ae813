import { storeOf, useStore, type Store } from '../ui/store.js'
import { note } from './incidents.js'
import { problemOf } from './problem.js'

/*
 * Notes while they are being written. What somebody has typed is never lost: it stays in this tab while they are on
 * another page, while a note is under way, and when it failed. It goes with whoever signs out.
 */

/** A note that was sent, and is not known to be in the record. */
export interface Sending {
  /** Its Idempotency-Key: however often it is sent, it is written once. */
  key: string
  text: string
  /** By this device's clock: RFC 3339. */
  at: string
  /** Why it is not written, in the API's words; null while it is under way. */
  because: string | null
}

export interface Notes {
  draft: string
  sending: readonly Sending[]
}

const PREFIX = 'firebreak.note.'
/** Characters that the API takes. */
export const LONGEST = 2_000

const nothing: Notes = { draft: '', sending: [] }
const stores = new Map<string, Store<Notes>>()

/** What this tab keeps of one person's notes on one incident. */
function storeFor(person: string, incident: string): Store<Notes> {
  const name = `${PREFIX}${person}.${incident}`
  const known = stores.get(name)
  if (known) return known
  const store = storeOf(readNotes(kept(name)))
  store.subscribe(() => keep(name, store.get()))
  stores.set(name, store)
  return store
}

/**
 * What was kept. A note that was under way when its page went is one that nobody knows of: it says so, and sending it
 * again writes it once.
 */
export function readNotes(text: string | null): Notes {
  try {
    const { draft, sending } = JSON.parse(text ?? '') as Partial<Notes>
    if (typeof draft !== 'string' || !Array.isArray(sending)) return nothing
    const lost = 'The page was left before it was answered. Written again, it still stands there once.'
    return {
      draft,
      sending: sending.filter(isSending).map((one) => ({ ...one, because: one.because ?? lost })),
    }
  } catch {
    return nothing
  }
}

const isSending = (one: unknown): one is Sending => {
  const { key, text, at } = (one ?? {}) as Partial<Sending>
  return typeof key === 'string' && typeof text === 'string' && typeof at === 'string'
}

/** The notes of one person on one incident, and what they do with them. Writing goes on when the page is left. */
export function useNotes(person: string, incident: string) {
  const store = storeFor(person, incident)
  const notes = useStore(store)
  const set = (change: (before: Notes) => Notes) => store.set(change(store.get()))
  const without = (key: string) => (before: Notes) => ({
    ...before,
    sending: before.sending.filter((one) => one.key !== key),
  })
  const why = (key: string, because: string | null) => (before: Notes) => ({
    ...before,
    sending: before.sending.map((one) => (one.key === key ? { ...one, because } : one)),
  })

  /** @param shown resolves when the record is on the screen: until then what was sent stands there instead */
  const send = async (one: Sending, shown: () => Promise<unknown>): Promise<boolean> => {
    try {
      await note(incident, one.text, one.key)
    } catch (error) {
      set(why(one.key, problemOf(error).detail))
      return false
    }
    await shown().catch(() => undefined)
    set(without(one.key))
    return true
  }
  return {
    ...notes,
    type: (draft: string) => set((before) => ({ ...before, draft })),
    write: (key: string, at: Date, shown: () => Promise<unknown>) => {
      const one = { key, text: store.get().draft.trim(), at: at.toISOString(), because: null }
      set(({ sending }) => ({ draft: '', sending: [...sending, one] }))
      return send(one, shown)
    },
    again: (one: Sending, shown: () => Promise<unknown>) => {
      set(why(one.key, null))
      return send(one, shown)
    },
    /** Back into the field, before what stands there. It is another note then. */
    takeBack: (one: Sending) =>
      set((before) => ({
        ...without(one.key)(before),
        draft: [one.text, before.draft].filter((text) => text.trim() !== '').join('\n\n'),
      })),
  }
}

/** Nothing of it is left for whoever comes next. */
export function forgetNotes(): void {
  for (const store of stores.values()) store.set(nothing)
  stores.clear()
  try {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name)
  } catch {
    // Nothing was kept, then.
  }
}

function kept(name: string): string | null {
  try {
    return sessionStorage.getItem(name)
  } catch {
    return null
  }
}

function keep(name: string, notes: Notes): void {
  try {
    if (notes.draft === '' && notes.sending.length === 0) sessionStorage.removeItem(name)
    else sessionStorage.setItem(name, JSON.stringify(notes))
  } catch {
    // A browser that keeps nothing has it as long as the page is open.
  }
}
