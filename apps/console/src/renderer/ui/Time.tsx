import { now, useDay, useNow } from './now.js'
import { day, exact, offset, span, stamp, zoneName, type Zone } from './time.js'
import css from './Time.module.css'
import { useZone } from './zone.js'

/** A moment, in the zone that the person reads, which stands beside it. Hovering and copying give UTC. */
export function Time({ at }: { at: string }) {
  const zone = useZone()
  useToday(zone)
  const date = new Date(at)
  return (
    <time className={css.time} dateTime={at} title={exact(date)}>
      {stamp(date, zone, now())} <span className={css.zone}>{offset(date, zone)}</span>
    </time>
  )
}

/** Draws again when today has become another day: whatever is of another says which. */
const useToday = (zone: Zone) => useDay((now) => day(now, zone))

/** In which zone the moments below it are. */
export function TimesIn() {
  return <span className={css.in}>times in {zoneName(useZone())}</span>
}

/** A moment where the zone stands beside the whole ({@link TimesIn}). `at`: as the API writes it, or in seconds since 1970. */
export function Moment({ at }: { at: string | number }) {
  const zone = useZone()
  useToday(zone)
  const date = new Date(typeof at === 'number' ? at * 1_000 : at)
  return (
    <time className={css.time} dateTime={date.toISOString()} title={exact(date)}>
      {stamp(date, zone, now())}
    </time>
  )
}

/** How long ago, or how long until; the moment itself when hovered. */
export function Span({ from, to }: { from?: string; to?: string }) {
  const now = useNow()
  const at = new Date((from ?? to)!)
  const ms = from === undefined ? at.getTime() - now.getTime() : now.getTime() - at.getTime()
  return (
    <time className={css.time} dateTime={at.toISOString()} title={exact(at)}>
      {span(ms)}
    </time>
  )
}
