import { base64, same, unbase64, utf8 } from './bytes.js'
import { formatVkey, KEY_TYPE, NoteError, parseVkey, verifyEd25519, type SigningKey, type VerifierKey } from './note.js'
import type { EntryDetail } from './types.js'

/**
 * A log changes its key: both keys sign the sentence that says so, the old one to hand over, the new one to show that
 * somebody holds it. Checkpoints up to the entry's index are signed by the old key, larger ones by the new. The name, and
 * with it the origin, stays.
 */
export interface Rotation {
  old: VerifierKey
  new: VerifierKey
}

const message = (origin: string, oldVkey: string, newVkey: string): Uint8Array =>
  utf8(`firebreak/log-key-rotation/v1\n${origin}\n${oldVkey}\n${newVkey}\n`)

/** What the entry `log.key-rotated` says. */
export function signRotation(old: SigningKey, fresh: SigningKey): Required<EntryDetail<'log.key-rotated'>> {
  const signed = message(old.name, formatVkey(old), formatVkey(fresh))
  return {
    old: formatVkey(old),
    new: formatVkey(fresh),
    signed_by_old: base64(old.sign(signed)),
    signed_by_new: base64(fresh.sign(signed)),
  }
}

/** The rotation that an entry tells of, its two signatures verified. Throws NoteError. */
export function readRotation(detail: EntryDetail<'log.key-rotated'> | undefined): Rotation {
  if (!detail?.old || !detail.new || !detail.signed_by_old || !detail.signed_by_new) {
    throw new NoteError('key', 'a rotation names the old key and the new one, and both sign it')
  }
  const [old, fresh] = [parseVkey(detail.old), parseVkey(detail.new)]
  if (old.type !== KEY_TYPE.log || fresh.type !== KEY_TYPE.log)
    throw new NoteError('key', 'a log signs with keys of type 1')
  if (old.name !== fresh.name) {
    throw new NoteError('key', `a rotation keeps the name of the log; this one goes from ${old.name} to ${fresh.name}`)
  }
  if (same(old.publicKey, fresh.publicKey)) throw new NoteError('key', 'a rotation changes the key')
  const signed = message(old.name, detail.old, detail.new)
  for (const [whose, key, signature] of [
    ['old', old, detail.signed_by_old],
    ['new', fresh, detail.signed_by_new],
  ] as const) {
    if (!verifies(signature, signed, key)) {
      throw new NoteError('signature', `the ${whose} key of ${old.name} did not sign this rotation`)
    }
  }
  return { old, new: fresh }
}

function verifies(signature: string, signed: Uint8Array, key: VerifierKey): boolean {
  try {
    return verifyEd25519(unbase64(signature), signed, key.publicKey)
  } catch {
    return false
  }
}
