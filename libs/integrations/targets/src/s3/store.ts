import { createHash } from 'node:crypto'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3'
import {
  ObjectStoreHands,
  ObjectStoreReader,
  PortFailure,
  type ObjectRef,
  type ObjectVersion,
  type StoredObject,
} from '@firebreak/kit'
import { S3Connection, type S3Options } from './connection.js'
import { NotImplemented, orUndefined } from './failure.js'
import { named, needed, place, stored, unquoted } from './objects.js'

const PAGE = 1_000
/** An object with more versions than this is refused, not read half. */
const MOST_VERSIONS = 10_000

/** Looks at an object storage that speaks S3. */
export class S3Reader extends ObjectStoreReader {
  readonly #connection: S3Connection

  constructor(options: S3Options) {
    super()
    this.#connection = new S3Connection(options)
  }

  async objects(bucket: string, prefix: string, limit: number): Promise<StoredObject[]> {
    const found: StoredObject[] = []
    let token: string | undefined
    while (found.length < limit) {
      const page = await this.#connection.ask(`s3://${bucket}/${prefix}*`, (client, options) =>
        client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix,
            MaxKeys: Math.min(limit - found.length, PAGE),
            ContinuationToken: token,
          }),
          options,
        ),
      )
      for (const { Key, ETag, Size, LastModified } of page.Contents ?? [])
        found.push(stored({ bucket, key: needed(Key, 'Key') }, { ETag, ContentLength: Size, LastModified }))
      token = page.NextContinuationToken
      if (!page.IsTruncated || !token) break
    }
    return found
  }

  async head(ref: ObjectRef): Promise<StoredObject | undefined> {
    try {
      return await this.#connection.head(ref)
    } catch (error) {
      // The answer to HEAD has no body, so nothing says why it was refused. The same question as GET does.
      if (error instanceof PortFailure && error.kind !== 'timeout') await this.tags(ref)
      throw error
    }
  }

  read(ref: ObjectRef, most: number): Promise<Uint8Array | undefined> {
    return orUndefined(
      this.#connection.ask(named(ref), async (client, options) => {
        const { Body, ContentLength } = await client.send(new GetObjectCommand(place(ref)), options)
        const stream = needed(Body, 'Body') as unknown as AsyncIterable<Uint8Array> & { destroy?(): void }
        const tooLarge = () => {
          stream.destroy?.()
          return new PortFailure('invalid', `${named(ref)} has more than ${most} bytes`)
        }
        if ((ContentLength ?? 0) > most) throw tooLarge()
        const chunks: Uint8Array[] = []
        let size = 0
        for await (const chunk of stream) {
          size += chunk.byteLength
          if (size > most) throw tooLarge()
          chunks.push(chunk)
        }
        return new Uint8Array(Buffer.concat(chunks))
      }),
    )
  }

  digest(ref: ObjectRef): Promise<string | undefined> {
    return digestOf(this.#connection, ref)
  }

  async versions(bucket: string, key: string): Promise<ObjectVersion[]> {
    const found: ObjectVersion[] = []
    let from: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {}
    for (;;) {
      const page = await this.#connection.ask(`s3://${bucket}/${key}`, (client, options) =>
        client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, ...from }), options),
      )
      const { Versions = [], DeleteMarkers = [] } = page
      for (const [listed, deleted] of [...Versions.map(kept), ...DeleteMarkers.map(marked)])
        // The prefix is the shortest of them; longer keys follow. "null" is the version of a bucket that keeps none.
        if (listed.Key === key && listed.VersionId !== undefined && listed.VersionId !== 'null')
          found.push({
            key,
            version: listed.VersionId,
            newest: listed.IsLatest === true,
            deleted,
            bytes: ('Size' in listed ? listed.Size : 0) ?? 0,
            modified_ms: needed(listed.LastModified, 'LastModified').getTime(),
          })
      if (found.length > MOST_VERSIONS)
        throw new PortFailure('invalid', `s3://${bucket}/${key} has more than ${MOST_VERSIONS} versions`)
      const more = page.IsTruncated && page.NextKeyMarker === key
      // Dates have seconds only where it is not AWS; the mark of the newest is what can be trusted.
      if (!more) return found.sort((a, b) => Number(b.newest) - Number(a.newest) || b.modified_ms - a.modified_ms)
      from = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
    }
  }

  async tags(ref: ObjectRef): Promise<Record<string, string> | undefined> {
    const found = await orUndefined(
      this.#connection.ask(named(ref), (client, options) =>
        client.send(new GetObjectTaggingCommand(place(ref)), options),
      ),
    )
    return (
      found &&
      Object.fromEntries((found.TagSet ?? []).map(({ Key, Value }) => [needed(Key, 'Key'), needed(Value, 'Value')]))
    )
  }
}

/** Changes an object storage that speaks S3. */
export class S3Hands extends ObjectStoreHands {
  readonly #connection: S3Connection

  constructor(options: S3Options) {
    super()
    this.#connection = new S3Connection(options)
  }

  async put(ref: { bucket: string; key: string }, content: Uint8Array, expect: string | null) {
    const condition = expect === null ? { IfNoneMatch: '*' } : { IfMatch: `"${expect}"` }
    const done = await orUndefined(
      this.#connection.ask(named(ref), (client, options) =>
        client.send(new PutObjectCommand({ ...place(ref), Body: content, ...condition }), options),
      ),
    )
    // S3 answers "no such key" to an If-Match on nothing.
    if (!done) throw new PortFailure('conflict', `${named(ref)} is not there any more`)
    return written(done.ETag, done.VersionId)
  }

  async copy(from: ObjectRef, to: { bucket: string; key: string }, expect: string) {
    // Not every storage keeps the condition of a copy (moto 5 does not), so it is looked at first as well.
    const source = await this.#connection.head(from)
    if (!source) throw new PortFailure('not-found', `${named(from)} is not there`)
    if (source.etag !== expect)
      throw new PortFailure('conflict', `${named(from)} is at ${source.etag}, not at ${expect}`)
    const path = `${from.bucket}/${from.key}`.split('/').map(encodeURIComponent).join('/')
    const version = from.version === undefined ? '' : `?versionId=${encodeURIComponent(from.version)}`
    const done = await this.#connection.ask(`${named(from)} to ${named(to)}`, (client, options) =>
      client.send(
        new CopyObjectCommand({ ...place(to), CopySource: path + version, CopySourceIfMatch: `"${expect}"` }),
        options,
      ),
    )
    return written(done.CopyObjectResult?.ETag, done.VersionId)
  }

  async move(
    from: { bucket: string; key: string },
    to: { bucket: string; key: string },
    expect: string,
  ): Promise<void> {
    const source = await this.#connection.head(from)
    if (!source) throw new PortFailure('not-found', `${named(from)} is not there`)
    if (source.etag !== expect)
      throw new PortFailure('conflict', `${named(from)} is at ${source.etag}, not at ${expect}`)
    const there = await this.#connection.head(to)
    if (there && !(await this.#same(from, to))) throw new PortFailure('conflict', `something else lies at ${named(to)}`)
    const copy = there ? undefined : await this.copy(from, to, expect)
    const takeCopyAway = () => this.delete(copy?.version === undefined ? to : { ...to, version: copy.version })
    if (copy && !(await this.#same(from, to))) {
      await takeCopyAway()
      throw new PortFailure('conflict', `${named(from)} was changed while it was moved`)
    }
    try {
      // What somebody uploads at this moment is no copy of ours, and is not to go.
      await this.delete(from, expect)
    } catch (error) {
      // Unless it may be deleted after all, its copy would lie there for nobody.
      if (copy && error instanceof PortFailure && !error.ambiguous) await takeCopyAway().catch(() => undefined)
      throw error
    }
  }

  /** By their content: a copy may have another etag. */
  async #same(one: ObjectRef, other: ObjectRef): Promise<boolean> {
    return (await digestOf(this.#connection, one)) === (await digestOf(this.#connection, other))
  }

  async delete(ref: ObjectRef, expect?: string): Promise<{ mark?: string }> {
    const IfMatch = expect === undefined ? {} : { IfMatch: `"${expect}"` }
    const sent = (condition: { IfMatch?: string }) =>
      this.#connection.ask(named(ref), (client, options) =>
        client.send(new DeleteObjectCommand({ ...place(ref), ...condition }), options),
      )
    const done = await sent(IfMatch).catch((error: unknown) => {
      // It says that it cannot compare, and others do not even say so: `ports.ts` does.
      if (error instanceof NotImplemented && expect !== undefined) return sent({})
      throw error
    })
    return ref.version === undefined && done.DeleteMarker && done.VersionId ? { mark: done.VersionId } : {}
  }

  async setTags(ref: ObjectRef, tags: Record<string, string>): Promise<void> {
    const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
    await this.#connection.ask<unknown>(named(ref), (client, options) =>
      // An empty set is not taken everywhere (moto 5 answers 500).
      TagSet.length === 0
        ? client.send(new DeleteObjectTaggingCommand(place(ref)), options)
        : client.send(new PutObjectTaggingCommand({ ...place(ref), Tagging: { TagSet } }), options),
    )
  }
}

/** Of the whole content, however large; undefined for an object that is not there. */
const digestOf = (connection: S3Connection, ref: ObjectRef): Promise<string | undefined> =>
  orUndefined(
    connection.ask(named(ref), async (client, options) => {
      const { Body } = await client.send(new GetObjectCommand(place(ref)), options)
      const hash = createHash('sha256')
      for await (const chunk of needed(Body, 'Body') as unknown as AsyncIterable<Uint8Array>) hash.update(chunk)
      return `sha256:${hash.digest('hex')}`
    }),
  )

const kept = <T>(version: T) => [version, false] as const
const marked = <T>(version: T) => [version, true] as const

const written = (etag: string | undefined, version: string | undefined) => ({
  etag: unquoted(needed(etag, 'ETag')),
  ...(version === undefined ? {} : { version }),
})
