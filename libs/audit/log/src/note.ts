import { ed25519 } from '@noble/curves/ed25519.js'
import { base64, concat, hex, isWellFormed, same, sha256, text, unbase64, unhex, utf8 } from './bytes.js'

/**
 * C2SP signed-note: a text, an empty line, and signature lines. What a signature means beyond Ed25519 over the text is
 * the business of its type: `cosignature.ts` has the other one that we make.
 */

export type NoteErrorCode = 'note' | 'key' | 'signature' | 'unsigned'

/** `note`: not a signed note; `key`: not a usable key; `signature`: a known key's signature is wrong; `unsigned`: none by a known key. */
export class NoteError extends Error {
  constructor(
    readonly code: NoteErrorCode,
    sentence: string,
  ) {
    super(sentence)
    this.name = 'NoteError'
  }
}

/** Signature types of signed-note that we know. */
export const KEY_TYPE = { log: 0x01, cosigner: 0x04 } as const
export type KeyType = (typeof KEY_TYPE)[keyof typeof KEY_TYPE]

/** Who may have signed: the public half, as it is written in a vkey. */
export interface VerifierKey {
  name: string
  type: KeyType
  publicKey: Uint8Array
  /** 4 bytes: an index, not an identity. */
  keyId: Uint8Array
}

/** The 32-byte seed never leaves this object by itself: it is not enumerable in logs, for lack of a field. */
export interface SigningKey extends VerifierKey {
  /** 64-byte Ed25519 signature. */
  sign(message: Uint8Array): Uint8Array
}

export interface NoteSignature {
  name: string
  keyId: Uint8Array
  /** What stands after the key id; its form depends on the key's type. */
  signature: Uint8Array
}

export interface Note {
  /** With its final newline. */
  text: string
  signatures: NoteSignature[]
}

const MAX_SIGNATURES = 100
const PREFIX = '— '

/** A key from its seed, 32 bytes from a good source of randomness or a secret store. */
export function generateKey(name: string, seed: Uint8Array, type: KeyType = KEY_TYPE.log): SigningKey {
  if (seed.length !== 32) throw new NoteError('key', 'an Ed25519 seed has 32 bytes')
  const own = seed.slice()
  return { ...verifierKey(name, type, ed25519.getPublicKey(own)), sign: (message) => ed25519.sign(message, own) }
}

/** `<name>+<key id, hex>+<base64(type ‖ public key)>` */
export const formatVkey = ({ name, keyId, type, publicKey }: VerifierKey): string =>
  `${name}+${hex(keyId)}+${base64(concat(Uint8Array.of(type), publicKey))}`

/** A key from its vkey. The key id must be the recommended one, so that a typing error is found here and not in a year. */
export function parseVkey(vkey: string): VerifierKey {
  const [name, id, encoded, ...rest] = splitVkey(vkey)
  if (name === undefined || id === undefined || encoded === undefined || rest.length > 0) {
    throw new NoteError('key', 'a verifier key is written <name>+<key id>+<base64 key>')
  }
  let [keyId, key] = [new Uint8Array(), new Uint8Array()]
  try {
    ;[keyId, key] = [unhex(id), unbase64(encoded)] as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]
  } catch {
    throw new NoteError('key', `the key of ${name} is not hexadecimal and base64`)
  }
  const type = key[0]
  if (type !== KEY_TYPE.log && type !== KEY_TYPE.cosigner) {
    throw new NoteError(
      'key',
      `the key of ${name} is of type ${type ?? 'none'}; known are 1 (Ed25519) and 4 (Ed25519 cosignature)`,
    )
  }
  const parsed = verifierKey(name, type, key.slice(1))
  if (!same(parsed.keyId, keyId)) throw new NoteError('key', `the key id of ${name} does not belong to its key`)
  return parsed
}

// A base64 key may hold a "+", a name and an id may not.
function splitVkey(vkey: string): (string | undefined)[] {
  const [name, id] = vkey.split('+', 2)
  return [name, id, id === undefined ? undefined : vkey.slice(`${name}+${id}+`.length)]
}

/** The public half alone. */
function verifierKey(name: string, type: KeyType, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name))
    throw new NoteError('key', 'a key name is not empty and has no spaces, control characters or "+"')
  if (!isGoodPoint(publicKey))
    throw new NoteError('key', `the public key of ${name} is not a point of full order on Ed25519`)
  const keyId = sha256(concat(utf8(name), Uint8Array.of(0x0a, type), publicKey)).slice(0, 4)
  return { name, type, publicKey, keyId }
}

/**
 * Low-order keys accept signatures that nobody made (Node imports all 14 encodings of them), and an encoding that is not
 * canonical would let one key go under two ids.
 */
function isGoodPoint(publicKey: Uint8Array): boolean {
  try {
    return publicKey.length === 32 && !ed25519.Point.fromBytes(publicKey, false).isSmallOrder()
  } catch {
    return false
  }
}

const isKeyName = (name: string) => name !== '' && isWellFormed(name) && !/[\s+\p{Cc}\p{Z}]/u.test(name)

/** Ed25519 by RFC 8032: canonical encodings only. */
export function verifyEd25519(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return signature.length === 64 && ed25519.verify(signature, message, publicKey, { zip215: false })
}

/** A signature of type 1 over a note's text, to be put on a note. */
export function signNote(noteText: string, key: SigningKey): NoteSignature {
  if (key.type !== KEY_TYPE.log) throw new NoteError('key', `the key of ${key.name} signs cosignatures, not notes`)
  return { name: key.name, keyId: key.keyId, signature: key.sign(utf8(noteText)) }
}

/** `— <name> <base64(key id ‖ signature)>\n` */
export const formatSignature = ({ name, keyId, signature }: NoteSignature): string =>
  `${PREFIX}${name} ${base64(concat(keyId, signature))}\n`

export const formatNote = ({ text, signatures }: Note): string => `${text}\n${signatures.map(formatSignature).join('')}`

/** Syntax alone: says nothing about who signed. */
export function parseNote(source: string | Uint8Array): Note {
  const whole = typeof source === 'string' ? source : decode(source)
  if (!isWellFormed(whole) || /[\u0000-\u0009\u000b-\u001f]/.test(whole)) {
    throw new NoteError('note', 'a note holds no control character but the newline')
  }
  const blank = whole.lastIndexOf('\n\n')
  if (blank === -1 || !whole.endsWith('\n'))
    throw new NoteError('note', 'a note is a text, an empty line and signature lines')
  const lines = whole.slice(blank + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) throw new NoteError('note', `a note has at most ${MAX_SIGNATURES} signatures`)
  return { text: whole.slice(0, blank + 1), signatures: lines.map(parseSignature) }
}

/** One signature line, without its newline. */
export function parseSignature(line: string): NoteSignature {
  const [name, encoded, ...rest] = line.startsWith(PREFIX) ? line.slice(PREFIX.length).split(' ') : []
  if (name === undefined || encoded === undefined || rest.length > 0 || !isKeyName(name)) {
    throw new NoteError('note', 'a signature line is "— <name> <base64>"')
  }
  let bytes
  try {
    bytes = unbase64(encoded)
  } catch {
    throw new NoteError('note', `the signature of ${name} is not base64`)
  }
  if (bytes.length < 5) throw new NoteError('note', `the signature of ${name} is too short`)
  return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) }
}

function decode(bytes: Uint8Array): string {
  try {
    return text(bytes)
  } catch {
    throw new NoteError('note', 'a note is UTF-8')
  }
}

/** The signatures on the note that carry this key's name and id. */
export const signaturesBy = (note: Note, key: VerifierKey): NoteSignature[] =>
  note.signatures.filter(({ name, keyId }) => name === key.name && same(keyId, key.keyId))

/**
 * The keys, of those given, that signed the text. Lines of other keys are ignored; a wrong signature under a known name
 * and id rejects the note; so does a note that none of the keys signed. Keys of type 1 only.
 */
export function verifyNote(note: Note, keys: readonly VerifierKey[]): VerifierKey[] {
  const message = utf8(note.text)
  const signers = keys.filter((key) => {
    const found = key.type === KEY_TYPE.log ? signaturesBy(note, key) : []
    if (!found.every(({ signature }) => verifyEd25519(signature, message, key.publicKey))) {
      throw new NoteError('signature', `the signature of ${key.name} does not fit the text`)
    }
    return found.length > 0
  })
  if (signers.length === 0) {
    throw new NoteError('unsigned', `signed by none of: ${keys.map(({ name }) => name).join(', ') || '(no key given)'}`)
  }
  return signers
}
