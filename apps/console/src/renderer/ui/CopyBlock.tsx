import { useId, useState } from 'react'
import { announce } from './announce.js'
import css from './CopyBlock.module.css'

/** Lines that somebody types or pastes elsewhere: shown as they are, copied as they are. */
export function CopyBlock({ text, language }: { text: string; language: string }) {
  const [copied, setCopied] = useState(false)
  const id = useId()
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
      announce('Copied')
      setTimeout(() => setCopied(false), 2_000)
    } catch {
      announce('It could not be copied: select it and copy it by hand.')
    }
  }
  return (
    <div className={css.block}>
      <pre id={id} tabIndex={0} role="group" aria-label={language === 'sh' ? 'Commands' : 'Text to copy'}>
        <code>{text}</code>
      </pre>
      <button type="button" aria-describedby={id} onClick={() => void copy()}>
        {copied ? 'copied' : 'copy'}
      </button>
    </div>
  )
}
