import type { Hands, JsonObject, Readers } from '@firebreak/kit'
import {
  keepTrying,
  makeEffect,
  pauseBefore,
  settleEffect,
  stateOf,
  type Direction,
  type Outcome,
  type Patience,
  type Withheld,
} from './effect.js'
import { fenced } from './fenced.js'
import type { Followed } from './follower.js'
import { recalled, whatIsMissing, withGiven } from './given.js'
import type { Journal, Next } from './journal.js'
import { nextMove, type Cancel } from './moves.js'
import { reasonOf } from './planner.js'
import type { PlanBody, Run, RunStep } from './rows.js'
import type { Stop, Timers } from './timers.js'
import { followerOf, type World } from './world.js'

/** The journal of a run as far as the next move depends on it. */
export interface Page {
  /** Of the plan. */
  body: PlanBody
  run: Run
  /** In their order, with what earlier ones gave in the arguments of later ones. */
  steps: RunStep[]
  cancel: (Cancel & { by: string }) | undefined
}

/** Carries out steps of one effect, forward or back, under the tenure of their run. */
export class StepsRunner {
  constructor(
    private readonly world: World,
    private readonly readers: Readers,
    private readonly hands: Hands,
    private readonly timers: Timers,
    private readonly settings: { attempts: number },
    private readonly patience: { read: Patience; probe: Patience },
  ) {}

  /**
   * One step, and whatever steps are claimed together with how the one before them ended. Answers the page as it stands
   * then, where that is known without reading it.
   *
   * @param settles somebody else had begun it: whether its effect is there is looked for first
   */
  async carryOut(
    { step: first, direction, settles }: { step: RunStep; direction: Direction; settles: boolean },
    page: Page,
    journal: Journal,
    signal?: Stop,
  ): Promise<Page | undefined> {
    let now = page
    let step = first
    for (let isFirst = true; ; isFirst = false) {
      const { body } = page
      const recorded = await followerOf(this.world).during('step', stepFacts(body, step, direction), async (learn) => {
        const begun = !isFirst || settles ? step : await this.claimed(journal, step, direction)
        const found = isFirst && settles ? await this.settle(step, direction, LEFT) : undefined
        const ended = begun && (await this.effectOf(journal, begun, direction, found))
        if (!ended) {
          learn({ outcome: begun ? 'held' : 'not-begun' })
          return undefined
        }
        const columns = journal.endedAs(ended.step, direction, ended.outcome)
        // Both are looks, and how the step ended waits for them: at the same time.
        const [after, next] = await Promise.all([
          // How it left its target. A missing picture is recorded as missing; one that a person has to look at has none.
          columns.state === 'unknown' ? null : stateOf(this.readers, ended.step).catch(() => null),
          signal?.aborted ? undefined : this.next(withStep(now, { ...ended.step, ...columns })),
        ])
        const recorded = await journal.record(ended.step, direction, columns, after, next)
        learn({ attempt: ended.step.attempt, outcome: columns.state })
        return recorded
      })
      if (!recorded) return undefined
      now = withStep(now, recorded.step)
      if (recorded.verifying) return { ...now, run: recorded.verifying }
      if (!recorded.claimed) return undefined
      step = recorded.claimed
      now = withStep(now, step)
    }
  }

  private async claimed(journal: Journal, step: RunStep, direction: Direction): Promise<RunStep | undefined> {
    // Evidence first: a target that cannot be read is not touched.
    let before: JsonObject
    try {
      before = await this.patience.read(() => stateOf(this.readers, step))
    } catch (error) {
      await journal.unreadable(step, direction, reasonOf(error))
      return undefined
    }
    const claimed = await journal.intend(step, direction, before)
    if ('step' in claimed) return claimed.step
    await journal.hold(step, direction, claimed.closed)
    return undefined
  }

  /**
   * What can be committed together with how a step ended. For the evidence of the next one its target is looked at once:
   * where that fails the step has its own turn, with patience, and how the last one ended does not wait.
   */
  private async next({ run, steps, body }: Page): Promise<Next | undefined> {
    const move = nextMove(run, steps, this.world.now())
    if (move.kind === 'begin-verify') return { kind: 'verify', run }
    if ((move.kind !== 'do' && move.kind !== 'undo') || move.step.items !== null) return undefined
    if (whatIsMissing(body, move.step, steps) !== undefined) return undefined
    const before = await stateOf(this.readers, move.step).catch(() => undefined)
    return before && { kind: 'claim', step: move.step, before }
  }

  private settle(step: RunStep, direction: Direction, why: string): Promise<Outcome> {
    return settleEffect(this.readers, step, direction, why, this.patience.probe)
  }

  /** Makes the effect of an intended step, as often as it takes. Undefined when a freeze or the stop switch held it. */
  private async effectOf(
    journal: Journal,
    intended: RunStep,
    direction: Direction,
    first?: Outcome,
  ): Promise<{ step: RunStep; outcome: Outcome } | undefined> {
    let step = intended
    const ended = await keepTrying<Withheld>(
      async () => {
        const closed = await journal.assertHeld(step)
        if (closed) return { kind: 'held', closed }
        return makeEffect(
          fenced(this.hands, () => journal.holds()),
          this.readers,
          step,
          direction,
          this.patience.probe,
        )
      },
      (why) => this.settle(step, direction, why),
      this.settings.attempts - step.attempt,
      async (nth, wait_ms) => {
        await this.timers.sleep(pauseBefore(nth, wait_ms))
        const claimed = await journal.intend(step, direction, null)
        if ('closed' in claimed) return { kind: 'held', ...claimed }
        step = claimed.step
        return undefined
      },
      first,
    )
    if (ended.kind === 'held') {
      await journal.hold(step, direction, ended.closed)
      return undefined
    }
    const outcome =
      direction === 'do'
        ? await recalled(step, ended, (recall) => this.patience.read(() => recall(this.readers)))
        : ended
    return { step, outcome }
  }
}

/** What whoever follows is told of a step that begins. */
export function stepFacts(body: PlanBody, step: RunStep, direction: Direction): Followed {
  const [target] = body.steps[step.number - 1]?.targets ?? []
  return {
    ...{ recipe: body.recipe.id, verb: step.verb, step: step.number, direction },
    ...(target === undefined ? {} : { target }),
  }
}

const LEFT = 'Its worker stopped before it recorded how it ended'

const withStep = (page: Page, step: RunStep): Page => ({
  ...page,
  steps: withGiven(
    page.body,
    page.steps.map((one) => (one.id === step.id ? step : one)),
  ),
})
