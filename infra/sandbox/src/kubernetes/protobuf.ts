import { badRequest, unsupported } from './status.js'

/*
 * kubectl sends some objects as protobuf and takes JSON for an answer: `auth can-i`, and `create` of what it makes
 * itself. Those it sends for the kinds named here are read; the numbers are those of Kubernetes' generated.proto.
 */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf'

/** How a message's fields are called and read, by number. */
type Shape = Record<number, readonly [name: string, kind: 'text' | 'flag' | 'texts' | 'bytes' | Shape]>

const metadata: Shape = {
  1: ['name', 'text'],
  2: ['generateName', 'text'],
  3: ['namespace', 'text'],
  11: ['labels', 'texts'],
  12: ['annotations', 'texts'],
}
const shapes: Record<string, Shape> = {
  SelfSubjectAccessReview: {
    2: [
      'spec',
      {
        1: [
          'resourceAttributes',
          {
            1: ['namespace', 'text'],
            2: ['verb', 'text'],
            3: ['group', 'text'],
            4: ['version', 'text'],
            5: ['resource', 'text'],
            6: ['subresource', 'text'],
            7: ['name', 'text'],
          },
        ],
        2: ['nonResourceAttributes', { 1: ['path', 'text'], 2: ['verb', 'text'] }],
      },
    ],
  },
  SelfSubjectRulesReview: { 2: ['spec', { 1: ['namespace', 'text'] }] },
  SelfSubjectReview: {},
  Namespace: { 1: ['metadata', metadata] },
  ServiceAccount: { 1: ['metadata', metadata] },
  ConfigMap: { 1: ['metadata', metadata], 2: ['data', 'texts'], 4: ['immutable', 'flag'] },
  Secret: { 1: ['metadata', metadata], 2: ['data', 'bytes'], 3: ['type', 'text'], 5: ['immutable', 'flag'] },
}

/** The object in a body of Kubernetes' protobuf. Throws 415 for a kind that the sandbox reads as JSON only. */
export function readProtobuf(body: Buffer): unknown {
  if (body.subarray(0, 4).toString('latin1') !== 'k8s\0') throw unsupported('the body is no protobuf of Kubernetes')
  // runtime.Unknown: what it is, and the object itself.
  const whole = [...fieldsOf(body.subarray(4))]
  const typed = whole.find(({ number }) => number === 1)
  const { apiVersion, kind = '' } = read(typed?.bytes ?? Buffer.alloc(0), {
    1: ['apiVersion', 'text'],
    2: ['kind', 'text'],
  }) as Record<string, string>
  const shape = Object.hasOwn(shapes, kind) ? shapes[kind] : undefined
  if (!shape)
    throw unsupported(`the sandbox reads a ${kind || 'thing'} as JSON only: kubectl apply --server-side sends it so`)
  return {
    apiVersion,
    kind,
    metadata: {},
    ...read(whole.find(({ number }) => number === 2)?.bytes ?? Buffer.alloc(0), shape),
  }
}

function read(bytes: Buffer, shape: Shape): Record<string, unknown> {
  const object = new Map<string, unknown>()
  for (const { number, bytes: content, value } of fieldsOf(bytes)) {
    const [name, kind] = shape[number] ?? []
    if (name === undefined || kind === undefined) continue
    // A text that was not set is sent as an empty one.
    if (kind === 'text') {
      if (content.length > 0) object.set(name, content.toString())
    } else if (kind === 'flag') object.set(name, value !== 0)
    else if (kind === 'texts' || kind === 'bytes') {
      // An entry of a map is a message of its own: the key, and the value.
      const [key, inner] = [1, 2].map(
        (at) => [...fieldsOf(content)].find((field) => field.number === at)?.bytes ?? Buffer.alloc(0),
      )
      const known = (object.get(name) ?? {}) as Record<string, string>
      object.set(
        name,
        Object.fromEntries([
          ...Object.entries(known),
          [key!.toString(), inner!.toString(kind === 'bytes' ? 'base64' : 'utf8')],
        ]),
      )
    } else object.set(name, read(content, kind))
  }
  return Object.fromEntries(object)
}

function* fieldsOf(bytes: Buffer): Generator<{ number: number; bytes: Buffer; value: number }> {
  let at = 0
  const varint = (): number => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes[at++]
      if (byte === undefined || shift > 28) throw badRequest('the protobuf of the body breaks off')
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    const [number, wire] = [tag >>> 3, tag & 7]
    if (wire === 0) yield { number, bytes: Buffer.alloc(0), value: varint() }
    else if (wire === 2) {
      const length = varint()
      if (at + length > bytes.length) throw badRequest('the protobuf of the body breaks off')
      yield { number, bytes: bytes.subarray(at, at + length), value: 0 }
      at += length
    } else throw badRequest('the protobuf of the body has a field that no object here has')
  }
}
