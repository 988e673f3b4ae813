import { hex, same } from '../bytes.js'
import type { Checkpoint } from '../checkpoint.js'
import { NoteError, verifyNote, type Note, type VerifierKey } from '../note.js'
import type { Policy } from '../policy.js'
import { readRotation, type Rotation } from '../rotation.js'
import { counted, Fault, NotMade, type Check } from './check.js'

/**
 * The log signs with one key at a time, and says in itself when it changes: a checkpoint up to the entry of a rotation is
 * signed by the old key, a larger one by the new. Where no entry tells which key it was, it is the first of that name in
 * the policy: a key that the policy has besides is in force only from the entry on that brings it in.
 */
export const keys: Check = {
  name: 'keys',
  says: 'each checkpoint is signed by the key that was in force at its size',
  start({ checkpoint, history, manifest, note, policy, stored }) {
    if (!checkpoint || !note) return new NotMade('the checkpoint cannot be read')
    if (manifest.completeness !== 'FULL')
      return new NotMade('a change of the key may stand in an entry that is not here')
    const signed: Signed[] = history.map((older) => ({ ...older, what: 'the older checkpoint' }))
    signed.push({ checkpoint, note, what: 'the checkpoint' })
    if (stored) signed.push({ ...stored, what: 'the checkpoint that you keep' })
    const timeline = new Timeline()
    return {
      see(batch) {
        for (const { entry, index } of batch) {
          if (entry?.type === 'log.key-rotated') {
            if (entry.stream !== 'log')
              throw new Fault('key', `entry ${index} changes the key outside the stream "log"`, index)
            timeline.rotate(index, rotationIn(entry.detail, index))
          }
          if (entry?.type === 'log.succeeded') timeline.succeed(index, entry.detail?.old_origin)
        }
      },
      end() {
        for (const one of signed) hold(one, timeline.at(one.checkpoint), timeline, policy)
        return timeline.rotations === 0 ? 'one key' : counted(timeline.rotations, 'rotation')
      },
    }
  },
}

interface Signed {
  checkpoint: Checkpoint
  note: Note
  what: string
}

/** Sizes above `from` up to the next reign's; `origin` and `key` where an entry told. */
interface Reign {
  from: number
  origin: string | undefined
  key: VerifierKey | undefined
}

class Timeline {
  readonly #reigns: Reign[] = [{ from: -1, origin: undefined, key: undefined }]
  readonly #known = new Map<string, number>()
  rotations = 0

  rotate(index: number, { new: fresh, old }: Rotation): void {
    const reign = this.#reigns.at(-1)!
    if ((reign.origin ?? old.name) !== old.name) {
      throw new Fault('key', `entry ${index} changes the key of ${old.name}; this log is ${reign.origin}`, index)
    }
    if (reign.key ? !same(reign.key.publicKey, old.publicKey) : this.#known.has(hex(old.publicKey))) {
      throw new Fault('key', `entry ${index} is a rotation away from ${idOf(old)}, which was not in force`, index)
    }
    this.#known.set(hex(old.publicKey), reign.from)
    if (this.#known.has(hex(fresh.publicKey))) {
      throw new Fault('key', `entry ${index} brings back ${idOf(fresh)}, a key that was given up`, index)
    }
    this.#known.set(hex(fresh.publicKey), index)
    Object.assign(reign, { origin: old.name, key: old })
    this.#reigns.push({ from: index, origin: old.name, key: fresh })
    this.rotations++
  }

  succeed(index: number, oldOrigin: string | undefined): void {
    this.#reigns.at(-1)!.origin ??= oldOrigin
    this.#reigns.push({ from: index, origin: undefined, key: undefined })
  }

  /** Undefined where the size is beyond what this log has kept of that origin: the check `lineage` tells of it. */
  at({ origin, size }: Checkpoint): Reign | undefined {
    const at = this.#reigns.findLastIndex(({ from }) => size > from)
    const reign = this.#reigns[at]!
    const last = this.#reigns.at(-1)!
    if (reign === last) return { ...reign, origin: reign.origin ?? origin }
    return reign.origin === undefined || reign.origin === origin ? reign : undefined
  }

  /** Whether an entry of this log brought the key in, or gave it up. */
  tellsOf = (key: VerifierKey): boolean => this.#known.has(hex(key.publicKey))
}

function hold({ checkpoint, note, what }: Signed, reign: Reign | undefined, timeline: Timeline, policy: Policy): void {
  if (!reign || reign.origin !== checkpoint.origin) return
  const expected = reign.key ?? policy.logs.find((key) => key.name === checkpoint.origin && !timeline.tellsOf(key))
  if (!expected) return
  try {
    verifyNote(note, [expected])
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    const since = reign.from < 0 ? '' : `, since entry ${reign.from}`
    const why = reign.key
      ? `in force at its size was ${idOf(expected)}${since}`
      : `no entry hands this log over from ${idOf(expected)}, its first key in your policy`
    throw new Fault(
      'key',
      `${what} of ${checkpoint.size} entries is signed by another key of ${checkpoint.origin}: ${why}`,
    )
  }
}

const idOf = ({ keyId, name }: VerifierKey): string => `${name}+${hex(keyId)}`

function rotationIn(detail: Parameters<typeof readRotation>[0], index: number): Rotation {
  try {
    return readRotation(detail)
  } catch (error) {
    if (error instanceof NoteError) throw new Fault('key', `entry ${index} is no rotation: ${error.message}`, index)
    throw error
  }
}
