import { NativeSelect, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useId, useRef, useState } from 'react'
import { typed, withSeverity, type IncidentFilter, type InboxFilter } from '../../api/filter.js'
import type { IncidentCounts } from '../../api/view.js'
import { paths } from '../../paths.js'
import { useKeys } from '../../ui/keys.js'
import { Severity } from '../../ui/Severity.js'
import { severities, type Severity as Level } from '../../ui/severity.js'
import css from './FilterBar.module.css'

interface Props {
  filter: InboxFilter
  counts: IncidentCounts | undefined
}

/** How many there would be in a state, by what has been counted. */
export function countIn(counts: IncidentCounts | undefined, state: IncidentFilter): number | undefined {
  if (counts === undefined) return undefined
  const { open, acknowledged, resolved, closed } = counts.state
  return { open, acknowledged, resolved, closed, active: open + acknowledged, all: open + acknowledged + resolved + closed }[state] // prettier-ignore
}

/** What of a list is seen: chosen by pressing, or typed after `/`. Each part stands there as a chip that is taken away. */
export function FilterBar({ filter, counts }: Props) {
  const navigate = useNavigate()
  const go = (search: InboxFilter) => void navigate({ to: paths.incidents, search })
  const { severity = '', service, owner } = filter
  return (
    <div className={css.bar}>
      <div role="group" aria-label="Severity" className={css.group}>
        {(Object.keys(severities) as Level[]).map((level) => (
          <button
            key={level}
            type="button"
            aria-pressed={severity.split(',').includes(level)}
            onClick={() => go(withSeverity(filter, level))}
          >
            <Severity level={level} /> <Count of={counts?.severity[level]} />
          </button>
        ))}
      </div>
      <div role="group" aria-label="Owner" className={css.group}>
        {(['me', 'nobody'] as const).map((who) => (
          <button
            key={who}
            type="button"
            aria-pressed={owner === who}
            onClick={() => go(owner === who ? without(filter, 'owner') : { ...filter, owner: who })}
          >
            {who === 'me' ? 'Mine' : 'Nobody’s'} <Count of={counts?.owner[who]} />
          </button>
        ))}
      </div>
      <NativeSelect
        size="xs"
        className={css.service}
        aria-label="Service"
        value={service ?? ''}
        onChange={({ currentTarget: { value } }) =>
          go(value === '' ? without(filter, 'service') : { ...filter, service: value })
        }
      >
        <option value="">every service</option>
        {service !== undefined && !counts?.services.some((one) => one.service === service) ? (
          <option value={service}>{service}</option>
        ) : null}
        {counts?.services.map(({ service: name, count }) => (
          <option key={name} value={name}>{`${name} (${count.toLocaleString('en')})`}</option>
        ))}
      </NativeSelect>
      <Field filter={filter} onFilter={go} />
      <Chips filter={filter} onFilter={go} />
    </div>
  )
}

const Count = ({ of }: { of: number | undefined }) =>
  of === undefined ? null : <span className={css.count}>{of.toLocaleString('en')}</span>

/** Takes `service:api sev:<=2 owner:me` and words; Enter adds them. */
function Field({ filter, onFilter }: { filter: InboxFilter; onFilter(filter: InboxFilter): void }) {
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [fault, setFault] = useState<string>()
  const id = useId()
  useKeys([{ keys: '/', does: 'Filter the incidents', where: 'Incidents', run: () => field.current?.focus() }])
  const add = () => {
    const said = typed(text, filter)
    setFault(said.fault)
    if (said.fault !== undefined) return
    setText('')
    onFilter(said.filter)
  }
  return (
    <form
      className={css.field}
      onSubmit={(event) => {
        event.preventDefault()
        add()
      }}
    >
      <TextInput
        ref={field}
        size="xs"
        aria-label="Filter"
        placeholder="service:api sev:<=2 owner:me words   /"
        value={text}
        error={fault}
        errorProps={{ id, role: 'alert' }}
        maxLength={300}
        spellCheck={false}
        autoComplete="off"
        onChange={({ currentTarget: { value } }) => {
          setText(value)
          setFault(undefined)
        }}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Escape') currentTarget.blur()
        }}
      />
    </form>
  )
}

/** What is set, each to be taken away. */
function Chips({ filter, onFilter }: { filter: InboxFilter; onFilter(filter: InboxFilter): void }) {
  const names = Object.keys(filter) as (keyof InboxFilter)[]
  if (names.length === 0) return null
  return (
    <div className={css.chips}>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          className={css.chip}
          aria-label={`Take away ${name}: ${wordOf(name, filter[name]!)}`}
          onClick={() => onFilter(without(filter, name))}
        >
          <span>
            {name}: <b>{wordOf(name, filter[name]!)}</b>
          </span>{' '}
          <span aria-hidden>✕</span>
        </button>
      ))}
      {names.length > 1 ? (
        <button type="button" className={css.clear} onClick={() => onFilter({})}>
          Take all away
        </button>
      ) : null}
    </div>
  )
}

/** What a part of a filter says, in a chip. */
export const wordOf = (name: keyof InboxFilter, value: string): string =>
  name === 'severity' ? value.replaceAll(',', ', ') : name === 'text' ? `“${value}”` : value

export function without(filter: InboxFilter, name: keyof InboxFilter): InboxFilter {
  const rest = { ...filter }
  delete rest[name]
  return rest
}
