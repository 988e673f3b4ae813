import { useQuery } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import { planQuery } from '../../api/plans.js'
import { recipeQuery } from '../../api/recipes.js'
import type { Recipe } from '../../api/view.js'
import { paths } from '../../paths.js'
import { Fact } from '../../ui/Fact.js'
import { PageHead } from '../../ui/PageHead.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { Span } from '../../ui/Time.js'
import { useTitle } from '../../ui/title.js'
import { PlanPane } from '../plans/PlanPane.js'
import { either, roleName, tiers } from '../plans/words.js'
import css from './RecipePage.module.css'
import { RunForm, useForm } from './RunForm.js'
import { StagePane } from './StagePane.js'
import { recordSays } from './words.js'

/** One recipe: what it does and never does, the form that asks it for a plan, and the plan that it made. */
export function RecipePage() {
  const { id } = useParams({ from: '/recipes/$id' })
  const query = useQuery(recipeQuery(id))
  useTitle(query.data?.title ?? 'Recipe')
  return (
    <>
      <PageHead title={query.data?.title ?? 'Recipe'}>
        <Link to={paths.recipes}>All recipes</Link>
      </PageHead>
      <Loaded query={query} what="this recipe" rows={8}>
        {(recipe) => <Desk key={recipe.id} recipe={recipe} />}
      </Loaded>
    </>
  )
}

function Desk({ recipe }: { recipe: Recipe }) {
  const { plan } = useSearch({ from: '/recipes/$id' })
  const form = useForm(recipe)
  return (
    <>
      <About recipe={recipe} />
      <div className={css.desk}>
        <div className={css.side}>
          <RunForm recipe={recipe} form={form} />
          <Pane title="It stops when">
            <ul className={css.stops}>
              {recipe.stop_if.map((because) => (
                <li key={because}>{because}</li>
              ))}
            </ul>
          </Pane>
          <StagePane recipe={recipe} />
        </div>
        {typeof plan === 'string' ? (
          <Planned key={plan} id={plan} whyNotNow={form.whyNot} />
        ) : (
          <Pane title="Plan">
            <p className={css.none}>
              <b>No plan yet.</b> Asking for one only reads: the worker looks at the systems, and says what it would do.
              Nothing runs before it is decided about.
            </p>
          </Pane>
        )}
      </div>
    </>
  )
}

function About({ recipe }: { recipe: Recipe }) {
  const { id, version, meaning, impact, page, approval, record, verify_within_s } = recipe
  const asks = either(approval.roles.map(roleName))
  return (
    <header className={css.about}>
      <p>
        {meaning} <span className={css.dim}>{impact}</span>
      </p>
      <dl>
        <Fact name="Recipe">
          <code>{id}</code> v{version}
        </Fact>
        <Fact name="For">{page}</Fact>
        <Fact name="Tier">{tiers[approval.tier]}</Fact>
        <Fact name="Approved by">{approval.people === 0 ? 'nobody' : `${approval.people} of ${asks}`}</Fact>
        <Fact name="Verified within">{verify_within_s} s</Fact>
        <Fact name="Record">
          {recordSays(record)}
          {record.last_run_at === null ? null : (
            <>
              , last <Span from={record.last_run_at} /> ago
            </>
          )}
        </Fact>
      </dl>
    </header>
  )
}

/** The plan that the form asked for: what it says now is only decided about while the form says the same. */
function Planned({ id, whyNotNow }: { id: string; whyNotNow: ReturnType<typeof useForm>['whyNot'] }) {
  const query = useQuery(planQuery(id))
  return (
    <div className={css.planned}>
      <Loaded query={query} what="the plan" rows={8}>
        {(plan) => (
          <PlanPane
            plan={plan}
            held={whyNotNow(plan)}
            title={
              <Link to={paths.plan} params={{ id }}>
                Plan
              </Link>
            }
          />
        )}
      </Loaded>
    </div>
  )
}
