import type { MenuItemConstructorOptions } from 'electron'

type Role = NonNullable<MenuItemConstructorOptions['role']>

/** Only what is named here: Electron's own menu has developer tools, and a reload that loses what was typed. */
export const menuTemplate = (platform: NodeJS.Platform): MenuItemConstructorOptions[] => [
  ...(platform === 'darwin' ? [menu('Firebreak', 'about', 'hide', 'quit')] : []),
  menu('Edit', 'undo', 'redo', 'cut', 'copy', 'paste', 'selectAll'),
  menu('View', 'resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen'),
  menu('Window', 'minimize', platform === 'darwin' ? 'close' : 'quit'),
]

const menu = (label: string, ...roles: Role[]): MenuItemConstructorOptions => ({
  label,
  submenu: roles.map((role) => ({ role })),
})
