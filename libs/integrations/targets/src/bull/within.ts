import { PortFailure } from '@firebreak/kit'

/**
 * Asks a Redis, within the time limit; every failure is a `PortFailure`. Clients wait for a connection for ever: here a
 * question that found none is `unreachable`, and one that found a slow Redis is a `timeout`.
 */
export async function within<T>(
  queue: string,
  client: { status: string },
  timeoutMs: number,
  call: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<'too late'>((resolve) => {
    timer = setTimeout(() => resolve('too late'), timeoutMs)
  })
  try {
    const outcome = await Promise.race([call().then((value) => ({ value })), tooLate])
    if (outcome !== 'too late') return outcome.value
  } catch (error) {
    if (error instanceof PortFailure) throw error
    throw new PortFailure('unreachable', `queue ${queue}: ${codeOf(error)}`)
  } finally {
    clearTimeout(timer)
  }
  throw client.status === 'ready'
    ? new PortFailure('timeout', `queue ${queue}: no answer in time`)
    : new PortFailure('unreachable', `queue ${queue}: Redis cannot be reached`)
}

/** A colon in a name would reach into the keys of another queue. */
export function checkedName(name: string): string {
  if (/^[\w.-]+$/.test(name)) return name
  throw new PortFailure('invalid', `${JSON.stringify(name)} is not the name of a queue`)
}

/** Both count their own ids up: a number would be taken for the next one. A colon would reach into other keys. */
export function checkedId(id: string): string {
  if (/\D/.test(id) && !id.includes(':')) return id
  throw new PortFailure('invalid', `${JSON.stringify(id)}: the id of a job must not be a number, and has no colon`)
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'Redis refused'
