import { z } from 'zod'
import type { Hands, Readers } from '../ports.js'
import { defineVerb, type JsonObject, type Probe } from '../verb.js'
import { NotAsPlanned } from './afresh.js'
import { place, type Place } from './place.js'

const args = z.strictObject({
  from: place,
  to: place,
  /** Of the content that is moved. */
  digest: z.string().min(1),
  because: z.string().min(1).max(300),
})
type Args = z.output<typeof args>

async function move(hands: Hands, { objects }: Readers, from: Place, to: Place, digest: string): Promise<JsonObject> {
  const found = await objects.head(from)
  if (!found) throw new NotAsPlanned(`${from.key} is not in ${from.bucket} any more`)
  if ((await objects.digest(from)) !== digest) throw new NotAsPlanned(`${from.key} was changed since it was planned`)
  const there = await objects.digest(to)
  if (there !== undefined && there !== digest)
    throw new NotAsPlanned(`something else lies at ${to.key} in ${to.bucket}`)
  await hands.objects.move(from, to, found.etag)
  return {}
}

async function probe({ objects }: Readers, from: Place, to: Place, digest: string): Promise<Probe> {
  const [source, there] = [await objects.digest(from), await objects.digest(to)]
  if (source === undefined && there === digest) return 'in-place'
  // A copy may be there: the move goes on from it.
  return source === digest && (there === undefined || there === digest) ? 'not-in-place' : 'cannot-tell'
}

async function where({ objects }: Readers, { from, to, digest }: Args): Promise<string> {
  if ((await objects.digest(from)) === digest) return 'in its place'
  return (await objects.digest(to)) === digest ? 'aside' : 'neither'
}

/** Moves an object to where nobody reads it, and only the content that the approver saw. */
export const setObjectAside = defineVerb({
  id: 'set-object-aside',
  args,
  targets: ({ from }) => [`bucket:${from.bucket}`],
  part: ({ from }) => from.key,
  before: () => ({ object: 'in its place' }),
  after: () => ({ object: 'aside' }),
  state: async (readers, args) => ({ object: await where(readers, args) }),
  // The object storage has users of its own.
  needs: [],
  reversible: 'yes',
  says: ({ from, to, because }) => `Move ${from.key} from ${from.bucket} aside to ${to.bucket}/${to.key}: ${because}`,
  do: (hands, readers, { from, to, digest }) => move(hands, readers, from, to, digest),
  probe: (readers, { from, to, digest }) => probe(readers, from, to, digest),
  undo: {
    says: ({ from, to }) => `Move ${to.key} from ${to.bucket} back to ${from.bucket}/${from.key}`,
    do: (hands, readers, { from, to, digest }) => move(hands, readers, to, from, digest),
    probe: (readers, { from, to, digest }) => probe(readers, to, from, digest),
  },
})
