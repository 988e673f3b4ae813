import { concat, utf8 } from './bytes.js'
import { KEY_TYPE, NoteError, signaturesBy, verifyEd25519 } from './note.js'
import type { Note, NoteSignature, SigningKey, VerifierKey } from './note.js'

/**
 * C2SP tlog-cosignature, Ed25519: a witness says that at this time the largest tree it knew of this log had this size and
 * root, and that it grew out of every earlier one it had signed.
 */

/** A cosignature over a checkpoint's text; `time` in whole seconds since 1970, UTC. */
export function cosign(checkpointText: string, key: SigningKey, time: number): NoteSignature {
  if (key.type !== KEY_TYPE.cosigner) throw new NoteError('key', `the key of ${key.name} is no cosigner's key`)
  const signature = concat(uint64(time), key.sign(message(checkpointText, time)))
  return { name: key.name, keyId: key.keyId, signature }
}

/**
 * When this witness cosigned the note (seconds since 1970), or undefined where it did not. Throws where a line carries the
 * witness's name and key id, and its signature is wrong. Of several right ones the latest counts.
 */
export function cosignedAt(note: Note, witness: VerifierKey): number | undefined {
  if (witness.type !== KEY_TYPE.cosigner) throw new NoteError('key', `the key of ${witness.name} is no cosigner's key`)
  const times = signaturesBy(note, witness).map(({ signature }) => {
    const time = signature.length === 72 ? readUint64(signature) : undefined
    if (time === undefined || !verifyEd25519(signature.slice(8), message(note.text, time), witness.publicKey)) {
      throw new NoteError('signature', `the cosignature of ${witness.name} does not fit the checkpoint`)
    }
    return time
  })
  return times.length === 0 ? undefined : Math.max(...times)
}

const message = (text: string, time: number) => utf8(`cosignature/v1\ntime ${time}\n${text}`)

function uint64(n: number): Uint8Array {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError('a time is a whole number of seconds since 1970')
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(n))
  return bytes
}

/** Undefined beyond 2^53 − 1, which no clock says. */
function readUint64(bytes: Uint8Array): number | undefined {
  const n = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0))
  return Number.isSafeInteger(n) ? n : undefined
}
