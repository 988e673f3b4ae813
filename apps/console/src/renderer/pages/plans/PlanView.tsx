import type { ReactNode } from 'react'
import type { Plan, PlanBody, PlanStep } from '../../api/view.js'
import { Copy } from '../../ui/Copy.js'
import { Diff } from '../../ui/Diff.js'
import { leaves } from '../../ui/diff.js'
import { Span, Time } from '../../ui/Time.js'
import css from './PlanView.module.css'
import { guardSays, shortDigest } from './words.js'

/**
 * One plan, in the order in which somebody decides about it: what, how it is undone and checked, the decision
 * (`children`), and then the facts that it stands on.
 */
export function PlanView({ plan, children }: { plan: Plan; children?: ReactNode }) {
  const { recipe, body } = plan
  return (
    <div className={css.plan}>
      <div>
        <h3 className={css.title}>{recipe.title}</h3>
        <p className={css.meaning}>
          {recipe.meaning} <span className={css.dim}>{recipe.impact}</span>
        </p>
      </div>
      {body ? (
        <>
          <ol className={css.steps} aria-label="Steps">
            {body.steps.map((step, at) => (
              <Step key={at} step={step} />
            ))}
          </ol>
          <Promises body={body} />
        </>
      ) : null}
      {children}
      {body && plan.digest !== null ? (
        <>
          <Identity plan={plan} digest={plan.digest} body={body} />
          <Facts body={body} />
        </>
      ) : null}
    </div>
  )
}

function Step({ step }: { step: PlanStep }) {
  return (
    <li>
      <p className={css.says}>{step.says}</p>
      <div className={css.target}>
        <code>{step.targets.join(', ')}</code>
        <Diff before={step.before} after={step.after} />
      </div>
      <p className={css.undo}>
        {'none' in step.undo ? (
          <>
            <b>Cannot be undone:</b> {step.undo.none}
          </>
        ) : (
          <>Undo: {step.undo.says}</>
        )}
      </p>
    </li>
  )
}

/** What the plan promises about itself: how much it touches, for how long, and how anybody will know that it helped. */
function Promises({ body }: { body: PlanBody }) {
  const { targets, steps } = body.blast_radius
  const minutes = [...new Set(body.steps.flatMap(({ loan_minutes }) => (loan_minutes === null ? [] : [loan_minutes])))]
  return (
    <dl className={css.promises}>
      <div>
        <dt>Touches</dt>
        <dd>
          {many(targets, 'target')}, {many(steps, 'step')}
        </dd>
      </div>
      <div>
        <dt>Given back</dt>
        <dd>{minutes.length === 0 ? 'no: it stays' : `by itself after ${minutes.join(' and ')} min`}</dd>
      </div>
      <div className={css.wide}>
        <dt>Verified within {body.verify.within_s} s</dt>
        <dd>{body.verify.says}</dd>
      </div>
    </dl>
  )
}

function Identity({ plan, digest, body }: { plan: Plan; digest: string; body: PlanBody }) {
  return (
    <dl className={css.promises}>
      <div>
        <dt>Digest</dt>
        <dd>
          <Copy value={digest} short={shortDigest(digest)} label="digest" />
        </dd>
      </div>
      <div>
        <dt>Made</dt>
        <dd>
          <Time at={body.made_at} />, <Span from={body.made_at} /> ago, asked for by {plan.requested_by.name}
        </dd>
      </div>
    </dl>
  )
}

/** What was read, when, and which of it must still hold when the run starts. */
function Facts({ body }: { body: PlanBody }) {
  const guards = new Map(body.guards.map((guard) => [String(guard['fact']), guard]))
  const facts = [...leaves(body.facts)].sort(([a], [b]) => Number(guards.has(b)) - Number(guards.has(a)))
  return (
    <section aria-label="Facts">
      <h4 className={css.sub}>What it stands on</h4>
      <table className={css.facts}>
        <thead className="unseen">
          <tr>
            <th scope="col">Fact</th>
            <th scope="col">Was</th>
            <th scope="col">When the run starts</th>
          </tr>
        </thead>
        <tbody>
          {facts.map(([fact, value]) => {
            const guard = guards.get(fact)
            return (
              <tr key={fact}>
                <th scope="row">{fact}</th>
                <td>{value}</td>
                <td>{guard ? guardSays(guard) : ''}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      <h4 className={css.sub}>Read</h4>
      <ul className={css.reads}>
        {body.reads.map(({ what, at }) => (
          <li key={what + at}>
            <Time at={at} /> <code>{what}</code>
          </li>
        ))}
      </ul>
    </section>
  )
}

const many = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`
