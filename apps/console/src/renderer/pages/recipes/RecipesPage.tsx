import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useRef } from 'react'
import { incidentQuery } from '../../api/incidents.js'
import { recipesQuery } from '../../api/recipes.js'
import type { Recipe } from '../../api/view.js'
import { paths } from '../../paths.js'
import { HeldTable } from '../../ui/HeldTable.js'
import { useKeys } from '../../ui/keys.js'
import { Filters, PageHead } from '../../ui/PageHead.js'
import { Loaded } from '../../ui/Pane.js'
import { Span } from '../../ui/Time.js'
import { useTitle } from '../../ui/title.js'
import { either, roleName } from '../plans/words.js'
import { approvers, byPage, isWanted, parseLook, tiers, whyNobody, type Look } from './catalogue.js'
import css from './RecipesPage.module.css'
import { recordSays, stageName } from './words.js'

/** What can be done, by what it is for: each recipe with what came of it, and whether you may ask for it. */
export function RecipesPage() {
  const look = useSearch({ from: '/recipes' })
  const query = useQuery(recipesQuery)
  useTitle('Recipes')
  return (
    <>
      <PageHead title="Recipes">
        <Search look={look} />
        <Narrow label="Tier" name="tier" look={look} choices={tiers} called={(tier) => tier} />
        <Narrow label="Approved by" name="role" look={look} choices={approvers} called={roleName} />
      </PageHead>
      {look.incident === undefined ? null : <ForIncident id={look.incident} />}
      <Loaded query={query} what="the recipes" rows={8}>
        {({ items }) => (
          <>
            {whyNobody(items) === undefined ? null : (
              <p role="note" className={css.note}>
                You may read these, and ask none for a plan: {whyNobody(items)}
              </p>
            )}
            <HeldTable
              key={JSON.stringify(look)}
              items={items.filter((recipe) => isWanted(recipe, look)).sort(byPage)}
              caption="Recipes"
              columns={['Recipe', 'For', 'Tier', 'Approved by', 'Stage', 'Record', 'You']}
              noun="recipe"
              where="Recipes"
              cells={({ item }) => (
                <Cells recipe={item} saidAbove={whyNobody(items) !== undefined} incident={look.incident} />
              )}
              nothing={<Nothing all={items.length} incident={look.incident} />}
            />
          </>
        )}
      </Loaded>
    </>
  )
}

const ofIncident = (incident: string | undefined) => (incident === undefined ? {} : { incident })

/** For which incident one of these is asked, and the way back to it. */
function ForIncident({ id }: { id: string }) {
  const incident = useQuery(incidentQuery(id)).data
  return (
    <p role="note" className={css.note}>
      A plan that you ask for from here is for{' '}
      <Link to={paths.incident} params={{ id }}>
        {incident ? `${incident.severity} ${incident.title}` : id}
      </Link>
      .
    </p>
  )
}

function Search({ look }: { look: Look }) {
  const navigate = useNavigate()
  const field = useRef<HTMLInputElement>(null)
  useKeys([{ keys: '/', does: 'Look for a recipe', where: 'Recipes', run: () => field.current?.focus() }])
  return (
    <TextInput
      ref={field}
      size="xs"
      className={css.search}
      aria-label="Look for a recipe"
      placeholder="Look for…  /"
      value={look.q ?? ''}
      onChange={({ currentTarget: { value } }) => {
        void navigate({ to: paths.recipes, search: parseLook({ ...look, q: value }), replace: true })
      }}
    />
  )
}

/** One filter: each choice once more takes it away. */
function Narrow<Name extends 'tier' | 'role'>({
  label,
  name,
  look,
  choices,
  called,
}: {
  label: string
  name: Name
  look: Look
  choices: readonly NonNullable<Look[Name]>[]
  called: (choice: NonNullable<Look[Name]>) => string
}) {
  return (
    <Filters label={label}>
      {choices.map((choice) => {
        const { [name]: chosen, ...rest } = look
        const is = chosen === choice
        return (
          <Link
            key={choice}
            to={paths.recipes}
            search={is ? rest : { ...look, [name]: choice }}
            aria-current={is ? 'true' : undefined}
            activeProps={{}}
          >
            {called(choice)}
            {is ? <span aria-hidden> ×</span> : null}
          </Link>
        )
      })}
    </Filters>
  )
}

function Cells({ recipe, saidAbove, incident }: { recipe: Recipe; saidAbove: boolean; incident: string | undefined }) {
  const { id, title, page, approval, stage, written_stage, record, may } = recipe
  return (
    <>
      <td className={css.what}>
        <Link to={paths.recipe} params={{ id }} search={ofIncident(incident)}>
          {title}
        </Link>
        <span className={css.dim}>{id}</span>
      </td>
      <td>{page}</td>
      <td>{approval.tier}</td>
      <td>
        {approval.people === 0
          ? 'nobody: it only reads'
          : `${approval.people > 1 ? `${approval.people} of ` : ''}${either(approval.roles.map(roleName))}`}
      </td>
      <td>
        {stageName[stage]}
        {stage === written_stage ? null : <span className={css.dim}>moved by people</span>}
      </td>
      <td>
        {recordSays(record)}
        {record.last_run_at === null ? null : (
          <span className={css.dim}>
            last <Span from={record.last_run_at} /> ago
          </span>
        )}
      </td>
      <td className={css.may} data-ok={may.plan.ok}>
        {may.plan.ok ? (
          <>
            <span aria-hidden>✓</span> may ask
          </>
        ) : (
          <>
            <span aria-hidden>✗</span> {saidAbove ? 'may not' : may.plan.reason}
          </>
        )}
      </td>
    </>
  )
}

/** No recipe at all, or none behind these filters. */
const Nothing = ({ all, incident }: { all: number; incident: string | undefined }) =>
  all === 0 ? (
    <>
      <b>There is no recipe.</b> This Firebreak was started with an empty catalogue.
    </>
  ) : (
    <>
      <b>No recipe is like that.</b> What you look for hides {all === 1 ? 'the only one' : `all ${all}`}.{' '}
      <Link to={paths.recipes} search={ofIncident(incident)}>
        Show all
      </Link>
    </>
  )
