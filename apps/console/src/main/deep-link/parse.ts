import type { Place } from '../../bridge/surface.js'

export const LINK_SCHEME = 'firebreak'

const LINK = /^firebreak:\/\/(incident|plan|run|recipe|runbook)\/([A-Za-z0-9_-]{1,64})$/i

/**
 * `firebreak://incident/inc_01J…`: a place to look at. Nothing more fits in: no query, no second part, so that a link can
 * fill nothing in, arm nothing and run nothing. Anything else is undefined.
 */
export function parseLink(link: string): Place | undefined {
  // As browsers hand it over: some add a slash at the end.
  const [, kind, id] = LINK.exec(link.replace(/\/$/, '')) ?? []
  return kind === undefined || id === undefined ? undefined : { kind: kind.toLowerCase() as Place['kind'], id }
}

/** The link among the arguments of a start: their order is the system's business. Several are none: which one was meant? */
export function linkIn(argv: readonly string[]): Place | undefined {
  const links = argv.slice(1).filter((argument) => argument.toLowerCase().startsWith(`${LINK_SCHEME}:`))
  return links.length === 1 ? parseLink(links[0]!) : undefined
}
