import type { House } from '@firebreak/house'
import { HIDDEN, shownUrl } from '@firebreak/settings'
import type { Config } from './config.js'

/** A configuration as it may be shown: what was understood of it, with what has a default, and no secret. */
export function shownConfig(config: Config, house: House): object {
  const { databaseUrl, redisUrl, oidc, hosts, traces, ...plain } = config
  return {
    api: {
      ...plain,
      hosts: [...hosts],
      databaseUrl: shownUrl(databaseUrl),
      redisUrl: shownUrl(redisUrl),
      traces: {
        ...traces,
        endpoint: traces.endpoint === undefined ? null : shownUrl(traces.endpoint),
        headers: traces.headers === undefined ? null : HIDDEN,
      },
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
