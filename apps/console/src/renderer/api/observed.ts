/*
 * What an observation holds, as far as it can be read. It may be of an older worker, or of a system that nobody could read:
 * what is not there, or is of another kind, is not known, which is null, and never a zero.
 */

export type Bag = Record<string, unknown>

export const bag = (value: unknown): Bag | null =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Bag) : null

/** Those of a list that are bags; none, where there is no list. */
export const bags = (value: unknown): Bag[] =>
  Array.isArray(value) ? value.map(bag).filter((one) => one !== null) : []

export const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null

/** A text with something in it. */
export const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** Whether the worker has looked since, and did not see it. `looked`: when it last looked at this kind at all. */
export const missedBy = (looked: string | null, at: string): boolean => looked !== null && at < looked
