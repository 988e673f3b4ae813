export { settingsIn, settingsPage, withSettings } from './page.js'
export { printSettings } from './print.js'
export { settingsOf, type Meanings, type Secret, type Setting } from './settings.js'
export { cannotStart, HIDDEN, shownSettings, shownUrl } from './shown.js'
