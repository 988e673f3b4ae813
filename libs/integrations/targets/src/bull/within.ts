import { PortFailure } from '@firebreak/kit'

/**
 * Asks a Redis, within the time limit; every failure is a `PortFailure`. Clients wait for a connection for ever: here a
 * question that found none is `unreachable`, and one that found a slow Redis is a `timeout`.
 *
 * @param call goes on after the time is up, for nothing takes it back. It asks `stillIn` right before each command that
 * changes something: that throws once it is too late, and where the command would wait for a connection. What was sent in time
 * and not answered may have been done.
 */
export async function within<T>(
  queue: string,
  client: { status: string },
  timeoutMs: number,
  call: (stillIn: () => void) => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<'too late'>((resolve) => {
    timer = setTimeout(() => resolve('too late'), timeoutMs)
  })
  let isOver = false
  const away = () => new PortFailure('unreachable', `queue ${queue}: Redis cannot be reached`)
  const late = () => new PortFailure('timeout', `queue ${queue}: no answer in time`)
  const stillIn = () => {
    if (isOver) throw late()
    if (client.status !== 'ready') throw away()
  }
  try {
    const outcome = await Promise.race([call(stillIn).then((value) => ({ value })), tooLate])
    if (outcome !== 'too late') return outcome.value
  } catch (error) {
    if (error instanceof PortFailure) throw error
    throw new PortFailure('unreachable', `queue ${queue}: ${codeOf(error)}`)
  } finally {
    isOver = true
    clearTimeout(timer)
  }
  throw client.status === 'ready' ? late() : away()
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
