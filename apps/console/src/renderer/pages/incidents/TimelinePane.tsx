import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { timelineQuery } from '../../api/incidents.js'
import type { Incident, TimelineItem } from '../../api/view.js'
import { leaves } from '../../ui/diff.js'
import { Folded } from '../../ui/Folded.js'
import { ariaKeys, shown, useKeys } from '../../ui/keys.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { choose, useSettings } from '../../ui/settings.js'
import { Moment, TimesIn } from '../../ui/Time.js'
import { NoteField } from './NoteField.js'
import { storyOf } from './story.js'
import css from './TimelinePane.module.css'

const densities = [
  ['story', 'Story'],
  ['everything', 'Everything'],
] as const

/** What happened, as the audit log has it, oldest first: as a story, or every entry; it grows at its end, where one writes. */
export function TimelinePane({ id, may }: { id: string; may: Incident['may']['note'] | undefined }) {
  const query = useQuery(timelineQuery(id))
  const { timeline } = useSettings()
  const toggle = () => choose({ timeline: timeline === 'story' ? 'everything' : 'story' })
  useKeys([{ keys: 't', does: 'Timeline: the story, or everything', where: 'Incident', run: toggle }])
  return (
    <Pane
      title="Timeline"
      head={
        <>
          <span role="group" aria-label="How much of it" className={css.densities}>
            {densities.map(([density, name]) => (
              <button
                key={density}
                type="button"
                aria-pressed={density === timeline}
                aria-keyshortcuts={ariaKeys('t')}
                onClick={() => choose({ timeline: density })}
              >
                {name}
              </button>
            ))}
            <kbd aria-hidden>{shown('t')}</kbd>
          </span>
          <TimesIn />
        </>
      }
    >
      <Loaded query={query} what="the timeline" rows={5}>
        {({ items }) => <Lines items={items} everything={timeline === 'everything'} />}
      </Loaded>
      <NoteField id={id} may={may} />
    </Pane>
  )
}

function Lines({ items, everything }: { items: TimelineItem[]; everything: boolean }) {
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const story = storyOf(items)
  const shown = everything ? items : story.items
  useEffect(() => {
    // Who has scrolled up is reading, and stays where they are.
    if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [shown.length])
  return (
    <>
      {everything || story.hidden === 0 ? null : (
        <p className={css.hidden}>
          {story.hidden === 1 ? 'One entry is' : `${story.hidden} entries are`} left out of the story.{' '}
          <button type="button" onClick={() => choose({ timeline: 'everything' })}>
            Show everything
          </button>
        </p>
      )}
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
          {shown.map((item) =>
            everything ? <Whole key={item.entry} item={item} /> : <Line key={item.entry} item={item} />,
          )}
        </ol>
      </div>
    </>
  )
}

const Line = ({ item: { at, says, by, position, outcome } }: { item: TimelineItem }) => (
  <li data-outcome={outcome}>
    <Moment at={at} />
    <span title={`Recorded by ${by.name}`}>{says}</span>
    <span className={css.position} title="Its place in the audit log">
      {position === null ? '' : `#${position}`}
    </span>
  </li>
)

/** An entry with what stands behind its sentence. A thousand of them are drawn without it. */
function Whole({ item }: { item: TimelineItem }) {
  const [open, setOpen] = useState(false)
  const { at, says, by, position, outcome, type, about, entry, detail } = item
  return (
    <li data-outcome={outcome}>
      <Moment at={at} />
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>{says}</summary>
        {open ? (
          <dl className={css.detail}>
            {[
              ['entry', entry],
              ['type', type],
              ['about', about],
              ['by', by.name === by.id ? by.id : `${by.name} (${by.id})`],
              ...(outcome === null ? [] : [['outcome', outcome]]),
              ...leaves(detail),
            ].map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <Folded text={value ?? ''} />
                </dd>
              </div>
            ))}
          </dl>
        ) : null}
      </details>
      <span className={css.position} title="Its place in the audit log">
        {position === null ? 'not yet' : `#${position}`}
      </span>
    </li>
  )
}
