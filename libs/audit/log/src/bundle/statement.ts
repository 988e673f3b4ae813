import { base64, concat, hex, same, unbase64, utf8 } from '../bytes.js'
import { canonical, parseCanonical, type JsonValue } from '../json.js'
import { verifyEd25519, type SigningKey, type VerifierKey } from '../note.js'
import { z } from '../schema.js'
import { FILE, type Manifest } from './manifest.js'

/** DSSE v1 over an in-toto Statement v1: the exporter's word for the manifest, in a form that other tools verify too. */

const PAYLOAD_TYPE = 'application/vnd.in-toto+json'

const envelope = z.strictObject({
  payload: z.string(),
  payloadType: z.literal(PAYLOAD_TYPE),
  signatures: z.tuple([z.strictObject({ keyid: z.string(), sig: z.string() })]),
})

/** The statement's bytes: each file of the bundle, the manifest last, is a subject. */
export function statementOver(manifest: Manifest, manifestSha256: string): Uint8Array {
  const { completeness, controls, disclosed, entries, filter, origin, size, streams } = manifest
  const files = [...manifest.files, { name: FILE.manifest, sha256: manifestSha256 }]
  return canonical({
    _type: 'https://in-toto.io/Statement/v1',
    subject: files.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: 'https://firebreak.example/attestation/audit-export/v2',
    predicate: { completeness, controls, disclosed, entries, filter: filter as JsonValue, origin, size, streams },
  })
}

/** The file `manifest.dsse.json`. */
export function signStatement(statement: Uint8Array, key: SigningKey): Uint8Array {
  const sig = base64(key.sign(preAuthentication(statement)))
  return canonical({
    payload: base64(statement),
    payloadType: PAYLOAD_TYPE,
    signatures: [{ keyid: keyIdOf(key), sig }],
  })
}

export type StatementFault = 'malformed' | 'other-statement' | 'other-key' | 'wrong-signature'

/** What is wrong with the file `manifest.dsse.json`, given the statement that the manifest leads to; undefined: nothing. */
export function statementFault(
  file: Uint8Array,
  statement: Uint8Array,
  keys: readonly VerifierKey[],
): StatementFault | undefined {
  let sig, parsed
  try {
    parsed = envelope.parse(parseCanonical(file))
    if (!same(unbase64(parsed.payload), statement)) return 'other-statement'
    sig = unbase64(parsed.signatures[0].sig)
  } catch {
    return 'malformed'
  }
  const key = keys.find((candidate) => keyIdOf(candidate) === parsed.signatures[0].keyid)
  if (!key) return 'other-key'
  return verifyEd25519(sig, preAuthentication(statement), key.publicKey) ? undefined : 'wrong-signature'
}

const keyIdOf = ({ name, keyId }: VerifierKey) => `${name}+${hex(keyId)}`

/** PAE of DSSE: lengths before contents, so that no two pairs of type and body read alike. */
const preAuthentication = (body: Uint8Array) =>
  concat(utf8(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${body.length} `), body)
