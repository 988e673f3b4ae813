import { useState } from 'react'
import { announce } from './announce.js'
import { commandsIn } from './commands.js'
import css from './CopyBlock.module.css'

/**
 * Lines that somebody types or pastes elsewhere: shown as they are, copied as they are. One command at a time, for a shell
 * carries out each line that is pasted; all of them when that is asked for.
 */
export function CopyBlock({ text, language }: { text: string; language: string }) {
  const commands = commandsIn(text)
  return (
    <div className={css.block} role="group" aria-label={language === 'sh' ? 'Commands' : 'Text to copy'}>
      <pre tabIndex={0} role="group" aria-label={language === 'sh' ? 'Lines of the commands' : 'Lines of the text'}>
        {commands.map((command, at) => (
          <span key={at} className={css.command}>
            <code>{command}</code>
            {command.trim() !== '' ? <CopyButton text={command} says="copy" /> : null}
          </span>
        ))}
      </pre>
      {commands.length > 1 ? <CopyButton text={text} says={`copy all ${commands.length}`} /> : null}
    </div>
  )
}

function CopyButton({ text, says }: { text: string; says: string }) {
  const [copied, setCopied] = useState(false)
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
    <button type="button" title={text} onClick={() => void copy()}>
      {copied ? 'copied' : says}
      <span className="unseen"> {text}</span>
    </button>
  )
}
