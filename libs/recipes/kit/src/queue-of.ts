import type { JobQueue } from './directory.js'
import { faultOf } from './format.js'
import { PortFailure, type ObjectStoreReader, type ServiceDirectory } from './ports.js'

/**
 * The queue that a recipe is about: the one that was asked for, else the one that the alert names, else the only one that
 * belongs to its service. Labels only pick from the house: a queue that it does not know is refused, and so is a choice that
 * nobody made. Throws `PortFailure('not-found')` that names those that there are.
 */
export function queueOf(
  directory: ServiceDirectory,
  asked: string | undefined,
  labels: Readonly<Record<string, string>>,
): JobQueue {
  const { queues, ocr } = directory.things()
  const known = queues.map(({ name }) => name).join(', ') || 'none'
  const hint = `; the house knows ${known} (firebreak.yaml, queues)`
  const name = asked ?? labels['queue']
  if (name !== undefined) {
    const found = queues.find((queue) => queue.name === name)
    if (found) return found
    throw new PortFailure('not-found', `there is no queue ${JSON.stringify(name.slice(0, 100))}${hint}`)
  }
  const service = labels['service']
  // OCR reads what a queue brings: a page about OCR is about the inputs of that queue.
  const fed = ocr.filter((route) => route.service === service).map(({ queue }) => queue)
  const [first, ...more] = queues.filter((queue) => queue.service === service || fed.includes(queue.name))
  if (first && more.length === 0) return first
  const why = first ? 'the service has several queues: say which' : 'no queue is named, and none belongs to the service'
  throw new PortFailure('not-found', `${why}${hint}`)
}

/** The key of the input that a job's data name, put right where the house says that it is wrong. */
export interface Pointer {
  field: string
  from: string
  to: string
}

/**
 * Where a job points, or undefined when its data name no input of the queue. Data are outside input: only the one field is
 * read, and what lies outside the queue's own prefix, or has characters that change how a sentence reads, is no input.
 */
export function pointerOf({ inputs, corrections }: JobQueue, data: unknown): Pointer | undefined {
  const { pointer: field } = inputs
  if (typeof data !== 'object' || data === null || Array.isArray(data) || !Object.hasOwn(data, field)) return undefined
  const from = (data as Record<string, unknown>)[field]
  if (typeof from !== 'string' || from === '' || from.length > 1_000) return undefined
  const wrong = corrections.find((known) => from.startsWith(known.from))
  const to = wrong ? wrong.to + from.slice(wrong.from.length) : from
  return to.startsWith(inputs.prefix) && !/[\p{Cc}\p{Cf}]/u.test(from) ? { field, from, to } : undefined
}

/** Why what lies there, or one of its versions, is no input of this queue; undefined when it is one. Reads all of it. */
export async function inputFault(
  { objects }: { objects: ObjectStoreReader },
  { inputs: { bucket, formats, most_bytes } }: JobQueue,
  key: string,
  version?: string,
): Promise<string | undefined> {
  const ref = { bucket, key, ...(version === undefined ? {} : { version }) }
  const head = await objects.head(ref)
  if (!head) return 'it is not there'
  if (head.bytes > most_bytes) return `it is ${head.bytes} bytes, and ${most_bytes} are read`
  const content = await objects.read(ref, most_bytes)
  return content ? faultOf(content, formats) : 'it is not there'
}
