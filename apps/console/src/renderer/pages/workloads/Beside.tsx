import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { figuresOfQuery } from '../../api/targets.js'
import { paths } from '../../paths.js'
import { Fact } from '../../ui/Fact.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { Time, TimesIn } from '../../ui/Time.js'
import { Figures } from '../incidents/Figures.js'
import { scaleLink, whyNotScale } from './scale.js'
import { roomSays, scalerSays, type Quotas, type Workload } from './workload.js'
import css from './WorkloadsPage.module.css'

/** One workload beside the list: all that was seen of it, and what can be done about it. */
export function Beside({ workload, quotas }: { workload: Workload; quotas: Quotas | undefined }) {
  const { ref, replicas, ready, autoscaler, lastChange, watchedSince, service, at } = workload
  const link = scaleLink(workload)
  const says = scalerSays(workload)
  return (
    <Pane title={ref}>
      <dl className={css.facts}>
        <Fact name="Pods">
          {replicas === null || ready === null ? 'not known' : `${ready} ready of ${replicas} that are asked for`}
        </Fact>
        <Fact name="Autoscaler">
          {autoscaler === undefined
            ? 'not known'
            : autoscaler === null
              ? 'none: it has as many as somebody asks for'
              : `${autoscaler.name}: ${autoscaler.min} to ${autoscaler.max}, now ${autoscaler.current}, wants ${autoscaler.desired}${says === 'at its maximum' ? ': it can give no more' : ''}`}
        </Fact>
        <Fact name="Room in quotas">
          {quotas === undefined ? 'not known' : quotas.room.map(roomSays).join(', ') || 'no quota'}
        </Fact>
        <Fact name="Last change">
          {lastChange === null ? 'none seen' : lastChange.says}
          {lastChange === null ? null : (
            <>
              , seen <Time at={lastChange.at} />
            </>
          )}
        </Fact>
        <Fact name="Watched since">{watchedSince === null ? 'not known' : <Time at={watchedSince} />}</Fact>
        <Fact name="Seen">
          <Time at={at} />
        </Fact>
        <Fact name="Service">{service ?? 'none of the house'}</Fact>
      </dl>
      {link ? (
        <p className={css.verbs}>
          <Link {...link}>
            Scale… <kbd aria-hidden>s</kbd>
          </Link>
          <Link to={paths.runs} search={{ recipe: 'scale-api' }}>
            When it was scaled before
          </Link>
        </p>
      ) : (
        <p className={css.why}>{whyNotScale(workload)}</p>
      )}
      <LastHour workload={workload} />
    </Pane>
  )
}

/** What was measured of it, and of the service that runs on it. Each of the two fails alone. */
function LastHour({ workload: { id, service } }: { workload: Workload }) {
  const of = useQuery({ ...figuresOfQuery(`service:${service ?? ''}`), enabled: service !== null })
  const own = useQuery(figuresOfQuery(id))
  return (
    <section className={css.hour} aria-label="The last hour">
      <h3>
        The last hour <TimesIn />
      </h3>
      {service === null ? null : (
        <Loaded query={of} what={`the figures of ${service}`} rows={4}>
          {({ items }) =>
            items.length === 0 ? (
              <p className={css.why}>The worker reads no figure of {service}.</p>
            ) : (
              <Figures items={items} group={id} />
            )
          }
        </Loaded>
      )}
      <Loaded query={own} what="its own figures" rows={2}>
        {({ items }) =>
          items.length > 0 ? (
            <Figures items={items} group={id} />
          ) : service === null ? (
            <p className={css.why}>The worker reads no figure of it.</p>
          ) : null
        }
      </Loaded>
    </section>
  )
}
