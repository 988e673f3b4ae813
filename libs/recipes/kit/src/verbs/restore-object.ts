import { z } from 'zod'
import type { Hands, Readers } from '../ports.js'
import { defineVerb, type JsonObject, type Probe } from '../verb.js'
import { NotAsPlanned } from './afresh.js'

const args = z.strictObject({
  bucket: z.string().min(1),
  key: z.string().min(1),
  /** What lies there now; null: nothing, or a mark that it was deleted. */
  now: z.strictObject({ version: z.string().min(1), digest: z.string().min(1) }).nullable(),
  /** The version that comes back, and the digest of its content. */
  to: z.strictObject({ version: z.string().min(1), digest: z.string().min(1) }),
})
type Args = z.output<typeof args>

const NOTHING = 'nothing'
const digestNow = async ({ objects }: Readers, { bucket, key }: Args) =>
  (await objects.digest({ bucket, key })) ?? NOTHING
const before = ({ now }: Args) => now?.digest ?? NOTHING

/** Copies an older version over the key: it becomes the newest, and none is lost. */
async function bring(hands: Hands, { objects }: Readers, { bucket, key }: Args, version: string, digest: string) {
  const from = { bucket, key, version }
  const found = await objects.head(from)
  if (!found) throw new NotAsPlanned(`version ${version} of ${key} is not there any more`)
  if ((await objects.digest(from)) !== digest)
    throw new NotAsPlanned(`version ${version} of ${key} does not have the digest that it was planned with`)
  await hands.objects.copy(from, { bucket, key }, found.etag)
}

async function restore(hands: Hands, readers: Readers, args: Args): Promise<JsonObject> {
  const is = await digestNow(readers, args)
  if (is !== before(args)) throw new NotAsPlanned(`${args.key} was changed since it was planned`)
  await bring(hands, readers, args, args.to.version, args.to.digest)
  return {}
}

async function back(hands: Hands, readers: Readers, args: Args): Promise<JsonObject> {
  const is = await digestNow(readers, args)
  // Somebody has put it back, or spoilt it in the same way: there is nothing of ours to take back.
  if (is === before(args)) return {}
  if (is !== args.to.digest) throw new NotAsPlanned(`${args.key} was changed since it was restored`)
  if (args.now) await bring(hands, readers, args, args.now.version, args.now.digest)
  else await hands.objects.delete({ bucket: args.bucket, key: args.key })
  return {}
}

async function probe(readers: Readers, args: Args, from: string, to: string): Promise<Probe> {
  const is = await digestNow(readers, args)
  if (is === to) return 'in-place'
  return is === from ? 'not-in-place' : 'cannot-tell'
}

/** `aws s3api copy-object` of an older version over its own key, and only over what the approver saw. */
export const restoreObject = defineVerb({
  id: 'restore-object',
  args: args.refine(({ now, to }) => now?.digest !== to.digest, 'what is restored is there already'),
  targets: ({ bucket }) => [`bucket:${bucket}`],
  part: ({ key }) => key,
  before: (args) => ({ digest: before(args) }),
  after: ({ to }) => ({ digest: to.digest }),
  state: async (readers, args) => ({ digest: await digestNow(readers, args) }),
  // The object storage has users of its own.
  needs: [],
  reversible: 'yes',
  says: ({ bucket, key, to }) => `Restore version ${to.version} of ${key} in ${bucket}`,
  do: restore,
  probe: (readers, args) => probe(readers, args, before(args), args.to.digest),
  undo: {
    says: ({ bucket, key, now }) =>
      now ? `Put version ${now.version} of ${key} in ${bucket} back` : `Delete ${key} in ${bucket} again, by a mark`,
    do: back,
    probe: (readers, args) => probe(readers, args, args.to.digest, before(args)),
  },
})
