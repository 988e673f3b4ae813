import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lastLook, seenQuery } from '../../api/targets.js'
import { paths } from '../../paths.js'
import { HeldTable } from '../../ui/HeldTable.js'
import type { Row } from '../../ui/hold.js'
import list from '../../ui/list.module.css'
import { many } from '../../ui/many.js'
import { PageHead } from '../../ui/PageHead.js'
import { Loaded } from '../../ui/Pane.js'
import { LastLook, SeenAgo } from '../../ui/Seen.js'
import { Span } from '../../ui/Time.js'
import { useTitle } from '../../ui/title.js'
import { Count } from './Count.js'
import { queuesOf, type JobQueue } from './queue.js'

/** Every job queue of the house: how much waits, and what failed. */
export function QueuesPage() {
  useTitle('Queues')
  const query = useQuery(seenQuery('queue'))
  return (
    <>
      <PageHead title="Queues" />
      <Loaded query={query} what="the queues" rows={3}>
        {({ items }) => {
          const looked = lastLook(items)
          return (
            <>
              <LastLook at={looked} />
              <HeldTable
                items={queuesOf(items, looked)}
                caption="Queues, by name"
                columns={['Queue', 'Waiting', 'Active', 'Delayed', 'Failed', 'Most of them', 'Seen']}
                noun="queue"
                where="Queues"
                cells={(row) => <Cells row={row} />}
                nothing={
                  <>
                    <b>The worker has seen no queue.</b> Queues are named in <code>firebreak.yaml</code>, and the worker
                    reaches them by <code>QUEUES_REDIS_URL_READER</code>.
                  </>
                }
              />
            </>
          )
        }}
      </Loaded>
    </>
  )
}

function Cells({ row: { item: queue } }: { row: Row<JobQueue> }) {
  const { name, service, environment, waiting, nextSince, active, delayed, failed, failures, at, missed } = queue
  const [first, ...others] = failures?.groups ?? []
  return (
    <>
      <td className={list.long}>
        <Link to={paths.queue} params={{ name }}>
          {name}
        </Link>
        <span className={list.under}>
          {service ?? 'no service'}
          {environment === null ? '' : `, ${environment}`}
        </span>
      </td>
      <td className={list.number}>
        <Count of={waiting} />
        {nextSince === null ? null : (
          <span className={list.under}>
            for <Span from={nextSince} />
          </span>
        )}
      </td>
      <td className={list.number}>
        <Count of={active} />
      </td>
      <td className={list.number}>
        <Count of={delayed} />
      </td>
      <td className={list.number}>
        <Count of={failed} bad />
      </td>
      <td className={list.long}>
        {first === undefined ? (
          <span className={list.dim}>{failed === 0 ? 'none' : 'not known'}</span>
        ) : (
          <>
            <code>{first.cause}</code>
            {others.length === 0 ? null : <span className={list.under}>and {many(others.length, 'other cause')}</span>}
          </>
        )}
      </td>
      <td className={list.number}>
        <SeenAgo at={at} missed={missed} />
      </td>
    </>
  )
}
