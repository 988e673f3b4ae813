import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useRef } from 'react'
import { figuresNamedQuery, lastLook, seenQuery } from '../../api/targets.js'
import type { Figure } from '../../api/view.js'
import { paths } from '../../paths.js'
import { amount, standingOf } from '../../ui/figure.js'
import { HeldTable } from '../../ui/HeldTable.js'
import type { Row } from '../../ui/hold.js'
import { useKeys } from '../../ui/keys.js'
import list from '../../ui/list.module.css'
import { Filters, PageHead } from '../../ui/PageHead.js'
import { Loaded } from '../../ui/Pane.js'
import { LastLook, SeenAgo } from '../../ui/Seen.js'
import { Spark } from '../../ui/Spark.js'
import { Target } from '../../ui/Target.js'
import { Span } from '../../ui/Time.js'
import { useTitle } from '../../ui/title.js'
import { measuredOf } from '../incidents/around.js'
import { Beside } from './Beside.js'
import { QuotaLine } from './QuotaLine.js'
import { scaleLink } from './scale.js'
import { healthMark, healthOf, quotasOf, scalerSays, workloadsOf, type Workload } from './workload.js'
import css from './WorkloadsPage.module.css'

/** Every Deployment that the worker looks at: how many of it there are, what scales it, what changed last. */
export function WorkloadsPage() {
  const { show, open } = useSearch({ from: '/workloads' })
  useTitle('Workloads')
  return (
    <>
      <PageHead title="Workloads">
        <Filters label="Filter">
          <Link to={paths.workloads} aria-current={show === undefined ? 'page' : undefined}>
            all
          </Link>
          <Link to={paths.workloads} search={{ show: 'short' }} aria-current={show === 'short' ? 'page' : undefined}>
            not all there
          </Link>
        </Filters>
      </PageHead>
      <List key={show ?? 'all'} short={show === 'short'} open={open} />
    </>
  )
}

function List({ short, open }: { short: boolean; open: string | undefined }) {
  const deployments = useQuery(seenQuery('deployment'))
  const services = useQuery(seenQuery('service'))
  const namespaces = useQuery(seenQuery('namespace'))
  const reached = useRef<Workload | null>(null)
  const navigate = useNavigate()
  useKeys([
    {
      keys: 's',
      does: 'Scale the workload under the focus: opens the form of its recipe',
      where: 'Workloads',
      run: () => {
        const link = reached.current && scaleLink(reached.current)
        if (link) void navigate(link)
      },
    },
  ])
  // Where it does not come, the list is there without it.
  const { data: latency } = useQuery(figuresNamedQuery('p95_ms'))
  const p95 = new Map(latency?.items.map((figure) => [figure.target, figure]))
  const quotas = quotasOf(namespaces.data?.items ?? [])
  return (
    <Loaded query={deployments} what="the workloads" rows={6}>
      {({ items, cut }) => {
        const looked = lastLook(items)
        const all = workloadsOf(items, services.data?.items ?? [], looked)
        const rows = short ? all.filter((one) => !['full', 'off'].includes(healthOf(one))) : all
        const beside = all.find(({ ref }) => ref === open)
        return (
          <>
            <LastLook at={looked} />
            {cut ? <p className={list.warn}>There are more than 4,000: the first 4,000 by name are shown.</p> : null}
            {latency?.cut ? (
              <p className={list.warn}>More than 4,000 services have a latency: of the others none is drawn.</p>
            ) : null}
            <ul className={css.quotas} aria-label="Room in quotas">
              {[...quotas.values()].map((one) => (
                <QuotaLine key={one.namespace} quotas={one} looked={looked} />
              ))}
            </ul>
            <div className={css.room} data-open={beside !== undefined}>
              <div>
                <HeldTable
                  items={rows}
                  caption="Workloads, by name"
                  columns={['Workload', 'Ready', 'p95 latency, last hour', 'Autoscaler', 'Last change', 'Seen']}
                  noun="workload"
                  where="Workloads"
                  current={beside?.id}
                  onReach={(one) => void (reached.current = one)}
                  cells={(row) => <Cells row={row} p95={p95.get(`service:${row.item.service}`)} />}
                  nothing={<Nothing hidden={short ? all.length : 0} />}
                />
              </div>
              {beside ? <Beside workload={beside} quotas={quotas.get(beside.namespace)} /> : null}
            </div>
          </>
        )
      }}
    </Loaded>
  )
}

function Cells({ row: { item: one }, p95 }: { row: Row<Workload>; p95: Figure | undefined }) {
  const { ref, replicas, ready, autoscaler, lastChange, at, missed, service } = one
  const search = useSearch({ from: '/workloads' })
  const health = healthOf(one)
  const says = scalerSays(one)
  return (
    <>
      <td className={list.long}>
        <Link to={paths.workloads} search={{ ...search, open: ref }}>
          <Target name={ref} />
        </Link>
        <span className={list.under}>{service === null ? 'no service of the house' : `service ${service}`}</span>
      </td>
      <td className={list.number}>
        <span className={css.health} data-health={health}>
          <span aria-hidden>{healthMark[health]}</span>{' '}
          {replicas === null || ready === null ? 'not known' : `${missed ? 'was ' : ''}${ready} of ${replicas}`}
        </span>
      </td>
      <td className={list.number}>{p95 === undefined ? null : <InRow figure={p95} />}</td>
      <td className={list.number}>
        {autoscaler === undefined ? (
          'not known'
        ) : autoscaler === null ? (
          <span className={list.dim}>none</span>
        ) : (
          <>
            {autoscaler.min} to {autoscaler.max}, now {autoscaler.current}
            {says === '' ? null : (
              <span className={autoscaler.current >= autoscaler.max ? css.atMost : list.under}>{says}</span>
            )}
          </>
        )}
      </td>
      <td className={list.number}>
        {lastChange === null ? (
          <span className={list.dim}>none seen</span>
        ) : (
          <>
            {lastChange.says}
            <span className={list.under}>
              <Span from={lastChange.at} /> ago
            </span>
          </>
        )}
      </td>
      <td className={list.number}>
        <SeenAgo at={at} missed={missed} />
      </td>
    </>
  )
}

/** The newest value of a figure, and how it came to it. */
function InRow({ figure }: { figure: Figure }) {
  const measured = measuredOf(figure)
  const found = standingOf(measured)
  if (found === null) return <span className={list.dim}>not measured</span>
  const { value, above, silent } = found
  return (
    <>
      <span className={css.figure} data-bad={above !== null && !silent}>
        <Spark measured={measured} />
        <span>
          {above === null ? null : <span aria-hidden>▲ </span>}
          {silent ? 'was ' : ''}
          {amount(value, measured.unit)}
          {above === null ? null : <span className="unseen"> above its threshold</span>}
        </span>
      </span>
      {figure.unavailable === null ? null : <span className={list.under}>source unavailable</span>}
    </>
  )
}

const Nothing = ({ hidden }: { hidden: number }) =>
  hidden > 0 ? (
    <>
      <b>Every workload is all there.</b> The filter hides {hidden}. <Link to={paths.workloads}>Show all</Link>
    </>
  ) : (
    <>
      <b>The worker has seen no Deployment.</b> It looks at the namespaces of <code>observe</code> in{' '}
      <code>firebreak.yaml</code>.
    </>
  )
