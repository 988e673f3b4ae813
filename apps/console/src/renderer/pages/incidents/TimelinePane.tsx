import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { timelineQuery } from '../../api/incidents.js'
import type { TimelineItem } from '../../api/view.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { Time } from '../../ui/Time.js'
import { zoneName } from '../../ui/time.js'
import { useZone } from '../../ui/zone.js'
import css from './TimelinePane.module.css'

/** What happened, as the audit log has it, oldest first: it reads as a story, and grows at its end. */
export function TimelinePane({ incident }: { incident: string }) {
  const query = useQuery(timelineQuery(incident))
  const zone = useZone()
  return (
    <Pane title="Timeline" head={<span className={css.zone}>times in {zoneName(zone)}</span>}>
      <Loaded query={query} what="the timeline" rows={5}>
        {({ items }) => <Lines items={items} />}
      </Loaded>
    </Pane>
  )
}

function Lines({ items }: { items: TimelineItem[] }) {
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  useEffect(() => {
    // Who has scrolled up is reading, and stays where they are.
    if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [items.length])
  return (
    <div
      ref={box}
      className={css.box}
      role="region"
      aria-label="Timeline entries"
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < 40
      }}
    >
      <ol className={css.lines}>
        {items.map(({ entry, at, says, by, position, outcome }) => (
          <li key={entry} data-outcome={outcome}>
            <Time at={at} />
            <span title={`Recorded by ${by.name}`}>{says}</span>
            <span className={css.position} title="Its place in the audit log">
              {position === null ? '' : `#${position}`}
            </span>
          </li>
        ))}
      </ol>
    </div>
  )
}
