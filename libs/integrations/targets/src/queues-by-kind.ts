import {
  JobQueuesHands,
  JobQueuesReader,
  PortFailure,
  type FailedJob,
  type QueueCounts,
  type QueueKind,
} from '@firebreak/kit'

/** Which kind each queue of the house is, and who speaks with that kind. */
export interface ByKind<Port> {
  kinds: ReadonlyMap<string, QueueKind>
  ports: Readonly<Record<QueueKind, Port>>
}

function theRight<Port>({ kinds, ports }: ByKind<Port>, queue: string): Port {
  const kind = kinds.get(queue)
  if (kind !== undefined) return ports[kind]
  // A queue that the house does not know has no owner, and no freeze would hold it.
  throw new PortFailure(
    'not-found',
    `the house has no queue ${JSON.stringify(queue.slice(0, 100))} (firebreak.yaml, queues)`,
  )
}

/** Looks at the queues of the house, each by whoever speaks its kind. */
class ReaderByKind extends JobQueuesReader {
  constructor(private readonly by: ByKind<JobQueuesReader>) {
    super()
  }

  async counts(queue: string): Promise<QueueCounts> {
    return theRight(this.by, queue).counts(queue)
  }

  async nextSince(queue: string): Promise<number | undefined> {
    return theRight(this.by, queue).nextSince(queue)
  }

  async failed(queue: string, limit: number): Promise<FailedJob[]> {
    return theRight(this.by, queue).failed(queue, limit)
  }

  async failedJob(queue: string, id: string): Promise<FailedJob | undefined> {
    return theRight(this.by, queue).failedJob(queue, id)
  }

  async stateOf(queue: string, id: string) {
    return theRight(this.by, queue).stateOf(queue, id)
  }
}

/** Changes the queues of the house, each by whoever speaks its kind. */
class HandsByKind extends JobQueuesHands {
  constructor(private readonly by: ByKind<JobQueuesHands>) {
    super()
  }

  async retry(queue: string, id: string, data?: unknown): Promise<void> {
    await theRight(this.by, queue).retry(queue, id, data)
  }

  async remove(queue: string, id: string): Promise<void> {
    await theRight(this.by, queue).remove(queue, id)
  }

  async submit(queue: string, job: { id: string; name: string; data: unknown }): Promise<void> {
    await theRight(this.by, queue).submit(queue, job)
  }
}

/** One port for all the queues of the house. */
export const QueuesByKind = {
  reader: (by: ByKind<JobQueuesReader>): JobQueuesReader => new ReaderByKind(by),
  hands: (by: ByKind<JobQueuesHands>): JobQueuesHands => new HandsByKind(by),
}
