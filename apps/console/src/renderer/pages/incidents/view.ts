import { parseFilter, type InboxFilter } from '../../api/filter.js'

/*
 * The last view of the inbox on this device: whoever comes back by no address of their own finds it as they left it.
 */

const KEY = 'firebreak.inbox'

export function rememberView(filter: InboxFilter): void {
  try {
    if (Object.keys(filter).length === 0) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, JSON.stringify(filter))
  } catch {
    // A browser that keeps nothing shows what is wrong now.
  }
}

export function lastView(): InboxFilter {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return kept !== null && typeof kept === 'object' ? parseFilter(kept as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
