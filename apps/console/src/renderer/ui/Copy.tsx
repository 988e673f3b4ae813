import { useState } from 'react'
import { announce } from './announce.js'
import css from './Copy.module.css'

/** A text that is long to read and exact to copy: a digest, an id. Pressing it copies the whole. */
export function Copy({ value, label, short = value }: { value: string; label: string; short?: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value)
      setCopied(true)
      announce(`${label} copied`)
      setTimeout(() => setCopied(false), 2_000)
    } catch {
      announce(`${label} could not be copied: ${value}`)
    }
  }
  return (
    <button type="button" className={css.copy} title={value} onClick={() => void copy()}>
      <span className="unseen">Copy {label} </span>
      <code>{short}</code>{' '}
      <span aria-hidden className={css.verb}>
        {copied ? 'copied' : 'copy'}
      </span>
    </button>
  )
}
