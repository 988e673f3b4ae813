import type { BrowserWindowConstructorOptions, WebPreferences } from 'electron'
import type { Bounds } from './bounds.js'

/** How every page of ours runs. Said in full, also where it is Electron's own default: a default may change. */
export const PREFERENCES = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInSubFrames: false,
  nodeIntegrationInWorker: false,
  webSecurity: true,
  webviewTag: false,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  spellcheck: false,
  navigateOnDragDrop: false,
  safeDialogs: true,
  disableDialogs: true,
  autoplayPolicy: 'document-user-activation-required',
} as const satisfies WebPreferences

/** The options of the one window. `devTools` is off in a package; there is no menu item for it in any case. */
export const windowOptions = (
  bounds: Bounds,
  { preload, packaged }: { preload: string; packaged: boolean },
): BrowserWindowConstructorOptions => ({
  ...bounds,
  minWidth: 720,
  minHeight: 480,
  // Shown when it has something to show: no white flash in a dark room.
  show: false,
  backgroundColor: '#16181d',
  title: 'Firebreak',
  autoHideMenuBar: true,
  webPreferences: { ...PREFERENCES, preload, devTools: !packaged },
})
