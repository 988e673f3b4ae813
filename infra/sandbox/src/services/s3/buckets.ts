import { createHash, randomUUID } from 'node:crypto'

/** One version of an object, or the mark that a deletion leaves. */
export interface Held {
  id: string
  /** Base64; missing in a mark. */
  content?: string
  etag: string
  bytes: number
  modified: number
  tags: Record<string, string>
  type: string
}

export interface Bucket {
  name: string
  created: number
  versioned: boolean
  /** Bytes that it may hold, all versions together. */
  quota: number
  /** By key; the newest version is the last. */
  objects: Record<string, Held[]>
}

/** What S3 answers when it does not. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export class S3Error extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

/** The sandbox keeps objects in `world.json`, which is written whole: they must stay few and small. */
const QUOTA = 2_000_000
const MOST_BUCKETS = 50
const MOST_VERSIONS = 5_000

/** Buckets, objects, versions and tags, as S3 keeps them. */
export class Buckets {
  constructor(readonly all: Bucket[]) {}

  make(name: string, versioned = false): Bucket {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name))
      throw new S3Error(400, 'InvalidBucketName', 'The specified bucket is not valid.')
    if (this.all.some((bucket) => bucket.name === name))
      throw new S3Error(409, 'BucketAlreadyOwnedByYou', 'The bucket is there already.')
    if (this.all.length >= MOST_BUCKETS)
      throw new S3Error(400, 'TooManyBuckets', `The sandbox keeps at most ${MOST_BUCKETS} buckets.`)
    const bucket = { name, created: Date.now(), versioned, quota: QUOTA, objects: Object.create(null) as object }
    this.all.push(bucket as Bucket)
    return bucket as Bucket
  }

  remove(name: string): void {
    const bucket = this.find(name)
    if (Object.keys(bucket.objects).length > 0)
      throw new S3Error(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty')
    this.all.splice(this.all.indexOf(bucket), 1)
  }

  find(name: string): Bucket {
    const found = this.all.find((bucket) => bucket.name === name)
    if (!found) throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist')
    return found
  }

  /** The newest version, or the one that is asked for. A deleted object is not there. */
  read(bucket: string, key: string, version?: string | null): Held {
    const held = this.find(bucket).objects[key] ?? []
    const found = version ? held.find(({ id }) => id === version) : held.at(-1)
    if (version && !found) throw new S3Error(404, 'NoSuchVersion', 'The specified version does not exist.')
    if (!found || found.content === undefined)
      throw version
        ? new S3Error(405, 'MethodNotAllowed', 'The specified version is a delete marker.')
        : new S3Error(404, 'NoSuchKey', 'The specified key does not exist.')
    return found
  }

  /** Writes a version. Its date is the wall's, or `modified`. */
  write(
    bucketName: string,
    key: string,
    content: Buffer,
    with_: { type?: string; tags?: Record<string, string> } = {},
  ) {
    const bucket = this.find(bucketName)
    if (Buffer.byteLength(key) > 1_024) throw new S3Error(400, 'KeyTooLongError', 'Your key is too long')
    const { type = 'application/octet-stream', tags = {} } = with_
    this.#makeRoom(bucket, bucket.versioned ? [] : (bucket.objects[key] ?? []), content.length)
    const held: Held = {
      id: bucket.versioned ? randomUUID().replaceAll('-', '') : 'null',
      content: content.toString('base64'),
      etag: createHash('md5').update(content).digest('hex'),
      bytes: content.length,
      modified: Date.now(),
      tags,
      type,
    }
    bucket.objects[key] = [...(bucket.versioned ? (bucket.objects[key] ?? []) : []), held]
    return held
  }

  /** Answers the mark that was left, if one was. */
  delete(bucketName: string, key: string, version?: string | null): { mark?: Held; deletedMark?: boolean } {
    const bucket = this.find(bucketName)
    const held = bucket.objects[key]
    if (version) {
      const gone = held?.find(({ id }) => id === version)
      const left = held?.filter(({ id }) => id !== version) ?? []
      if (left.length > 0) bucket.objects[key] = left
      else delete bucket.objects[key]
      return { deletedMark: gone !== undefined && gone.content === undefined }
    }
    if (!bucket.versioned) {
      delete bucket.objects[key]
      return {}
    }
    const id = randomUUID().replaceAll('-', '')
    const mark: Held = { id, etag: '', bytes: 0, modified: Date.now(), tags: {}, type: '' }
    bucket.objects[key] = [...(held ?? []), mark]
    return { mark }
  }

  /** Keys of what is there, as S3 sorts them: by their UTF-8 bytes. */
  keys(bucket: string, prefix: string): string[] {
    return Object.entries(this.find(bucket).objects)
      .filter(([key, held]) => key.startsWith(prefix) && held.at(-1)?.content !== undefined)
      .map(([key]) => key)
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  }

  used({ objects }: Bucket): number {
    return Object.values(objects).reduce((sum, held) => sum + held.reduce((sum, { bytes }) => sum + bytes, 0), 0)
  }

  #makeRoom(bucket: Bucket, replaced: readonly Held[], bytes: number): void {
    const freed = replaced.reduce((sum, held) => sum + held.bytes, 0)
    const versions = this.all.reduce(
      (sum, { objects }) => sum + Object.values(objects).reduce((sum, held) => sum + held.length, 0),
      0,
    )
    if (this.used(bucket) - freed + bytes > bucket.quota || versions >= MOST_VERSIONS)
      throw new S3Error(403, 'QuotaExceeded', `The bucket ${bucket.name} may hold ${bucket.quota} bytes.`)
  }
}
