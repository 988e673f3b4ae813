import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useRef } from 'react'
import { runsOfQuery } from '../../api/runs.js'
import { figuresOfQuery, lastLook, seenQuery } from '../../api/targets.js'
import { paths } from '../../paths.js'
import { Fact } from '../../ui/Fact.js'
import { useKeys } from '../../ui/keys.js'
import { many } from '../../ui/many.js'
import { useNow } from '../../ui/now.js'
import { PageHead } from '../../ui/PageHead.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { LastLook } from '../../ui/Seen.js'
import { Span, Time, TimesIn } from '../../ui/Time.js'
import { useTitle } from '../../ui/title.js'
import { Figures } from '../incidents/Figures.js'
import { RunState } from '../runs/RunState.js'
import { Count } from './Count.js'
import { goesSays, queuesOf, stillFails, windowSays, type Group, type JobQueue } from './queue.js'
import css from './QueuePage.module.css'

/** One queue: how much waits, what failed of what, and how a group of it is queued again. */
export function QueuePage() {
  const { name } = useParams({ from: '/queues/$name' })
  const query = useQuery(seenQuery('queue'))
  useTitle(`Queue ${name}`)
  return (
    <>
      <PageHead title={name}>
        <Link to={paths.queues}>All queues</Link>
      </PageHead>
      <div className={css.stack}>
        <Loaded query={query} what="this queue" rows={6}>
          {({ items }) => {
            const looked = lastLook(items)
            const queue = queuesOf(items, looked).find((one) => one.name === name)
            if (!queue)
              return (
                <p className={css.nothing}>
                  <b>The worker has seen no queue of this name.</b>{' '}
                  <Link to={paths.queues}>Those that it has seen</Link>
                </p>
              )
            return (
              <>
                <LastLook at={queue.at} />
                <Counts queue={queue} />
                <Failed queue={queue} />
                <LastHour id={queue.id} />
              </>
            )
          }}
        </Loaded>
        <Before queue={name} />
      </div>
    </>
  )
}

function Counts({ queue }: { queue: JobQueue }) {
  const { waiting, nextSince, active, delayed, failed, kind, service, environment, failures } = queue
  const oldest = failures?.groups.flatMap(({ firstAt }) => firstAt ?? []).sort()[0]
  const all = failures !== null && failed !== null && failures.lookedAt >= failed
  return (
    <dl className={css.counts}>
      <Fact name="waiting">
        <Count of={waiting} />
      </Fact>
      {nextSince === null ? null : (
        <Fact name="waits longest">
          <Span from={nextSince} />
        </Fact>
      )}
      <Fact name="active">
        <Count of={active} />
      </Fact>
      <Fact name="delayed">
        <Count of={delayed} />
      </Fact>
      <Fact name="failed">
        <Count of={failed} bad />
      </Fact>
      {oldest === undefined ? null : (
        <Fact name={all ? 'oldest failure' : 'oldest failure that was looked at'}>
          <Span from={oldest} />
        </Fact>
      )}
      <Fact name="belongs to">
        {[service, environment, kind].filter((part) => part !== null).join(', ') || 'not known'}
      </Fact>
    </dl>
  )
}

function Failed({ queue }: { queue: JobQueue }) {
  const { failed, failures } = queue
  const groups = useRef<HTMLUListElement>(null)
  const navigate = useNavigate()
  useKeys([
    {
      keys: 'R',
      does: 'Queue the group under the focus again, or the first: opens the form of its recipe',
      where: 'Queue',
      run: () => {
        const all = [...(groups.current?.children ?? [])]
        const at = Math.max(0, all.findIndex((one) => one.contains(document.activeElement))) // prettier-ignore
        const group = failures?.groups[at]
        if (group) void navigate(requeueLink(queue, group))
      },
    },
  ])
  return (
    <Pane
      title="Failed, by what they failed of"
      head={
        <span className={css.dim}>
          {windowSays(queue)}
          {failures === null ? null : (
            <>
              , read <Span from={failures.at} /> ago
            </>
          )}
        </span>
      }
    >
      {failures === null ? (
        <p>The worker has not written down why jobs failed.</p>
      ) : failures.groups.length === 0 ? (
        <p className={css.nothing}>{failed === 0 ? <b>No job has failed.</b> : <b>No failed job could be read.</b>}</p>
      ) : (
        <ul ref={groups} className={css.groups}>
          {failures.groups.map((group) => (
            <OneGroup key={group.cause} group={group} queue={queue} of={failures.lookedAt} />
          ))}
        </ul>
      )}
    </Pane>
  )
}

/** The form of the recipe, with this group in it. It asks nothing by itself. */
const requeueLink = ({ name }: JobQueue, { cause }: Group) => ({
  to: paths.recipe,
  params: { id: 'requeue-failed-jobs' },
  search: { queue: name, cause },
})

/** Those of one cause. Nothing is queued from here: the recipe's form is, with this group in it. */
function OneGroup({ group, queue, of }: { group: Group; queue: JobQueue; of: number }) {
  const now = useNow()
  const { cause, count, example, firstAt, lastAt, mostAttempts, jobs } = group
  const still = stillFails(group, now)
  return (
    <li>
      <div className={css.head}>
        <code className={css.cause}>{cause}</code>
        <b className={css.count}>{count.toLocaleString('en-GB')}</b>
      </div>
      <meter className={css.share} min={0} max={Math.max(1, of)} value={count} aria-label={`Share of ${cause}`} />
      <p className={css.example}>“{example}”</p>
      <p className={css.dim}>
        {firstAt === null ? null : (
          <>
            first <Time at={firstAt} />
          </>
        )}
        {lastAt === null ? null : (
          <>
            {' · '}last <Time at={lastAt} />, <Span from={lastAt} /> ago
          </>
        )}
        {mostAttempts === null ? null : ` · up to ${many(mostAttempts, 'attempt')}`}
      </p>
      <p className={still === 'yes' ? css.still : css.dim}>
        {still === 'yes' ? (
          <>
            <span aria-hidden>▲</span> Still failing: what is queued again now would fail again. Mend the cause first.
          </>
        ) : still === 'no' ? (
          'None has failed like this in the last two minutes.'
        ) : (
          'Whether it still fails is not known.'
        )}
      </p>
      <details>
        <summary>
          {jobs.length < count ? `${jobs.length} of its ${count} jobs` : count === 1 ? 'Its job' : `Its ${count} jobs`}
        </summary>
        <p className={css.jobs}>
          {jobs.map((id) => (
            <code key={id}>{id}</code>
          ))}
        </p>
      </details>
      <p className={css.verbs}>
        <Link {...requeueLink(queue, group)}>Queue this group again…</Link>
        <span className={css.dim}>{goesSays(count, queue)}</span>
      </p>
    </li>
  )
}

/** How much waited and how much had failed, look by look: whether it grows, and since when. */
function LastHour({ id }: { id: string }) {
  const query = useQuery(figuresOfQuery(id))
  return (
    <Pane title="The last hour" head={<TimesIn />}>
      <Loaded query={query} what="its figures" rows={4}>
        {({ items }) =>
          items.length === 0 ? (
            <p>The worker has written down no figure of it.</p>
          ) : (
            <Figures items={items} group={id} />
          )
        }
      </Loaded>
    </Pane>
  )
}

/** What was queued again before, and how that went. */
function Before({ queue }: { queue: string }) {
  const query = useQuery(runsOfQuery('requeue-failed-jobs'))
  return (
    <Pane
      title="Queued again before"
      head={
        <Link to={paths.runs} search={{ recipe: 'requeue-failed-jobs' }}>
          every run of this recipe
        </Link>
      }
    >
      <Loaded query={query} what="what was queued again before" rows={2}>
        {({ items }) => {
          const own = items.filter(({ steps }) =>
            steps.some(({ targets }) =>
              targets.some((target) => target === `queue:${queue}` || target.startsWith(`job:${queue}/`)),
            ),
          )
          return own.length === 0 ? (
            <p>Nothing of this queue among the last {items.length} runs of this recipe.</p>
          ) : (
            <ul className={css.before}>
              {own.slice(0, 8).map(({ id, state, started_at, steps }) => (
                <li key={id}>
                  <RunState state={state} />{' '}
                  <Link to={paths.run} params={{ id }}>
                    {steps[0]?.says ?? id}
                  </Link>{' '}
                  <Time at={started_at} />
                </li>
              ))}
            </ul>
          )
        }}
      </Loaded>
    </Pane>
  )
}
