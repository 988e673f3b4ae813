import {
  ObjectStoreHands,
  ObjectStoreReader,
  PortFailure,
  StorageFailure,
  type ObjectRef,
  type ObjectVersion,
  type StorageReason,
  type StoredObject,
} from '../ports.js'

/** One change that really took place. */
export interface StorageEffect {
  method: 'put' | 'copy' | 'move' | 'delete' | 'setTags'
  args: unknown[]
}

interface Held {
  version: string
  etag: string
  /** Missing in the mark that a deletion leaves. */
  content?: Uint8Array
  tags: Record<string, string>
  modified_ms: number
}

/** Object storage in memory: buckets with versions, seen through two ports. */
export class FakeObjectStore {
  readonly reader: ObjectStoreReader = new Reader(this)
  readonly hands: ObjectStoreHands = new Hands(this)
  readonly effects: StorageEffect[] = []
  readonly #buckets = new Map<string, Map<string, Held[]>>()
  /** What the storage refuses with; `quota` refuses writes only. Undefined, the default: nothing. */
  refusing: StorageReason | undefined
  #clock = 0

  bucket(name: string): this {
    this.#buckets.set(name, new Map())
    return this
  }

  /** Puts an object there without going through a port. */
  place(bucket: string, key: string, content: string | Uint8Array): StoredObject {
    this.write(bucket, key, typeof content === 'string' ? new TextEncoder().encode(content) : content)
    return this.shown(bucket, key, this.held({ bucket, key })!)
  }

  /** @internal Throws when the storage refuses. */
  check(writes: boolean): void {
    const { refusing } = this
    if (refusing && (writes || refusing !== 'quota'))
      throw new StorageFailure(refusing, `the fake was told to refuse: ${refusing}`)
  }

  /** @internal */
  keys(bucket: string): Map<string, Held[]> {
    const found = this.#buckets.get(bucket)
    if (!found) throw new PortFailure('not-found', `bucket ${bucket} is not there`)
    return found
  }

  /** @internal A deleted object is not there. */
  held({ bucket, key, version }: ObjectRef): Held | undefined {
    const versions = this.keys(bucket).get(key) ?? []
    const found = version === undefined ? versions.at(-1) : versions.find((held) => held.version === version)
    return found?.content === undefined ? undefined : found
  }

  /** @internal */
  write(bucket: string, key: string, content: Uint8Array | undefined, tags: Record<string, string> = {}): Held {
    const keys = this.keys(bucket)
    const at = ++this.#clock
    const held: Held = { version: `v${at}`, etag: etagOf(content), tags, modified_ms: at }
    if (content) held.content = Uint8Array.from(content)
    keys.set(key, [...(keys.get(key) ?? []), held])
    return held
  }

  /** @internal */
  shown(bucket: string, key: string, { etag, content, version, modified_ms }: Held): StoredObject {
    return { bucket, key, etag, bytes: content?.length ?? 0, version, modified_ms }
  }
}

/** Different for different content, which is all that an etag promises. */
function etagOf(content: Uint8Array = new Uint8Array()): string {
  let mixed = 2_166_136_261
  for (const byte of content) mixed = Math.imul(mixed ^ byte, 16_777_619)
  return `${(mixed >>> 0).toString(16)}-${content.length}`
}

class Reader extends ObjectStoreReader {
  constructor(private readonly store: FakeObjectStore) {
    super()
  }

  async objects(bucket: string, prefix: string, limit: number): Promise<StoredObject[]> {
    this.store.check(false)
    return [...this.store.keys(bucket).keys()]
      .filter((key) => key.startsWith(prefix))
      .sort()
      .flatMap((key) => {
        const held = this.store.held({ bucket, key })
        if (!held) return []
        // A list says no versions: S3's does not.
        const { etag, bytes, modified_ms } = this.store.shown(bucket, key, held)
        return [{ bucket, key, etag, bytes, modified_ms }]
      })
      .slice(0, limit)
  }

  async head(ref: ObjectRef): Promise<StoredObject | undefined> {
    this.store.check(false)
    const held = this.store.held(ref)
    return held && this.store.shown(ref.bucket, ref.key, held)
  }

  async read(ref: ObjectRef, most: number): Promise<Uint8Array | undefined> {
    this.store.check(false)
    const content = this.store.held(ref)?.content
    if (content && content.length > most) throw new PortFailure('invalid', `${ref.key} has more than ${most} bytes`)
    return content && Uint8Array.from(content)
  }

  async digest(ref: ObjectRef): Promise<string | undefined> {
    this.store.check(false)
    const held = this.store.held(ref)
    return held && `fake:${held.etag}`
  }

  async versions(bucket: string, key: string): Promise<ObjectVersion[]> {
    this.store.check(false)
    return (this.store.keys(bucket).get(key) ?? [])
      .map(({ version, content, modified_ms }, at, all) => ({
        key,
        version,
        newest: at === all.length - 1,
        deleted: content === undefined,
        bytes: content?.length ?? 0,
        modified_ms,
      }))
      .reverse()
  }

  async tags(ref: ObjectRef): Promise<Record<string, string> | undefined> {
    this.store.check(false)
    const held = this.store.held(ref)
    return held && { ...held.tags }
  }
}

class Hands extends ObjectStoreHands {
  constructor(private readonly store: FakeObjectStore) {
    super()
  }

  async put(ref: { bucket: string; key: string }, content: Uint8Array, expect: string | null) {
    this.store.check(true)
    const now = this.store.held(ref)
    if ((now?.etag ?? null) !== expect)
      throw new PortFailure('conflict', `${ref.key} is ${now ? `at ${now.etag}` : 'not there'}, not as expected`)
    const { etag, version } = this.store.write(ref.bucket, ref.key, content)
    this.store.effects.push({ method: 'put', args: [ref, content, expect] })
    return { etag, version }
  }

  async copy(from: ObjectRef, to: { bucket: string; key: string }, expect: string) {
    this.store.check(true)
    const source = this.store.held(from)
    if (!source) throw new PortFailure('not-found', `${from.key} is not there`)
    if (source.etag !== expect) throw new PortFailure('conflict', `${from.key} is at ${source.etag}, not at ${expect}`)
    const { etag, version } = this.store.write(to.bucket, to.key, source.content, { ...source.tags })
    this.store.effects.push({ method: 'copy', args: [from, to, expect] })
    return { etag, version }
  }

  async move(from: { bucket: string; key: string }, to: { bucket: string; key: string }, expect: string) {
    this.store.check(true)
    const source = this.store.held(from)
    if (!source) throw new PortFailure('not-found', `${from.key} is not there`)
    if (source.etag !== expect) throw new PortFailure('conflict', `${from.key} is at ${source.etag}, not at ${expect}`)
    const there = this.store.held(to)
    if (there && there.etag !== source.etag) throw new PortFailure('conflict', `something else lies at ${to.key}`)
    if (!there) this.store.write(to.bucket, to.key, source.content, { ...source.tags })
    this.store.write(from.bucket, from.key, undefined)
    this.store.effects.push({ method: 'move', args: [from, to, expect] })
  }

  async delete(ref: ObjectRef, expect?: string): Promise<{ mark?: string }> {
    this.store.check(true)
    const now = this.store.held(ref)
    if (expect !== undefined && now?.etag !== expect)
      throw now
        ? new PortFailure('conflict', `${ref.key} is at ${now.etag}, not at ${expect}`)
        : new PortFailure('not-found', `${ref.key} is not there`)
    const keys = this.store.keys(ref.bucket)
    this.store.effects.push({ method: 'delete', args: [ref] })
    if (ref.version === undefined) return { mark: this.store.write(ref.bucket, ref.key, undefined).version }
    const left = (keys.get(ref.key) ?? []).filter(({ version }) => version !== ref.version)
    keys.set(ref.key, left)
    return {}
  }

  async setTags(ref: ObjectRef, tags: Record<string, string>): Promise<void> {
    this.store.check(true)
    // S3's own letters: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
    if (
      !Object.entries(tags)
        .flat()
        .every((text) => /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text))
    )
      throw new PortFailure('invalid', 'a tag has letters that the storage does not take')
    const held = this.store.held(ref)
    if (!held) throw new PortFailure('not-found', `${ref.key} is not there`)
    held.tags = { ...tags }
    this.store.effects.push({ method: 'setTags', args: [ref, tags] })
  }
}

/** A file that is a whole PNG as far as its first and last bytes tell, and holds this text. */
export function aPng(text: string): Uint8Array {
  const end = [0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]
  return Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 0x1a, 10, ...new TextEncoder().encode(text), ...end])
}
