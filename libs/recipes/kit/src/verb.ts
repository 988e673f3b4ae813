import type { z } from 'zod'
import type { Hands, Readers } from './ports.js'
import { checkedArgs } from './references.js'

/** A value that stands in a plan: JSON, and every number a whole one (the digest is taken over its canonical form). */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** Is the effect of a step there? `cannot-tell` stops the run and asks a person. */
export type Probe = 'in-place' | 'not-in-place' | 'cannot-tell'

/** One right in the watched cluster, as an RBAC rule. The worker's manifest is generated from these. */
export interface Need {
  group: string
  resource: string
  verbs: readonly string[]
}

/** One effect, forward or back. `args` have been parsed by the verb's schema. */
export interface Effect<Args> {
  /** The sentence that an approver reads. */
  says(args: Args): string
  /** Makes the change, under a precondition that fails when the target is not as the approver saw it. */
  do(hands: Hands, readers: Readers, args: Args): Promise<JsonObject>
  /** Reads back. Never changes anything. */
  probe(readers: Readers, args: Args): Promise<Probe>
}

/** What a verb's `do` answers for later steps: texts by name, never a secret (those have handles). */
export interface Gives<Args> {
  output: z.ZodType<JsonObject>
  /** Reads the same back where the effect was found in place, and whoever made it never told. */
  recall(readers: Readers, args: Args): Promise<JsonObject>
}

/** Bytes that an entry of the log names. */
export interface Sealed {
  /** Hexadecimal. */
  sha256: string
  size: number
  media_type: string
}

/** One word in which recipes change the world. */
export interface Verb<Args = unknown> extends Effect<Args> {
  id: string
  args: z.ZodType<Args>
  /** What it touches, written `kind:name`. The runner locks these. */
  targets(args: Args): string[]
  /**
   * Which part of its first target `state` speaks of, where that is not all of it: one job of a queue, one object of a
   * bucket. The log compares what it finds with what it had left part by part. Not for what is lent.
   */
  part?(args: Args): string
  /**
   * What has to be over first, while it is on its way: why it waits, or undefined. Asked before a wave of `each` is begun, of
   * the first of the wave; nobody holds anything until it is asked again.
   */
  waits?(readers: Readers, args: Args): Promise<string | undefined>
  /** Wanted state of the target before and after, as the plan shows it and as evidence is compared. */
  before(args: Args): JsonObject
  after(args: Args): JsonObject
  /** Reads the state that `before` and `after` speak of. Taken as evidence around every effect. */
  state(readers: Readers, args: Args): Promise<JsonObject>
  needs: readonly Need[]
  reversible: 'yes' | 'compensable' | 'no'
  /** What it gives to later steps (`ref`). */
  gives?: Gives<Args>
  /**
   * Why what is on loan must not come back yet, as a sentence that says what to do; `undefined` when it may. Asked right
   * before a loan is given back, and not when a run is taken back: there the way back is what helps.
   */
  notYet?(readers: Readers, args: Args): Promise<string | undefined>
  /**
   * What of that it has put into Firebreak's own store: the entry of the step names it by its digest, and an export can
   * carry it. Given what `gives` gives.
   */
  seals?(output: JsonObject): Sealed[]
  /** The way back, or the sentence that says why there is none. */
  undo: Effect<Args> | { none: string }
}

/** A verb with its arguments: a step that a recipe returns. A value; nothing happens by making it. */
export interface Step {
  verb: string
  /** By which later steps refer to what it gives. */
  name?: string
  args: JsonObject
  /** The change is for a while: it is given back this many minutes after it was made. */
  loan_minutes?: number
  /** The step is made of many effects, one for each of these arguments (`each`); `args` is empty then. */
  items?: JsonObject[]
  pace?: Pace
}

/** How a step goes through its items: in waves of `first`, twice that, and so on up to `most`. */
export interface Pace {
  first: number
  most: number
  /** Between two waves. Nobody holds anything meanwhile. */
  pause_s: number
  /** When more than this share of the items up to the end of the wave has failed, the step stops. */
  stop_above_percent: number
  /** All of it, pauses too. */
  within_s: number
}

export interface Terms {
  loan_minutes?: number
  name?: string
}

/** What a verb definition becomes: called with arguments it is a step; it carries its definition for the runner. */
export type VerbWord<Args> = ((args: Args, terms?: Terms) => Step) & { definition: Verb<Args> }

/**
 * Defines a verb. Arguments are parsed when a recipe speaks the word, so a recipe that speaks nonsense fails in planning.
 * What refers to an earlier step (`ref`) is left open, and parsed when that step has given it.
 */
export function defineVerb<Schema extends z.ZodType>(
  definition: Omit<Verb<z.output<Schema>>, 'args'> & { args: Schema },
): VerbWord<z.output<Schema>> {
  const verb = definition as unknown as Verb<z.output<Schema>>
  const speak = (args: z.output<Schema>, terms?: Terms): Step => ({
    verb: verb.id,
    ...(terms?.name === undefined ? {} : { name: terms.name }),
    args: checkedArgs(verb, args as JsonObject),
    ...(terms?.loan_minutes === undefined ? {} : { loan_minutes: terms.loan_minutes }),
  })
  return Object.assign(speak, { definition: verb })
}
