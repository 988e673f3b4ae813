import type { House } from '@firebreak/house'
import type { Config } from './config.js'

const HIDDEN = '***'

/** A configuration as it may be shown: what was understood of it, with what has a default, and no secret. */
export function shownConfig(config: Config, house: House): object {
  const { databaseUrl, redisUrl, oidc, hosts, ...plain } = config
  return {
    api: {
      ...plain,
      hosts: [...hosts],
      databaseUrl: shownUrl(databaseUrl),
      redisUrl: shownUrl(redisUrl),
      oidc: oidc ? { ...oidc, clientSecret: HIDDEN } : null,
    },
    house: Object.fromEntries(
      Object.entries(house)
        // The text itself is in the file.
        .filter(([name]) => name !== 'sheet')
        .map(([name, value]: [string, unknown]) => [
          name,
          value instanceof Map ? Object.fromEntries(value) : (value ?? null),
        ]),
    ),
  }
}

/** Where it leads, without the password, wherever it stands. What cannot be read as an address is not shown at all. */
export function shownUrl(text: string): string {
  const url = URL.parse(text)
  if (!url) return HIDDEN
  if (url.password !== '') url.password = HIDDEN
  for (const name of [...url.searchParams.keys()])
    if (/pass|secret|token|key/i.test(name)) url.searchParams.set(name, HIDDEN)
  return url.href
}
