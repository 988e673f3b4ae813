import { createHash, generateKeyPairSync, sign } from 'node:crypto'

/*
 * A self-signed certificate for 127.0.0.1, written by hand because Node can read X.509 and not make it.
 * It is needed because kubectl sends no token over plain HTTP. DER: tag, length, content.
 */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  if (content.length < 128) return Buffer.concat([Buffer.from([tag, content.length]), content])
  const length = Buffer.from(content.length.toString(16).padStart(4, '0'), 'hex')
  return Buffer.concat([Buffer.from([tag, 0x82]), length, content])
}
const sequence = (...parts: Buffer[]) => der(0x30, ...parts)
const text = (value: string) => der(0x0c, Buffer.from(value))
const bits = (value: Buffer) => der(0x03, Buffer.from([0]), value)
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const time = (date: Date) => der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\.\d+/g, '')}`))

const COMMON_NAME = oid('550403')
const ECDSA_WITH_SHA256 = oid('2a8648ce3d040302')
const SUBJECT_ALTERNATIVE_NAME = oid('551d11')
const BASIC_CONSTRAINTS = oid('551d13')

/** A key and its certificate for `127.0.0.1` and `localhost`, valid for ten years from the day before `now`. PEM. */
export function selfSigned(now: Date): { key: string; certificate: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const name = sequence(der(0x31, sequence(COMMON_NAME, text('firebreak sandbox (simulator)'))))
  const year = 365 * 86_400_000
  // Positive and unlike any other: a client may keep certificates by issuer and serial number.
  const serial = createHash('sha256').update(spki).digest().subarray(0, 16)
  serial[0] = (serial[0]! & 0x3f) | 0x40
  const names = sequence(der(0x87, Buffer.from([127, 0, 0, 1])), der(0x82, Buffer.from('localhost')))
  const extensions = sequence(
    sequence(BASIC_CONSTRAINTS, der(0x01, Buffer.from([0xff])), der(0x04, sequence(der(0x01, Buffer.from([0xff]))))),
    sequence(SUBJECT_ALTERNATIVE_NAME, der(0x04, names)),
  )
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    sequence(ECDSA_WITH_SHA256),
    name,
    sequence(time(new Date(now.getTime() - 86_400_000)), time(new Date(now.getTime() + 10 * year))),
    name,
    spki,
    der(0xa3, extensions),
  )
  const signed = sequence(body, sequence(ECDSA_WITH_SHA256), bits(sign('sha256', body, privateKey)))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${signed.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  }
}
