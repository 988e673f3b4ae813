import { expect, test } from 'vitest'
import { windowOptions } from './options.js'
import { menuTemplate } from './menu.js'

test('SEC-01: how the window is made', () => {
  const options = windowOptions({ width: 1280, height: 800 }, { preload: '/app/preload.cjs', packaged: true })
  expect(options.webPreferences).toEqual({
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
    preload: '/app/preload.cjs',
    devTools: false,
  })
  expect(options).not.toHaveProperty('webPreferences.enableBlinkFeatures')
})

test('SEC-05: a package has no developer tools, and no menu on any system names them or a reload', () => {
  const bounds = { width: 1280, height: 800 }
  expect(windowOptions(bounds, { preload: '', packaged: false }).webPreferences?.devTools).toBe(true)
  for (const platform of ['linux', 'win32', 'darwin'] as const) {
    const roles = menuTemplate(platform).flatMap(({ submenu }) =>
      (submenu as { role?: string }[]).map(({ role }) => role),
    )
    expect(roles.length).toBeGreaterThan(8)
    for (const role of ['toggleDevTools', 'reload', 'forceReload']) expect(roles).not.toContain(role)
    expect(menuTemplate(platform).every(({ role }) => role === undefined)).toBe(true)
  }
})
