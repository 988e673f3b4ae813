/** For stories that open the console against the real API: a browser, and the console in it. */
export { findChromium, launch, type Chromium } from './browser.js'
export { openConsole, type ConsolePage, type OpenOptions } from './console.js'
