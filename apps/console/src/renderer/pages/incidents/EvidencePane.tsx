import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { memo, useEffect, useMemo, useRef } from 'react'
import { useUnanswered } from '../../api/reach.js'
import { evidenceQuery, figuresQuery } from '../../api/surroundings.js'
import { lastLook, seenQuery } from '../../api/targets.js'
import type { EvidenceItem, Figure, Incident } from '../../api/view.js'
import { paths } from '../../paths.js'
import { bytesSays } from '../../ui/bytes.js'
import { Copy } from '../../ui/Copy.js'
import { windowOf } from '../../ui/figure.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import type { Mark } from '../../ui/Plot.js'
import { SeenAgo } from '../../ui/Seen.js'
import { Moment, TimesIn } from '../../ui/Time.js'
import { queuesOf, type JobQueue } from '../queues/queue.js'
import { groupsSay, measuredOf, queuesAround } from './around.js'
import css from './EvidencePane.module.css'
import { Figures } from './Figures.js'
import { isFollowed } from './words.js'

/** What is known of what it is about: figures over time, its queues, and what runs have kept. Each of them fails alone. */
export function EvidencePane({ incident }: { incident: Incident }) {
  const followed = isFollowed(incident)
  const figures = useQuery(figuresQuery(incident.id, followed))
  const { refetch } = figures
  // Then everything says from when it is.
  const silent = useUnanswered() !== null
  const before = useRef(followed)
  useEffect(() => {
    // Opened again: what is shown is from when it was resolved, and must not pass for now until the clock comes round.
    if (followed && !before.current) void refetch()
    before.current = followed
  }, [followed, refetch])
  return (
    <Pane title="Evidence" go={{ keys: 'v', does: 'Go to the evidence', where: 'Incident' }} head={<TimesIn />}>
      <div className={css.evidence}>
        <Loaded query={figures} what="the figures" rows={6}>
          {({ items }) => (
            <>
              {followed || silent || items.length === 0 ? null : (
                <AsOf at={figures.dataUpdatedAt} again={() => void figures.refetch()} />
              )}
              <Around items={items} incident={incident} at={figures.dataUpdatedAt} />
            </>
          )}
        </Loaded>
        <Queues incident={incident} />
        <Kept incident={incident.id} />
      </div>
    </Pane>
  )
}

/** Whoever comes to it later reads how it ended; whoever wonders whether it is back looks again, or opens it again. */
const AsOf = ({ at, again }: { at: number; again(): void }) => (
  <p className={css.asof}>
    As of <Moment at={new Date(at).toISOString()} />: figures of what is resolved are not followed.{' '}
    <button type="button" className={css.again} onClick={again}>
      Look again
    </button>
  </p>
)

/**
 * With the moments of the incident on them.
 * @param props.at milliseconds: when they were asked for
 */
function Around({ items, incident, at }: { items: readonly Figure[]; incident: Incident; at: number }) {
  const { id, opened_at, resolved_at } = incident
  const marks = useMemo(() => marksOf(opened_at, resolved_at), [opened_at, resolved_at])
  if (items.length === 0)
    return <p className={css.nothing}>The worker reads no figure of what this incident is about.</p>
  const from = windowOf(items.map(measuredOf))[0]
  return (
    <>
      {from > 0 && marks[0]!.at < from ? (
        <p className={css.nothing}>
          It opened <Moment at={opened_at} />, before what is shown.
        </p>
      ) : null}
      <Figures items={items} marks={marks} group={id} at={at} />
    </>
  )
}

const seconds = (at: string) => Date.parse(at) / 1_000

const marksOf = (opened: string, resolved: string | null): Mark[] => [
  { at: seconds(opened), word: 'opened' },
  ...(resolved === null ? [] : [{ at: seconds(resolved), word: 'resolved' }]),
]

/** The queues that it is about, a line each. */
function Queues({ incident }: { incident: Incident }) {
  const about =
    incident.class === 'batch-failures' || incident.alerts.some(({ labels }) => labels['queue'] !== undefined)
  const seen = useQuery({ ...seenQuery('queue'), enabled: about, ...(isFollowed(incident) ? {} : { refetchInterval: false }) }) // prettier-ignore
  if (!about) return null
  return (
    <section className={css.part} aria-label="Queues">
      <Loaded query={seen} what="its queues" rows={1}>
        {({ items }) => {
          const queues = queuesAround(queuesOf(items, lastLook(items)), incident)
          return queues.length === 0 ? (
            <p className={css.nothing}>The worker has seen no queue that it is about.</p>
          ) : (
            <ul className={css.lines}>
              {queues.map((queue) => (
                <QueueLine key={queue.id} queue={queue} />
              ))}
            </ul>
          )
        }}
      </Loaded>
    </section>
  )
}

function QueueLine({ queue }: { queue: JobQueue }) {
  const { name, waiting, failed, at, missed } = queue
  const count = (jobs: number | null) => (jobs === null ? 'not known' : jobs.toLocaleString('en-GB'))
  const groups = groupsSay(queue)
  return (
    <li>
      <p>
        Queue{' '}
        <Link to={paths.queue} params={{ name }}>
          {name}
        </Link>
        : <b data-bad={failed !== null && failed > 0}>{count(failed)} failed</b>, {count(waiting)} waiting
        <span className={css.dim}>
          {', seen '}
          <SeenAgo at={at} missed={missed} />
        </span>
      </p>
      {groups === '' ? null : <p className={css.under}>{groups}</p>}
    </li>
  )
}

/** What runs have sealed: by its digest it lies in an export that discloses. */
function Kept({ incident }: { incident: string }) {
  const query = useQuery(evidenceQuery(incident))
  return (
    <section className={css.part} aria-label="Kept by its runs">
      <h3>Kept by its runs</h3>
      <Loaded query={query} what="what its runs have kept" rows={1}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={css.nothing}>No run of it has kept evidence.</p>
          ) : (
            <ul className={css.lines}>
              {items.map((item) => (
                <KeptLine key={item.sha256 + item.entry} item={item} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  )
}

const KeptLine = memo(({ item }: { item: EvidenceItem }) => {
  const { contents, size, media_type, sha256, run, at, position } = item
  return (
    <li>
      <p>{contents === '' ? 'What is in it was not written down.' : contents}</p>
      <p className={css.under}>
        <span>{bytesSays(size)}</span>
        <code>{media_type}</code>
        <Copy value={sha256} label="digest" short={`sha256 ${sha256.slice(0, 12)}…`} />
        <span>
          kept <Moment at={at} />
          {run === '' ? null : (
            <>
              {' by '}
              <Link to={paths.run} params={{ id: run }}>
                its run
              </Link>
            </>
          )}
        </span>
        <span>{position === null ? 'not in the log yet' : `#${position.toLocaleString('en-GB')} in the log`}</span>
      </p>
    </li>
  )
})
