import type { CoreV1Api } from '@kubernetes/client-node'
import { boundsOf, plainLines, PortFailure, type LogExcerpt, type LogWish, type WorkloadRef } from '@firebreak/kit'
import { asked } from './asked.js'
import { split } from './ref.js'

/** What the API server says of a container that has said nothing yet. It has no code for that but 400. */
const NOTHING_YET = /previous terminated container .* not found|is waiting to start/

/** Reads the log of a container, within bounds that a server that keeps none cannot exceed either. */
export async function podLog(core: CoreV1Api, pod: WorkloadRef, wish: LogWish): Promise<LogExcerpt | undefined> {
  const { container, previous = false } = wish
  const { tail, limit_bytes, since_s } = boundsOf(wish)
  let text: string
  try {
    text = await asked(`read the log of pod ${pod}`, () =>
      core.readNamespacedPodLog({
        ...split(pod),
        ...(container === undefined ? {} : { container }),
        ...(since_s === undefined ? {} : { sinceSeconds: since_s }),
        previous,
        tailLines: tail,
        limitBytes: limit_bytes,
      }),
    )
  } catch (error) {
    if (!(error instanceof PortFailure)) throw error
    if (error.kind === 'not-found' || (error.kind === 'invalid' && NOTHING_YET.test(error.message))) return undefined
    throw error
  }
  const bytes = Buffer.from(text)
  const lines = plainLines(bytes.length > limit_bytes ? bytes.subarray(0, limit_bytes).toString() : text)
  return { lines: lines.slice(-tail), cut: bytes.length >= limit_bytes || lines.length >= tail }
}
