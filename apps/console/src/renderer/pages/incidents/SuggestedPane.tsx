import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useUnanswered } from '../../api/reach.js'
import { runQuery } from '../../api/runs.js'
import type { Incident, Recipe } from '../../api/view.js'
import { paths } from '../../paths.js'
import { ariaKeys, shown, useKeys } from '../../ui/keys.js'
import { many } from '../../ui/many.js'
import { Pane } from '../../ui/Pane.js'
import { Span } from '../../ui/Time.js'
import { runState } from '../runs/words.js'
import { isOpen } from '../plans/inbox.js'
import { closest, helpedSays, standing, type Offer } from './offers.js'
import css from './SuggestedPane.module.css'
import { isOver } from './words.js'

/** Keys by which one of them is chosen. What is further down has none. */
const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const

/** Everything that could be done about it, and which of it is in the Plan pane. */
export function SuggestedPane({
  incident,
  offers,
  recipes,
  chosen,
  onChoose,
}: {
  incident: Incident
  offers: readonly Offer[]
  recipes: readonly Recipe[] | undefined
  /** The id of the offer that is shown. */
  chosen: string | undefined
  onChoose(id: string): void
}) {
  const near = closest(incident, recipes ?? [], offers)
  return (
    <Pane title={offers.length > 1 ? `Suggested (${offers.length})` : 'Suggested'}>
      {offers.length === 0 ? (
        <p className={css.none}>
          <b>No recipe is suggested</b> for incidents of class {incident.class}. What to do by hand stands in{' '}
          <Link to={paths.runbookPage} params={{ page: incident.class }}>
            the runbook
          </Link>
          .
        </p>
      ) : (
        <ol className={css.offers}>
          {offers.map((offer, at) => (
            <li key={offer.id}>
              <One
                offer={offer}
                over={isOver(incident)}
                keys={KEYS[at]}
                is={offer.id === chosen}
                onChoose={() => onChoose(offer.id)}
              />
              {KEYS[at] === undefined ? null : (
                <Key key={KEYS[at] + offer.title} keys={KEYS[at]} title={offer.title} run={() => onChoose(offer.id)} />
              )}
            </li>
          ))}
        </ol>
      )}
      {offers.some(({ plan }) => plan !== null && (isOpen(plan) || plan.state === 'used')) ? null : (
        <Others title="Closest" recipes={near.repairs} incident={incident} />
      )}
      <Others title="Only looks" recipes={near.looks} incident={incident} />
      <p className={css.more}>
        <Link to={paths.recipes} search={{ incident: incident.id }}>
          Ask for another plan…
        </Link>
      </p>
    </Pane>
  )
}

/** Bound while there is something to choose by it: what the help sheet and the palette offer does something. */
function Key({ keys, title, run }: { keys: string; title: string; run: () => void }) {
  useKeys([{ keys, does: `Plan: ${title}`, where: 'Incident', run }])
  return null
}

function One({
  offer,
  over,
  keys,
  is,
  onChoose,
}: {
  offer: Offer
  over: boolean
  keys: string | undefined
  is: boolean
  onChoose(): void
}) {
  const { title, tier, plan, recipe, earlier } = offer
  const { says, why, good } = standing(offer, over, useUnanswered() !== null)
  const run = useQuery({ ...runQuery(plan?.run ?? ''), enabled: typeof plan?.run === 'string' }).data
  const record = recipe?.record
  return (
    <button
      type="button"
      className={css.offer}
      aria-pressed={is}
      data-over={why !== null}
      aria-keyshortcuts={keys === undefined ? undefined : ariaKeys(keys)}
      onClick={onChoose}
    >
      {keys === undefined ? <span /> : <kbd aria-hidden>{shown(keys)}</kbd>}
      <span className={css.what}>
        <span className={css.title}>{title}</span>
        <span className={css.record}>
          {record ? helpedSays(record) : null}
          {record?.last_run_at ? (
            <>
              , last <Span from={record.last_run_at} /> ago
            </>
          ) : null}
          {earlier.length === 0 ? null : `; ${many(earlier.length, 'earlier plan')}`}
        </span>
        {why === null ? null : <span className={css.why}>{why}</span>}
      </span>
      <span className={css.tier}>{tier ?? ''}</span>
      <span className={css.state} data-good={good}>
        {good ? <span aria-hidden>✓ </span> : null}
        {run ? `run: ${runState[run.state]}` : says}
        {plan?.state === 'proposed' && plan.expires_at !== null ? (
          <span className={css.dim}>
            , expires in <Span to={plan.expires_at} />
          </span>
        ) : null}
      </span>
    </button>
  )
}

/** Recipes that are not on offer, as links to their forms with the incident filled in. */
function Others({ title, recipes, incident }: { title: string; recipes: readonly Recipe[]; incident: Incident }) {
  if (recipes.length === 0) return null
  return (
    <p className={css.others}>
      <span className={css.dim}>{title}: </span>
      {recipes.map(({ id, title, approval, record }, at) => (
        <span key={id}>
          {at > 0 ? ' · ' : ''}
          <Link to={paths.recipe} params={{ id }} search={{ incident: incident.id }}>
            {title}
          </Link>{' '}
          <span className={css.dim}>
            {approval.tier}, {helpedSays(record)}
          </span>
        </span>
      ))}
    </p>
  )
}
