import { NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useId, type FocusEvent, type ReactNode } from 'react'
import type { Draft, Origin } from './form/draft.js'
import type { Field } from './form/fields.js'
import { rangeOf } from './form/read.js'
import css from './ParamField.module.css'

interface Props {
  field: Field
  stands: Draft[string]
  /** What is wrong with it. */
  fault: string | undefined
  onWrite(written: string): void
  onLeave(): void
}

const origins: Record<Origin, string> = {
  link: 'from the link',
  recipe: 'what the recipe says',
  you: 'what you wrote',
  nobody: 'left out',
}

/** One parameter: what it means, what it may be, and where what stands in it comes from. */
export function ParamField({ field, stands: { written, origin }, fault, onWrite, onLeave }: Props) {
  // A fault that appears moves what is below it: whoever is pressing something there must not miss it.
  const leaving = ({ relatedTarget }: FocusEvent) => {
    if (!(relatedTarget instanceof HTMLElement && relatedTarget.closest('button, a'))) onLeave()
  }
  const common = {
    label: (
      <>
        {field.title} <span className={css.origin}>{origins[origin]}</span>
      </>
    ),
    description: [field.help, boundsSay(field)].filter((part) => part !== '').join(' '),
    required: field.required,
    error: fault,
    value: written,
    onBlur: leaving,
    onChange: (event: { currentTarget: { value: string } }) => onWrite(event.currentTarget.value),
  }
  switch (field.kind) {
    case 'number':
      return <TextInput {...common} inputMode="numeric" autoComplete="off" className={css.number} />
    case 'text':
      return <TextInput {...common} type={field.secret ? 'password' : 'text'} autoComplete="off" spellCheck={false} />
    case 'choice':
      return (
        <NativeSelect
          {...common}
          data={[
            { value: '', label: field.required ? 'choose one' : 'left out' },
            ...field.options.map(({ value, title }) => ({ value, label: title })),
          ]}
        />
      )
    case 'switch':
      return <Switch {...common} field={field} origin={origin} />
    case 'list':
    case 'json':
      return (
        <Textarea
          {...common}
          autosize={false}
          rows={field.kind === 'list' ? 3 : 4}
          autoComplete="off"
          spellCheck={false}
          classNames={{ input: css.mono ?? '' }}
        />
      )
  }
}

/** What may stand there, in words: a person need not try it out. */
function boundsSay(field: Field): string {
  if (field.kind === 'number') return sentence(rangeOf(field.minimum, field.maximum))
  if (field.kind === 'list') return `One to a line${counted(field.minItems, field.maxItems)}.`
  if (field.kind === 'json') return 'Written as JSON.'
  return ''
}

const sentence = (text: string): string => (text === '' ? '' : `${text}.`)
const counted = (least: number | undefined, most: number | undefined): string => {
  const range = rangeOf(least, most)
  return range === '' ? '' : `, ${range.toLowerCase()} of them`
}

interface SwitchProps {
  label: ReactNode
  description: string
  error: string | undefined
  value: string
  onChange(event: { currentTarget: { value: string } }): void
  onBlur(event: FocusEvent): void
  field: Field
  origin: Origin
}

/** Yes or no. Left out, it shows what the recipe would take. */
function Switch({ label, description, error, value, onChange, onBlur, field }: SwitchProps) {
  const help = useId()
  return (
    <div className={css.switch}>
      <label>
        <input
          type="checkbox"
          checked={(value === '' ? field.standard : value) === 'true'}
          aria-describedby={help}
          aria-invalid={error !== undefined}
          onBlur={onBlur}
          onChange={({ currentTarget: { checked } }) => onChange({ currentTarget: { value: String(checked) } })}
        />{' '}
        {label}
      </label>
      <p id={help} data-fault={error !== undefined}>
        {description} {error}
      </p>
    </div>
  )
}
