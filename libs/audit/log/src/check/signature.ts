import { formatVkey, NoteError, verifyNote, type Note, type VerifierKey } from '../note.js'
import { readRotation, type Rotation } from '../rotation.js'
import { Fault, NotMade, type Check, type Seen, type Watch } from './check.js'

/**
 * The log that the policy names signed this checkpoint and the older ones, under its own name. A key that the policy lacks
 * is not trusted for what an entry says; but where the log has changed its key, the auditor is told so, and what to ask for.
 */
export const signature: Check = {
  name: 'signature',
  says: 'the log that the policy names signed the checkpoints',
  start({ checkpoint, history, note, policy }) {
    if (!note || !checkpoint) return new NotMade('the checkpoint cannot be read')
    const { origin } = checkpoint
    const keys = policy.logs.filter(({ name }) => name === origin)
    if (keys.length === 0) return strangeName(origin, policy.logs)
    const unsigned = [...history.map((older) => ({ ...older, what: 'an older checkpoint' })), { checkpoint, note, what: 'the checkpoint' }].filter(
      (one) => !signedBy(one.note, keys),
    ) // prettier-ignore
    return unsigned.length === 0 ? { end: () => origin } : strangeKeys(unsigned, keys)
  },
}

interface Unsigned {
  checkpoint: { size: number }
  note: Note
  what: string
}

/** Whether one of the keys signed; a wrong signature under a known key is a fault. */
function signedBy(note: Note, keys: readonly VerifierKey[]): boolean {
  try {
    return verifyNote(note, keys).length > 0
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    if (error.code === 'unsigned') return false
    throw new Fault('log-signature', error.message)
  }
}

/** Signed by no key of the policy: by a key to which the log went over, or from which it came, or by nobody that we know. */
function strangeKeys(unsigned: readonly Unsigned[], keys: readonly VerifierKey[]): Watch {
  const rotations: { index: number; rotation: Rotation }[] = []
  return {
    see(batch) {
      for (const one of batch) {
        const rotation = rotationIn(one)
        if (rotation) rotations.push({ index: one.index, rotation })
      }
    },
    end() {
      const reasons = unsigned.map(({ checkpoint: { size }, note, what }) => {
        const vouched = vouchedFor(keys, rotations).find(({ key }) => signedBy(note, [key]))
        if (vouched) {
          return (
            `${what} of ${size} entries is signed by a key that your policy lacks and that entry ${vouched.index} hands the log over ` +
            `${vouched.way}. Ask whoever gave you the policy whether to add: log ${formatVkey(vouched.key)}`
          )
        }
        const names = keys.map(({ name }) => name).join(', ')
        throw new Fault(
          'log-signature',
          `${what} of ${size} entries is signed by none of the keys of ${names} in your policy`,
        )
      })
      return new NotMade(reasons[0]!, true)
    },
  }
}

/** Keys that a key of the policy has gone over to, or has taken over from; both signed that. */
function vouchedFor(keys: readonly VerifierKey[], rotations: readonly { index: number; rotation: Rotation }[]) {
  const known = new Set(keys.map(formatVkey))
  const found: { key: VerifierKey; index: number; way: 'to' | 'from' }[] = []
  const take = (key: VerifierKey, index: number, way: 'to' | 'from') => {
    if (known.has(formatVkey(key))) return
    known.add(formatVkey(key))
    found.push({ key, index, way })
  }
  for (const { index, rotation } of rotations) if (known.has(formatVkey(rotation.old))) take(rotation.new, index, 'to')
  for (const { index, rotation } of rotations.toReversed()) {
    if (known.has(formatVkey(rotation.new))) take(rotation.old, index, 'from')
  }
  return found
}

/** A log of a name that the policy lacks. It may follow one that the policy has; that does not make it trusted. */
function strangeName(origin: string, logs: readonly VerifierKey[]): Watch {
  let follows = ''
  return {
    see(batch) {
      for (const { entry, index } of batch) {
        if (entry?.type !== 'log.succeeded' || !logs.some(({ name }) => name === entry.detail?.old_origin)) continue
        const who = entry.approvals?.map(({ by }) => by).join(' and ') ?? 'nobody'
        follows =
          `. Entry ${index} says that it follows ${entry.detail?.old_origin}, which your policy knows, and that ${who} approved it: ` +
          `ask them, and whoever gave you the policy for the line of ${origin}`
      }
    },
    end() {
      throw new Fault('log-signature', `the policy knows no log ${origin}${follows}`)
    },
  }
}

function rotationIn({ entry }: Seen): Rotation | undefined {
  if (entry?.type !== 'log.key-rotated') return undefined
  try {
    return readRotation(entry.detail)
  } catch (error) {
    // The check `keys` says so.
    if (error instanceof NoteError) return undefined
    throw error
  }
}
