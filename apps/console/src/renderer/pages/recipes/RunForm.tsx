import { Button, NativeSelect, Textarea } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useRef, useState } from 'react'
import { activeQuery, suggestionsQuery } from '../../api/incidents.js'
import { planQuery, requestPlan } from '../../api/plans.js'
import { problemOf, Refusal } from '../../api/problem.js'
import { seenQuery } from '../../api/targets.js'
import type { Plan, Recipe } from '../../api/view.js'
import { paths } from '../../paths.js'
import { announce } from '../../ui/announce.js'
import { useWanted, wanted } from '../../ui/Heading.js'
import { ariaKeys, shown, useKeys } from '../../ui/keys.js'
import { useHeard } from '../../ui/live.js'
import { Pane } from '../../ui/Pane.js'
import { ProblemNote } from '../../ui/ProblemNote.js'
import { isOpen } from '../plans/inbox.js'
import { Withdraw } from '../plans/Withdraw.js'
import { planState } from '../plans/words.js'
import { begin, faultsOf, paramsOf, write } from './form/draft.js'
import { fieldsOf } from './form/fields.js'
import { whyNotThis, type Wish } from './form/wish.js'
import { ParamField } from './ParamField.js'
import css from './RunForm.module.css'

/** What the form says now, what is wrong with it, and how it asks. */
export type Form = ReturnType<typeof useForm>

/** The state of the form of one recipe. It begins with what the link says; a link never asks. */
export function useForm(recipe: Recipe) {
  const link = useSearch({ from: '/recipes/$id' })
  const fields = useMemo(() => fieldsOf(recipe.params), [recipe.params])
  const [begun] = useState(() => begin(fields, link))
  const [draft, setDraft] = useState(begun.draft)
  const [incident, setIncident] = useState(text(link['incident']))
  const [service, setService] = useState(text(link['service']))
  const [reason, setReason] = useState(text(link['reason']))
  /** Whose faults are shown: of fields that somebody has left, and of all once they have asked. */
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set())
  const [said, setSaid] = useState<Record<string, string>>({})
  const linked = Object.keys(link).length > 0

  const { params, wrong } = paramsOf(fields, draft)
  const about = incident !== '' ? { incident } : service === '' ? {} : { service }
  const wish: Wish = { recipe: recipe.id, params, reason: reason.trim(), ...about }
  const noReason = needsReason(recipe) && wish.reason === '' ? 'Whoever approves it reads why: say it.' : undefined
  const ask = useAsk(wish, (faults) => setSaid(faultsOf(faults, fields).by))

  return {
    ...{
      fields,
      draft,
      incident,
      service,
      reason,
      ask,
      setIncident,
      setService,
      setReason,
      unknown: begun.unknown,
      linked,
    },
    isWrong: Object.keys(wrong).length > 0 || noReason !== undefined,
    /** What is wrong with a field, once somebody may want to know: the API's own word is said at once. */
    faultOf: (name: string) => said[name] ?? (seen.has(name) ? wrong[name] : undefined),
    reasonFault: seen.has(REASON) ? noReason : undefined,
    leave: (name: string) => setSeen((before) => new Set([...before, name])),
    seeAll: () => setSeen(new Set([...fields.map(({ name }) => name), REASON])),
    write: (name: string, written: string) => {
      setDraft((before) => write(before, name, written))
      setSaid(({ [name]: _, ...rest }) => rest)
    },
    /** Of the problem, what stands beside no field. */
    rest: (error: unknown): unknown => {
      if (!(error instanceof Refusal)) return error
      const { rest } = faultsOf(error.problem.errors, fields)
      return new Refusal({ ...error.problem, errors: rest }, error.answered)
    },
    whyNot: (plan: Plan): string | null =>
      Object.keys(wrong).length > 0 ? 'The form is not right now.' : whyNotThis(plan, wish),
  }
}

const REASON = '\0reason'

/** A wide plan is decided by somebody who was not there. */
export const needsReason = ({ approval: { tier } }: Recipe): boolean => tier === 'T2' || tier === 'T3'

function useAsk(wish: Wish, onFaults: (errors: ReturnType<typeof problemOf>['errors']) => void) {
  const queries = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: () => {
      const { service, ...rest } = wish
      return requestPlan({ ...rest, ...(service === undefined ? {} : { labels: { service } }) }, crypto.randomUUID())
    },
    onSuccess: (plan) => {
      queries.setQueryData(planQuery(plan.id).queryKey, plan)
      announce(plan.state === 'requested' ? 'The worker is making the plan.' : 'The plan is made.')
      // The address says what was asked for: whoever opens it again, or is sent it, finds the form and the plan.
      const { params, incident, service, reason } = wish
      const search = {
        ...params,
        ...(incident === undefined ? {} : { incident }),
        ...(service === undefined ? {} : { service }),
        ...(reason === '' ? {} : { reason }),
      }
      void navigate({
        to: paths.recipe,
        params: { id: wish.recipe },
        search: { ...search, plan: plan.id },
        replace: true,
        resetScroll: false,
      })
    },
    onError: (error) => onFaults(problemOf(error).errors),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['plan', 'list'] }),
  })
}

/** Asks for a plan. Making it only reads, so it takes one press; what runs is decided about on the plan. */
export function RunForm({ recipe, form }: { recipe: Recipe; form: Form }) {
  const { fields, draft, unknown, ask } = form
  const body = useRef<HTMLFormElement>(null)
  const reason = useRef<HTMLTextAreaElement>(null)
  // A link has brought the rest: the reason is what is still to be said, and the first key writes it.
  const [begins] = useState(form.linked && needsReason(recipe) && form.reason === '')
  useWanted(reason, begins)
  const { ok, reason: why } = useHeard()(recipe.may.plan)
  const submit = () => {
    form.seeAll()
    if (form.isWrong) return void requestAnimationFrame(() => toFault(body.current))
    if (!ok || ask.isPending) return
    ask.mutate(undefined, { onError: () => requestAnimationFrame(() => toFault(body.current)) })
  }
  useKeys([{ keys: 'Mod+Enter', does: 'Ask for the plan, which only reads', where: 'Asking', run: submit }])
  return (
    <Pane title="Ask for a plan">
      {form.incident === '' ? null : <OpenPlan recipe={recipe.id} incident={form.incident} />}
      <form
        ref={body}
        className={css.form}
        noValidate
        aria-label="Ask for a plan"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        {unknown.length === 0 ? null : (
          <p role="note" className={css.note}>
            The link names what this recipe does not have, and it is left out: <code>{unknown.join(', ')}</code>
          </p>
        )}
        {ask.error ? <ProblemNote error={form.rest(ask.error)} what="No plan was asked for" /> : null}
        <IncidentField form={form} />
        {form.incident === '' ? <ServiceField form={form} /> : null}
        {fields.map((field) => (
          <ParamField
            key={field.name}
            field={field}
            stands={draft[field.name] ?? { written: '', origin: 'nobody' }}
            fault={form.faultOf(field.name)}
            onWrite={(written) => form.write(field.name, written)}
            onLeave={() => form.leave(field.name)}
          />
        ))}
        <Textarea
          ref={reason}
          {...(begins ? wanted : {})}
          label="Reason"
          description={
            needsReason(recipe) ? 'Whoever approves it reads this.' : 'Whoever comes to it reads this. May be left out.'
          }
          required={needsReason(recipe)}
          error={form.reasonFault}
          maxLength={2_000}
          rows={2}
          value={form.reason}
          onChange={({ currentTarget: { value } }) => form.setReason(value)}
        />
        <div className={css.row}>
          <Button
            type="submit"
            aria-keyshortcuts={ariaKeys('Mod+Enter')}
            rightSection={<kbd aria-hidden>{shown('Mod+Enter')}</kbd>}
            data-disabled={!ok}
            aria-disabled={!ok}
            aria-describedby={ok ? undefined : 'why-no-plan'}
            loading={ask.isPending}
          >
            Ask for the plan
          </Button>
          {ok ? (
            <span className={css.dim}>
              {recipe.approval.tier === 'T0' ? 'It only reads, and runs as soon as it is made.' : 'It only reads.'}
            </span>
          ) : (
            <span id="why-no-plan" className={css.dim}>
              {why}
            </span>
          )}
        </div>
      </form>
    </Pane>
  )
}

/** One plan of a recipe is open for an incident at a time: whoever wants another ends that one, and is told before they ask. */
function OpenPlan({ recipe, incident }: { recipe: string; incident: string }) {
  const { plan: beside } = useSearch({ from: '/recipes/$id' })
  const plans = useQuery(suggestionsQuery(incident)).data?.items
  const open = plans?.find((plan) => plan.recipe.id === recipe && isOpen(plan))
  // What this form asked for stands beside it, and is ended there.
  if (!open || open.id === beside) return null
  return (
    <div role="note" className={css.before}>
      <p className={css.open}>
        <Link to={paths.plan} params={{ id: open.id }}>
          A plan of this recipe
        </Link>{' '}
        is {planState[open.state]} for this incident: decide about it or withdraw it, then ask for another.
      </p>
      <Withdraw plan={open} />
    </div>
  )
}

/** For which incident: its alert tells the recipe where to look. Nothing is chosen for anybody. */
function IncidentField({ form: { incident, setIncident } }: { form: Form }) {
  const active = useQuery(activeQuery)
  const known = active.data?.items ?? []
  const elsewhere = incident !== '' && known.every(({ id }) => id !== incident)
  return (
    <NativeSelect
      label="Incident"
      description={
        active.error
          ? 'The incidents could not be read: only the one of the link can be named.'
          : 'Its alert says where the recipe looks.'
      }
      value={incident}
      onChange={({ currentTarget: { value } }) => setIncident(value)}
      data={[
        { value: '', label: 'none' },
        ...(elsewhere ? [{ value: incident, label: `${incident}, from the link` }] : []),
        ...known.map(({ id, severity, title }) => ({ value: id, label: `${severity} ${title}` })),
      ]}
    />
  )
}

/** Which service it is about, where no incident says it: a recipe takes it from the alert otherwise. */
function ServiceField({ form: { service, setService } }: { form: Form }) {
  const seen = useQuery(seenQuery('service'))
  const known = (seen.data?.items ?? []).map(({ target }) => target.replace(/^service:/, ''))
  const all = service === '' || known.includes(service) ? known : [service, ...known]
  return (
    <NativeSelect
      label="Service"
      description="Which service it is about, where no incident says it. Not every recipe asks."
      value={service}
      onChange={({ currentTarget: { value } }) => setService(value)}
      data={[{ value: '', label: 'none' }, ...all.map((name) => ({ value: name, label: name }))]}
    />
  )
}

/** The first field that somebody has to look at again. */
const toFault = (form: HTMLFormElement | null): void =>
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
