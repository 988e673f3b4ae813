import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Plan, PlanBody, PlanStep } from '../../api/view.js'
import { paths } from '../../paths.js'
import { oddities } from '../../ui/alike.js'
import { Copy } from '../../ui/Copy.js'
import { Diff, Value } from '../../ui/Diff.js'
import { leaves } from '../../ui/diff.js'
import { Fact } from '../../ui/Fact.js'
import { Folded } from '../../ui/Folded.js'
import { many } from '../../ui/many.js'
import { Span, Time } from '../../ui/Time.js'
import css from './PlanView.module.css'
import { autoscalerInTheWay, guardSays, paceSays, shortDigest } from './words.js'

interface Props {
  plan: Plan
  /** Whether its recipe stands above it; elsewhere it is the heading of the page. */
  titled?: boolean
  children?: ReactNode
}

/**
 * One plan, in the order in which somebody decides about it: what, how it is undone and checked, the decision
 * (`children`), and then the facts that it stands on.
 */
export function PlanView({ plan, titled = true, children }: Props) {
  const { recipe, body } = plan
  return (
    <div className={css.room}>
      <div className={css.plan}>
        <div className={css.part}>
          {titled ? (
            <div>
              <h3 className={css.title}>{recipe.title}</h3>
              <p className={css.meaning}>
                {recipe.meaning} <span className={css.dim}>{recipe.impact}</span>
              </p>
            </div>
          ) : null}
          {body ? (
            <>
              <ol className={css.steps} aria-label="Steps">
                {body.steps.map((step, at) => (
                  <Step key={at} step={step} />
                ))}
              </ol>
              <Odd body={body} />
              <Findings body={body} />
              <Promises body={body} />
            </>
          ) : null}
          {children}
        </div>
        {body && plan.digest !== null ? (
          <div className={css.part}>
            <Identity plan={plan} digest={plan.digest} body={body} />
            <Params body={body} />
            <Facts body={body} sub={titled ? 'h4' : 'h3'} />
          </div>
        ) : null}
      </div>
    </div>
  )
}

function Step({ step }: { step: PlanStep }) {
  const scaledBy = autoscalerInTheWay(step)
  return (
    <li>
      <p className={css.says}>{step.says}</p>
      {scaledBy === null ? null : (
        <p className={css.undo} role="note">
          {scaledBy}
        </p>
      )}
      <div className={css.target}>
        <code>{step.targets.join(', ')}</code>
        <Diff before={step.before} after={step.after} />
      </div>
      <Items step={step} />
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

/** Of a step over many: how it goes through them, and each of them for whoever wants to look. */
function Items({ step: { items, pace } }: { step: PlanStep }) {
  if (items === undefined) return null
  return (
    <div className={css.items}>
      {pace === undefined ? null : <p>{paceSays(pace)}.</p>}
      <details>
        <summary>{many(items.length, 'effect')}</summary>
        <ol>
          {items.map(({ says }, at) => (
            <li key={at}>{says}</li>
          ))}
        </ol>
      </details>
    </div>
  )
}

/** Targets that can be taken for others: said before somebody says yes. */
function Odd({ body }: { body: PlanBody }) {
  const odd = oddities(body.steps.flatMap(({ targets }) => targets))
  if (odd.length === 0) return null
  return (
    <ul className={css.odd} aria-label="Look twice">
      {odd.map((says) => (
        <li key={says}>
          <span aria-hidden>▲</span> {says}
        </li>
      ))}
    </ul>
  )
}

/** What a recipe that looks has found out, the most important first, and the recipe that fits it. */
function Findings({ body }: { body: PlanBody }) {
  if (body.findings === undefined || body.findings.length === 0) return null
  return (
    <ol className={css.findings} aria-label="What it found">
      {body.findings.map(({ says, suggests }, at) => (
        <li key={at}>
          {says}
          {suggests === null ? null : (
            <>
              {' '}
              <Link to={paths.recipe} params={{ id: suggests }} search={inIncident(body)}>
                {suggests}
              </Link>
            </>
          )}
        </li>
      ))}
    </ol>
  )
}

const inIncident = ({ incident }: PlanBody) => (incident === null ? {} : { incident })

/** What the plan promises about itself: how much it touches, for how long, and how anybody will know that it helped. */
function Promises({ body }: { body: PlanBody }) {
  const { targets, steps } = body.blast_radius
  const minutes = [...new Set(body.steps.flatMap(({ loan_minutes }) => (loan_minutes === null ? [] : [loan_minutes])))]
  return (
    <dl className={css.promises}>
      <Fact name="Touches">
        {many(targets, 'target')}, {many(steps, 'step')}
      </Fact>
      <Fact name="Given back">
        {minutes.length === 0 ? 'no: it stays' : `by itself after ${minutes.join(' and ')} min`}
      </Fact>
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
      <Fact name="Digest">
        <Copy value={digest} short={shortDigest(digest)} label="digest" />
      </Fact>
      <Fact name="Made">
        <Time at={body.made_at} />, <Span from={body.made_at} /> ago, asked for by {plan.requested_by.name}
      </Fact>
    </dl>
  )
}

/** What was asked for, beside what the recipe decides by itself. */
function Params({ body }: { body: PlanBody }) {
  const params = [...leaves(body.params)]
  if (params.length === 0) return null
  return (
    <dl className={css.promises} aria-label="Parameters">
      {params.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className={css.value}>
            <Folded text={value} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** What was read, when, and which of it must still hold when the run starts. */
function Facts({ body, sub: Sub }: { body: PlanBody; sub: 'h3' | 'h4' }) {
  const guards = new Map(body.guards.map((guard) => [String(guard['fact']), guard]))
  const facts = [...leaves(body.facts)].sort(([a], [b]) => Number(guards.has(b)) - Number(guards.has(a)))
  return (
    <section aria-label="Facts">
      <Sub className={css.sub}>What it stands on</Sub>
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
                <th scope="row">
                  <Value text={fact} />
                </th>
                <td>
                  <Folded text={value} />
                </td>
                <td>{guard ? guardSays(guard) : ''}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      <Sub className={css.sub}>Read</Sub>
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
