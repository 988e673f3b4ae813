import { useEffect, useId, useRef, type ReactNode } from 'react'
import css from './Dialog.module.css'

/**
 * A dialog over the page: the browser's own, which keeps the focus in and everything behind it out. It is there while
 * it is open; Escape, its button and a press beside it close it, and the focus goes back to where it was.
 */
export function Dialog({
  title,
  onClose,
  plain = false,
  children,
}: {
  title: string
  /** Left out where there is nothing to go back to: only what stands in the dialog ends it. */
  onClose?: () => void
  /** Without a head of its own: the title is only told. */
  plain?: boolean
  children: ReactNode
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const element = dialog.current!
    const before = document.activeElement
    if (!element.open) element.showModal()
    // The browser goes to what comes first, which is the button that closes.
    element.querySelector<HTMLElement>('[data-autofocus]')?.focus()
    return () => {
      element.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      className={css.dialog}
      data-plain={plain}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose?.()
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose?.()
      }}
    >
      <div className={css.inside}>
        <div className={plain ? 'unseen' : css.head}>
          <h2 id={id}>{title}</h2>
          {plain || onClose === undefined ? null : (
            <button type="button" className={css.close} aria-label="Close" onClick={onClose}>
              ✕
            </button>
          )}
        </div>
        {children}
      </div>
    </dialog>
  )
}
