import type { Me } from '../api/view.js'
import { storeOf, useStore } from '../ui/store.js'
import { KeysHelp } from './KeysHelp.js'
import { Palette } from './Palette.js'
import { SettingsDialog } from './SettingsDialog.js'

/** What of the frame is open: one at a time. */
export type Open = 'palette' | 'keys' | 'settings' | 'activity' | null

const open = storeOf<Open>(null)

export const useOpen = (): Open => useStore(open)
export const toggle = (what: Exclude<Open, null>): void => open.set(open.get() === what ? null : what)
export const close = (): void => open.set(null)

export function Dialogs({ me }: { me: Me }) {
  const is = useOpen()
  if (is === 'palette') return <Palette roles={me.roles} onClose={close} />
  if (is === 'keys') return <KeysHelp onClose={close} />
  if (is === 'settings') return <SettingsDialog onClose={close} />
  return null
}
