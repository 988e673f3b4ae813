import type { QueueOptions } from 'bull'

type RedisOptions = Exclude<QueueOptions['redis'], string | undefined>

/** How soon the next try comes when Redis, or every Sentinel, is away. */
const again = (times: number): number => Math.min(100 * 2 ** times, 2_000)

/**
 * Where Redis is, from REDIS_URL. With `?sentinel=host:port`, once for each of them, the host names the group that those
 * Sentinels watch, and whoever they call its master is spoken to:
 * `redis://:password@firebreak?sentinel=10.0.0.1:26379&sentinel=10.0.0.2:26379`.
 * `sentinel_password` is theirs, when they want one. With `rediss:` all of them are spoken to over TLS.
 */
export function redisAddress(redisUrl: string): RedisOptions {
  const url = new URL(redisUrl)
  const tls = url.protocol === 'rediss:'
  const sentinels = url.searchParams.getAll('sentinel').map(hostAndPort)
  const sentinelPassword = url.searchParams.get('sentinel_password')
  return {
    ...(sentinels.length > 0
      ? {
          name: url.hostname,
          sentinels,
          ...(sentinelPassword ? { sentinelPassword } : {}),
          ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
          sentinelRetryStrategy: again,
          // A master that hangs keeps its connections open: only the Sentinels say that it is none any more.
          failoverDetector: true,
        }
      : { host: url.hostname, port: Number(url.port || 6379) }),
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
    ...(url.pathname.length > 1 ? { db: Number(url.pathname.slice(1)) } : {}),
    ...(tls ? { tls: {} } : {}),
    connectTimeout: 2_000,
    retryStrategy: again,
  }
}

function hostAndPort(text: string): { host: string; port: number } {
  const { hostname, port } = new URL(`redis://${text}`)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 26379) }
}
