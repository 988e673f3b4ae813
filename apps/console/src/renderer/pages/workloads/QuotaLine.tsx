import { Span } from '../../ui/Time.js'
import { roomSays, type Quotas } from './workload.js'
import css from './WorkloadsPage.module.css'

/** What the quotas of one namespace leave, the tightest first. */
export function QuotaLine({ quotas, looked }: { quotas: Quotas; looked: string | null }) {
  const { namespace, room, scoped, at } = quotas
  const old = looked !== null && at < looked
  return (
    <li>
      <b>{namespace}</b>{' '}
      {room.length === 0 ? (
        <span>{scoped > 0 ? 'has quotas for some pods only' : 'has no quota'}</span>
      ) : (
        room.slice(0, 4).map((one) => (
          <span key={one.resource} className={css.quota} data-tight={one.left <= 0}>
            {one.left <= 0 ? <span aria-hidden>▲ </span> : null}
            {roomSays(one)}
          </span>
        ))
      )}
      {room.length > 0 && scoped > 0 ? <span>; other quotas count some pods only</span> : null}
      {old ? (
        <span className={css.oldQuota}>
          , as seen <Span from={at} /> ago
        </span>
      ) : null}
    </li>
  )
}
