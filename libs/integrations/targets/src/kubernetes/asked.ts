import { MOST_LISTED, PortFailure } from '@firebreak/kit'
import { failureOf } from './failure.js'

/** Asks, and tells a failure in the words of the port. */
export async function asked<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw failureOf(error, doing)
  }
}

/** The same, where a thing that is not there is an answer. */
export const found = <T>(doing: string, call: () => Promise<T>): Promise<T | undefined> =>
  asked(doing, call).catch((failure: PortFailure) => {
    if (failure.kind === 'not-found') return undefined
    throw failure
  })

const PAGE = 500

/** Everything that a list has, page by page. Of more than `most` it answers nothing rather than a part. */
export async function listed(
  doing: string,
  page: (at: { limit: number; _continue?: string }) => Promise<{ items: unknown[]; metadata?: { _continue?: string } }>,
  most = MOST_LISTED,
): Promise<unknown[]> {
  const all: unknown[] = []
  for (let _continue: string | undefined; ;) {
    const { items, metadata } = await asked(doing, () => page({ limit: PAGE, ...(_continue ? { _continue } : {}) }))
    for (const item of items) all.push(item)
    if (all.length > most) throw new PortFailure('invalid', `${doing}: there are more than ${most}`)
    _continue = metadata?._continue || undefined
    if (_continue === undefined) return all
  }
}
