import { bound, carried, current, learn as know, received, within, type Context } from './context.js'
import { readTraceparent } from './traceparent.js'
import type { Facts, Learn, Tracing } from './tracing.js'

/** Where traces go on that were left: by name, a `traceparent`. Losing it breaks a trace in two, and nothing else. */
export interface Places {
  keep(name: string, traceparent: string): Promise<void>
  find(name: string): Promise<string | undefined>
}

/** Names of facts that are ids of things: lines of the log have them, too. */
const IDS = ['incident', 'plan', 'run', 'loan', 'export'] as const satisfies readonly (keyof Context)[]

/**
 * Makes spans of what the domain tells of its work, and one trace of what goes from hand to hand: a plan is made by the worker
 * where the API had asked for it, approved in another request, and carried out by whoever is free.
 */
export class Following {
  constructor(
    private readonly tracing: Tracing,
    private readonly places: Places,
    /** Told when a place could not be kept or found. */
    private readonly failed: (why: unknown) => void,
  ) {}

  /** A piece of work of the domain. */
  async during<T>(what: string, facts: Facts, work: (learn: Learn) => Promise<T>): Promise<T> {
    if (!this.tracing.on) return within(idsIn(facts), () => work((more) => know(idsIn(more))))
    const { span: now } = current()
    const plan = facts['plan']
    // A yes is said in a request of its own: it belongs to the plan's trace, and points to that request.
    const before = what === 'approval' ? await this.found(`plan:${plan}`) : undefined
    const options = before && before.traceId !== now?.traceId ? { parent: before, link: now, facts } : { parent: before ?? now, facts } // prettier-ignore
    return this.tracing.during(what, options, async (learn) => {
      if (what === 'plan') await this.left(`plan:${plan}`)
      return within(idsIn(facts), () =>
        work((more) => {
          know(idsIn(more))
          learn(more)
        }),
      )
    })
  }

  /** What is known now, for work that is done later or for several at once. */
  bind(): <T>(work: () => T) => T {
    return bound()
  }

  /** Leaves word of where we are, for whoever goes on with this. */
  async left(name: string): Promise<void> {
    const { traceparent } = carried()
    if (!this.tracing.on || traceparent === undefined) return
    await this.places.keep(name, traceparent).catch(this.failed)
  }

  /** What goes into a job about this; word is left, too, for the case that the job gets lost. */
  async rung(name: string): Promise<{ request_id?: string; traceparent?: string }> {
    await this.left(name)
    return carried()
  }

  /**
   * Does what a job asks for, on the account of whoever rang. Where the job does not say, as one that the sweep rang does not,
   * it goes on from the first of the places that is known.
   */
  async taken<T>(
    job: { request_id?: unknown; traceparent?: unknown },
    places: readonly string[],
    more: Context,
    work: () => Promise<T>,
  ): Promise<T> {
    // prettier-ignore
    const context = { ...received(job), ...more }
    if (this.tracing.on && !context.span)
      for (const name of places) {
        const span = await this.found(name)
        if (span) return within({ ...context, span }, work)
      }
    return within(context, work)
  }

  private async found(name: string) {
    try {
      return readTraceparent(await this.places.find(name))
    } catch (error) {
      this.failed(error)
      return undefined
    }
  }
}

function idsIn(facts: Facts): Context {
  const known: Context = {}
  for (const name of IDS) {
    const id = facts[name]
    if (typeof id === 'string') known[name] = id
  }
  return known
}
