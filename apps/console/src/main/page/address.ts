import type { Privileges } from 'electron'

export const SCHEME = 'app'
const HOST = 'console'
/** Where the page lives. `URL.origin` says "null" for a scheme of our own, so nothing here compares origins. */
export const ADDRESS = `${SCHEME}://${HOST}`

/** What Chromium is told of the scheme, once, before it is ready. */
export const PRIVILEGES: Required<Privileges> = {
  standard: true,
  secure: true,
  supportFetchAPI: true,
  stream: true,
  codeCache: true,
  bypassCSP: false,
  corsEnabled: false,
  allowServiceWorkers: false,
  allowExtensions: false,
}

/** The address when it is one of our page, else undefined. */
export function ours(address: string): URL | undefined {
  const url = URL.parse(address)
  if (url?.protocol !== `${SCHEME}:` || url.host !== HOST) return undefined
  return url.username === '' && url.password === '' ? url : undefined
}

/** What no path of ours holds, written out or encoded: a way up, a backslash, a control character. */
const HOSTILE = /\\|%5c|%2e%2e|%2e\.|\.%2e|(\/|%2f)\.\.?(\/|%2f|$)|%(0|1)[0-9a-f]|%7f|[^\x21-\x7e]/i

/**
 * The path of one of our addresses as we serve it, or undefined when it is none of ours. Looked at as it was written: a
 * parser that mends a way up before anybody sees it hides who wrote one.
 */
export function safePath(address: string): string | undefined {
  const url = ours(address)
  const written = address.split(/[?#]/, 1)[0]!
  if (!url || HOSTILE.test(written)) return undefined
  return url.pathname.startsWith('/') && !url.pathname.startsWith('//') ? url.pathname : undefined
}
