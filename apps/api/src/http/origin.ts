import { Refused } from '@firebreak/flow'
import type { FastifyRequest } from 'fastify'

/**
 * A page on another site can make a browser send requests here, with the browser's cookies. A write that a browser
 * says comes from elsewhere is refused; one that proves itself by cookie must say that it does not.
 * `Sec-Fetch-Site` and `Origin` are set by the browser and out of a page's reach.
 */
export function refuseOtherSites(
  { method, headers }: Pick<FastifyRequest, 'method' | 'headers'>,
  byCookie: boolean,
): void {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return
  if (headers.authorization !== undefined) return
  const site = headers['sec-fetch-site']
  const { origin, host } = headers
  const ours = site !== undefined ? site === 'same-origin' : origin !== undefined ? hostOf(origin) === host : !byCookie
  if (!ours)
    throw new Refused(
      'not-signed-in',
      'This request did not come from the console’s own page, so its cookie does not count. Tools send an API key instead.',
    )
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host
  } catch {
    return undefined
  }
}

/**
 * A name that an attacker owns can be made to resolve to 127.0.0.1 (DNS rebinding); its pages would then be "same
 * origin" with us. So only names that we know to be ours are answered, on any port.
 */
export function isOurHost(header: string | undefined, hosts: ReadonlySet<string>): boolean {
  if (header === undefined) return false
  const name = header.replace(/:\d{1,5}$/, '').toLowerCase()
  return hosts.has(name)
}
