import { ADDRESS, ours, safePath } from '../page/address.js'
import type { Contents, SessionRules } from '../desktop/desktop.js'

/** The page stays on its own pages. The API's addresses are none, and neither is anything else. */
export function mayNavigate(address: string): boolean {
  const path = safePath(address)
  return path !== undefined && !path.startsWith('/v1/') && !path.startsWith('/assets/')
}

/** What the page's session may be asked for: its own files, its own API, and what it made itself. */
const mayLoad = (address: string): boolean =>
  ours(address) !== undefined || address.startsWith(`blob:${ADDRESS}/`) || address.startsWith('data:image/')

/** A file that the page made, or an evidence bundle. The system asks where it is to go; the page never names a place. */
const mayDownload = (address: string): boolean =>
  address.startsWith(`blob:${ADDRESS}/`) ||
  /^\/v1\/audit\/exports\/[\w-]{1,64}\/download$/.test(ours(address)?.pathname ?? '')

const GIVEN = new Set(['notifications', 'clipboard-sanitized-write'])

export const sessionRules: SessionRules = {
  // Checks name an origin, requests an address: both are of our page, or it is a no.
  permission: (name, address) => GIVEN.has(name) && ours(address) !== undefined,
  mayLoad,
  mayDownload,
}

/** Lays the rules on contents, whoever made them. */
export function guard(contents: Contents, pressed: (address: string) => void): void {
  contents.onNavigate(mayNavigate)
  contents.onNewWindow(pressed)
  contents.refuseWebviews()
}
