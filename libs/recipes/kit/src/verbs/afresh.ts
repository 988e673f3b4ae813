import { PortFailure } from '../ports.js'

/** How often an object may move under us before we say so. A rollout writes its status a few times a second. */
const TIMES = 5

/**
 * Reads, decides and changes anew when the object was written in between: a conflict means that nothing happened, and
 * what moved may have been a status that nobody planned with. What the plan was built on is checked by `change` itself,
 * each time.
 */
export async function afresh<T>(change: () => Promise<T>): Promise<T> {
  for (let time = 1; ; time++) {
    try {
      return await change()
    } catch (error) {
      const moved = error instanceof PortFailure && error.kind === 'conflict' && !(error instanceof NotAsPlanned)
      if (!moved) throw error
      if (time === TIMES)
        throw new PortFailure(
          'conflict',
          `${error.message}. Somebody else wrote in between each of ${TIMES} times: find out who, and plan again`,
        )
    }
  }
}

/** The target is not as the approver saw it: no conflict of two writers, and nothing to try again. */
export class NotAsPlanned extends PortFailure {
  constructor(message: string) {
    super('conflict', message)
  }
}
