import type { Shape } from '@firebreak/client'
import { answerOf } from '../asking/answers.js'
import { Ended, EXIT } from '../exits.js'
import type { Session } from '../session.js'
import { state } from '../views.js'

type Run = Shape<'Run'>

/** What changed in a run, as a line. `step` is null for the run itself. */
export interface Change {
  at: string
  run: string
  step: number | null
  state: string
  says: string
  because: string | null
}

/** Remembers what was told of a run, so that a look again tells what is new and nothing twice. */
export class Told {
  private readonly known = new Map<string, string>()

  /** What is new in it, steps in their order and then the run itself. */
  news(run: Run, now: string): Change[] {
    const of = (step: number | null, word: string, says: string, because: string | null): Change[] => {
      const key = String(step)
      if (this.known.get(key) === word || (word === 'pending' && !this.known.has(key))) return []
      this.known.set(key, word)
      return [{ at: now, run: run.id, step, state: word, says, because }]
    }
    return [
      ...run.steps.flatMap((step) => of(step.number, step.state, step.says, step.because)),
      ...of(null, run.state, run.recipe.title, run.because),
    ]
  }
}

/**
 * Tells every change of a run until it has ended, or needs somebody. It listens to the stream, and what it tells it reads
 * from the run itself: after a lost connection it tells what happened meanwhile, once.
 * Answers 0 when the run succeeded, 1 when it did not. Throws Ended (6) after `--timeout`.
 */
export async function followRun(session: Session, id: string): Promise<number> {
  const { out, outside, settings } = session
  const told = new Told()
  const end = outside.now() + settings.timeoutMs
  for await (const event of session.events()) {
    if (outside.now() > end)
      throw new Ended(
        EXIT.timeout,
        `${id} has not ended within ${settings.timeoutMs / 1000} s, and goes on without us`,
        'timeout',
      )
    // Nobody is there to be looked at.
    if (event.event === 'lost' || !concerns(event, id)) continue
    const run = await look(session, id)
    if (!run) continue
    for (const change of told.news(run, new Date(outside.now()).toISOString()))
      out.item(change, () =>
        out.line(
          { text: change.at.slice(11, 19), colour: 'dim' },
          change.step === null ? 'run   ' : `step ${change.step}`,
          state(change.state),
          change.because ? `${change.says}: ${change.because}` : change.says,
        ),
      )
    if (run.state === 'needs-a-person') {
      out.say(`${id} waits for a person: firebreak runs show ${id}, then firebreak runs resolve-unknown ${id}`)
      return EXIT.bad
    }
    if (run.ended_at !== null) return run.state === 'succeeded' ? EXIT.ok : EXIT.bad
  }
  return EXIT.bad
}

/** `hello` and `resync` mean: look; a heartbeat too, for a run whose last event was lost with somebody's connection. */
function concerns({ data, event }: { event: string; data: string }, id: string): boolean {
  if (event !== '') return true
  try {
    return (JSON.parse(data) as { id?: string }).id === `run:${id}`
  } catch {
    return true
  }
}

/** Undefined while the API is away: the stream comes back, and then it is looked again. */
async function look({ api }: Session, id: string): Promise<Run | undefined> {
  try {
    return await answerOf(api.GET('/v1/runs/{id}', { params: { path: { id } } }))
  } catch (error) {
    if (error instanceof Ended && error.exit === EXIT.unreachable) return undefined
    throw error
  }
}
