import { useEffect, type ReactNode } from 'react'
import type { Me } from '../api/view.js'
import { Announcer } from '../ui/announce.js'
import { useArrivals } from '../ui/Heading.js'
import { listen, useKeys } from '../ui/keys.js'
import { toggleZone } from '../ui/zone.js'
import { Bar } from './Bar.js'
import { Dialogs, toggle } from './dialogs.js'
import { Drawer, Toasts } from './Drawer.js'
import css from './Frame.module.css'
import { Notices } from './Notices.js'
import { Rail } from './Rail.js'

/**
 * What stands around every page: where one is, whether what is shown is fresh, what time it is, who one is. Behind a
 * sign-in that has ended it stays to be read, and nothing in it can be pressed.
 */
export function Frame({ me, over, children }: { me: Me; over: boolean; children: ReactNode }) {
  useEffect(listen, [])
  useKeys([
    { keys: 'Mod+k', does: 'Find a page, an incident or something to do', where: 'Everywhere', run: () => toggle('palette'), always: true }, // prettier-ignore
    { keys: '?', does: 'Show these keys', where: 'Everywhere', run: () => toggle('keys'), always: true },
    { keys: '`', does: 'Activity: what happened, and what failed', where: 'Everywhere', run: () => toggle('activity') },
    { keys: ';', does: 'Times in your zone or in UTC', where: 'Everywhere', run: toggleZone },
    { keys: 'F6', does: 'To the next part of the page', where: 'Everywhere', run: nextPart },
  ])
  useArrivals()
  return (
    <div className={css.frame} data-mode={me.mode} inert={over}>
      <a href="#page" className={css.skip}>
        To the page
      </a>
      <Bar me={me} />
      <div className={css.body}>
        <Rail roles={me.roles} />
        <div className={css.content}>
          <Notices />
          <main id="page" className={css.main} tabIndex={-1}>
            {children}
          </main>
        </div>
        <Drawer />
      </div>
      <Toasts />
      <Announcer />
      <Dialogs me={me} />
    </div>
  )
}

/** The parts of a page, in their order: each F6 is the next one's first thing to press. */
function nextPart(): void {
  const parts = [...document.querySelectorAll<HTMLElement>('[data-part], main section')]
  const here = parts.findLastIndex((part) => part.contains(document.activeElement))
  for (const part of [...parts.slice(here + 1), ...parts.slice(0, here + 1)]) {
    const first = part.querySelector<HTMLElement>('a[href], button:not(:disabled), input, select, textarea, summary, [tabindex]') // prettier-ignore
    if (first === null || first.checkVisibility() === false) continue
    return first.focus()
  }
}
