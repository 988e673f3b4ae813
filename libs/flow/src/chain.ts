import { chainOf, knownAfter } from '@firebreak/audit-log'
import type { JsonObject, Verb } from '@firebreak/kit'
import { digest, snapshot, type Draft } from './audit.js'
import type { WriteBooks } from './ledger.js'
import type { TargetState } from './rows.js'

/** What the state that a verb reads is the state of: its first target, or a part of it. As the log may name it. */
export function placeOf({ targets, part }: Verb, args: JsonObject): string | undefined {
  const [target] = targets(args)
  if (target === undefined || part === undefined) return target
  const named = `${target}/${encodeURIComponent(part(args))}`
  return named.length <= MOST_LETTERS ? named : `${target}/${digest({ part: part(args) })}`
}

/** Of a reference in the log. */
const MOST_LETTERS = 200

/**
 * Appends an entry about a target, as one verb sees it, and keeps what is known of it from then on. Where the target was
 * found otherwise than it had been left, an entry before it says so: an auditor would otherwise have to ask who did that.
 *
 * Whoever calls this has the target to itself: by its run's lock, or because the target's loan is on its way back.
 *
 * @param ahead what `readAhead` was answered in this transaction, where nothing was appended about this target since
 */
export async function appendAbout(
  books: WriteBooks,
  draft: Draft,
  verb: string,
  at: string,
  ahead?: { row: TargetState | undefined },
): Promise<void> {
  const { target } = draft
  if (target === undefined) return books.audit.append(draft)
  const id = chainOf(verb, target)
  const row = ahead ? ahead.row : await books.targetStates.get(id)
  const known = row?.value ? snapshot(row.value) : undefined
  if (known && draft.before && known.digest !== draft.before.digest) books.audit.append(moved(draft, verb, known, id))
  books.audit.append(draft)
  const value = knownAfter(draft, known)?.summary ?? null
  if (row) await books.targetStates.change(id, { value, at })
  else if (value) await books.targetStates.add({ id, target, verb, value, at })
}

/** What is known of a target, asked for together with whatever else a transaction asks first. */
export const readAhead = async (
  books: WriteBooks,
  verb: string,
  target: string,
): Promise<{ row: TargetState | undefined }> => ({
  row: await books.targetStates.get(chainOf(verb, target)),
})

function moved(
  { actor, before, detail, plan_digest, recipe, stream, target }: Draft,
  verb: string,
  known: NonNullable<Draft['before']>,
  id: string,
): Draft {
  const { run, loan } = detail ?? {}
  return {
    stream,
    type: 'target.moved',
    about: `target_state:${id}`,
    actor,
    target: target!,
    ...(recipe ? { recipe } : {}),
    ...(plan_digest ? { plan_digest } : {}),
    before: known,
    after: before!,
    detail: { verb, ...(run ? { run } : {}), ...(loan ? { loan } : {}) },
  }
}
