import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { ServerResponse } from 'node:http'
import { readJson, writePrivately } from '../files.js'
import { answer, bodyOf, bytesOf, marked } from '../http.js'
import type { Family } from '../monitors/metrics.js'
import { gauge, settle } from './figures.js'
import { Buckets, S3Error, type Bucket } from './s3/buckets.js'
import * as xml from './s3/xml.js'
import { isWhole, picture } from './picture.js'
import { SAMPLES } from './samples.js'
import type { Call, PretendService, Site } from './service.js'

export const storageFaults = {
  'storage-denied': 'a policy denies everybody the bucket documents',
  'storage-throttled': 'the bucket documents answers every request with SlowDown',
  'storage-quota': 'the bucket documents is full: it can be read, not written',
  'storage-expired': 'every access key has expired; one that is minted from now on works',
  'storage-unavailable': 'the object storage answers 503',
} as const

/** The bucket that the faults break, and that the metrics speak of. */
export const DOCUMENTS = 'documents'

/** How documents are called that `batch-still-tearing` tears. */
export const TORN_AGAIN = 'half-'

const SAMPLES_BUCKET = 'samples'

const WHO = ['reader', 'hands', 'ingest'] as const
type Who = (typeof WHO)[number]

interface Key {
  id: string
  who: Who
  expired: boolean
}

interface Saved {
  buckets: Bucket[]
  keys: Key[]
}

/** Keys of each that are remembered: a rotation in a loop must not fill the world. */
const MOST_KEYS = 20

const REASONS = ['denied', 'throttled', 'quota', 'unavailable'] as const
type Reason = (typeof REASONS)[number]
/** What the pipeline asks of the storage: half of it writes. */
const REQUESTS_PER_MINUTE = 600

/**
 * Object storage that speaks S3 at `/s3`, path style: buckets, objects, versions, tags. Who calls is told by the access
 * key of the SigV4 header; the signature itself is not checked, because there is nothing here worth forging it for.
 */
export class Storage implements PretendService {
  readonly name = 'storage'
  readonly roots = ['s3']
  readonly #credentials: string
  #buckets: Buckets
  #keys: Key[]
  readonly #errors: Record<Reason, number> = { denied: 0, throttled: 0, quota: 0, unavailable: 0 }

  constructor(
    private readonly site: Site,
    saved: unknown,
  ) {
    this.#credentials = join(site.dir, 's3-credentials.json')
    const { buckets, keys } = (saved as Saved | undefined) ?? { buckets: undefined, keys: [] }
    this.#buckets = buckets ? new Buckets(buckets.map(withoutPrototype)) : beginning()
    if (!this.#buckets.all.some(({ name }) => name === SAMPLES_BUCKET)) putSamples(this.#buckets)
    this.#keys = keys
    const known = readJson(this.#credentials)
    if (!known || WHO.some((who) => !keys.some((key) => key.who === who) || !readJson(this.#file(who))))
      for (const who of WHO) this.#mint(who)
  }

  step(elapsedMs: number): void {
    const expired = this.#keys.findLast(({ who }) => who === 'ingest')?.expired
    const now = this.#refusal(DOCUMENTS, true)?.reason ?? (expired ? 'denied' : undefined)
    for (const reason of REASONS) {
      const failing = reason === now ? REQUESTS_PER_MINUTE * (reason === 'quota' ? 0.5 : 1) : 0
      this.#errors[reason] = settle(this.#errors[reason], failing, elapsedMs)
    }
  }

  measure(): Family[] {
    const errors = REASONS.map(
      (reason) => [{ bucket: DOCUMENTS, reason }, Math.round(this.#errors[reason] * 10) / 10] as const,
    )
    return [gauge('storage_errors_per_minute', 'Requests of the pipeline that the storage refused.', errors)]
  }

  /** An object as somebody inside the sandbox reads it, or `undefined`. */
  content(bucket: string, key: string): Buffer | undefined {
    try {
      return Buffer.from(this.#buckets.read(bucket, key).content!, 'base64')
    } catch {
      return undefined
    }
  }

  /** Writes an object as somebody inside the sandbox does. A full bucket takes nothing. */
  write(bucket: string, key: string, content: Buffer, type: string): void {
    this.#buckets.write(bucket, key, content, { type })
    this.site.touch()
  }

  /** Is there an object whose key begins so? */
  has(bucket: string, prefix: string): boolean {
    return this.#buckets.keys(bucket, prefix).length > 0
  }

  /** Takes objects away whose key begins so, with all their versions: nothing of what a fault has put there stays. */
  removeAll(bucket: string, prefix: string): void {
    const { objects } = this.#buckets.find(bucket)
    for (const key of Object.keys(objects)) if (key.startsWith(prefix)) delete objects[key]
    this.site.touch()
  }

  async answer({ request, response, url, path }: Call): Promise<void> {
    if (url.pathname.startsWith('/service/')) return this.#control(request.method ?? '', path, response)
    try {
      await this.#s3({ request, response, url, path })
    } catch (error) {
      if (!(error instanceof S3Error)) throw error
      const body = request.method === 'HEAD' ? undefined : xml.errorXml(error, path)
      send(response, error.status, body, error.status === 503 ? { 'retry-after': '1' } : {})
    }
  }

  save(): Saved {
    return { buckets: this.#buckets.all, keys: this.#keys }
  }

  broke(fault: string): void {
    if (fault === 'storage-expired') for (const key of this.#keys) key.expired = true
  }

  mended(fault: string): void {
    if (fault === 'storage-expired') for (const key of this.#keys) key.expired = false
  }

  reset(): void {
    this.#buckets = beginning()
    for (const key of this.#keys) key.expired = false
  }

  /** `POST /service/storage/keys/<who>` mints a key; `GET /service/storage/keys` lists them, without secrets. */
  #control(method: string, path: string, response: ServerResponse): void {
    const who = WHO.find((who) => path === `/keys/${who}`)
    if (method === 'POST' && who) return answer(response, 201, { simulator: true, who, ...this.#mint(who) })
    if (method === 'GET' && path === '/keys') return answer(response, 200, { simulator: true, keys: this.#keys })
    answer(response, 404, { simulator: true, error: `there are GET keys and POST keys/{${WHO.join(',')}}` })
  }

  /** The newest key of each is the one in the file; older ones stay as they are. */
  #mint(who: Who): { accessKeyId: string; secretAccessKey: string } {
    const made = {
      accessKeyId: `SANDBOX${randomBytes(7).toString('hex').toUpperCase().slice(0, 13)}`,
      secretAccessKey: randomBytes(30).toString('base64'),
    }
    this.#keys.push({ id: made.accessKeyId, who, expired: false })
    const mine = this.#keys.filter((key) => key.who === who)
    if (mine.length > MOST_KEYS) this.#keys.splice(this.#keys.indexOf(mine[0]!), 1)
    const known = readJson(this.#credentials) ?? {}
    writePrivately(this.#credentials, JSON.stringify({ ...known, [who]: made }, null, 2))
    // Each alone as well: who is given one must not hold the others.
    writePrivately(this.#file(who), JSON.stringify(made, null, 2))
    this.site.touch()
    return made
  }

  #file(who: Who): string {
    return join(this.site.dir, `s3-${who}.json`)
  }

  async #s3({ request, response, url, path }: Call): Promise<void> {
    const method = request.method ?? 'GET'
    const who = this.#caller(request.headers.authorization)
    const writes = method !== 'GET' && method !== 'HEAD'
    if (writes && who === 'reader') throw new S3Error(403, 'AccessDenied', 'The key of the reader may only look.')
    const [, bucket = '', ...rest] = path.split('/').map(decoded)
    const key = rest.join('/')
    const refused = this.#refusal(bucket, writes)
    // Somebody may still delete from what is full.
    if (refused && !(refused.reason === 'quota' && method === 'DELETE')) throw refused.error
    if (bucket === '') return send(response, 200, xml.bucketsXml(this.#buckets.all))
    if (key === '') return this.#onBucket(bucket, method, url.searchParams, response, await bodyOf(request))
    return this.#onObject({ request, response, url, path }, bucket, key, method)
  }

  #onBucket(name: string, method: string, query: URLSearchParams, response: ServerResponse, body: string): void {
    if (method === 'PUT' && !query.has('versioning')) {
      this.#buckets.make(name)
      this.site.touch()
      return send(response, 200, undefined, { location: `/${name}` })
    }
    const bucket = this.#buckets.find(name)
    if (method === 'HEAD') return send(response, 200)
    if (method === 'DELETE') {
      this.#buckets.remove(name)
      this.site.touch()
      return send(response, 204)
    }
    if (method === 'PUT') {
      bucket.versioned = /<Status>\s*Enabled\s*<\/Status>/.test(body)
      this.site.touch()
      return send(response, 200)
    }
    if (method !== 'GET') throw notKnown(method)
    if (query.has('location')) return send(response, 200, xml.locationXml())
    if (query.has('versioning')) return send(response, 200, xml.versioningXml(bucket))
    if (query.has('versions')) return send(response, 200, xml.versionsXml(bucket, query))
    if (query.get('list-type') === '2') return send(response, 200, xml.objectsXml(this.#buckets, bucket, query))
    throw notKnown('this question')
  }

  async #onObject({ request, response, url }: Call, bucket: string, key: string, method: string): Promise<void> {
    const version = url.searchParams.get('versionId')
    const tagging = url.searchParams.has('tagging')
    const { headers } = request
    const versionOf = (id: string): Record<string, string> => (id === 'null' ? {} : { 'x-amz-version-id': id })
    if (tagging) {
      const held = this.#buckets.read(bucket, key, version)
      if (method === 'GET') return send(response, 200, xml.taggingXml(held), versionOf(held.id))
      const tags = method === 'DELETE' ? {} : xml.tagsOf(await bodyOf(request))
      if (!tags || Object.keys(tags).length > 10)
        throw new S3Error(400, tags ? 'BadRequest' : 'MalformedXML', 'An object has at most ten tags.')
      if (
        !Object.entries(tags)
          .flat()
          .every((text) => /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text))
      )
        throw new S3Error(400, 'InvalidTag', 'The TagKey or the TagValue you have provided is invalid')
      held.tags = tags
      this.site.touch()
      return send(response, method === 'DELETE' ? 204 : 200, undefined, versionOf(held.id))
    }
    switch (method) {
      case 'GET':
      case 'HEAD': {
        const held = this.#buckets.read(bucket, key, version)
        const content = Buffer.from(held.content!, 'base64')
        const found = {
          'content-type': held.type,
          'content-length': String(content.length),
          etag: `"${held.etag}"`,
          'last-modified': new Date(held.modified).toUTCString(),
          ...versionOf(held.id),
        }
        return send(response, 200, method === 'HEAD' ? undefined : content, found)
      }
      case 'PUT': {
        const source = headers['x-amz-copy-source']
        if (typeof source === 'string')
          return this.#copy(source, headers['x-amz-copy-source-if-match'], bucket, key, response)
        // The body first: what is checked after it is read is still so when it is written.
        const content = await bytesOf(request)
        this.#expect(bucket, key, headers['if-match'], headers['if-none-match'])
        const held = this.#buckets.write(bucket, key, content, {
          type: headers['content-type'] ?? 'binary/octet-stream',
        })
        this.site.touch()
        return send(response, 200, undefined, { etag: `"${held.etag}"`, ...versionOf(held.id) })
      }
      case 'DELETE': {
        this.#expect(bucket, key, headers['if-match'], undefined)
        const { mark, deletedMark } = this.#buckets.delete(bucket, key, version)
        this.site.touch()
        const told = mark ? { ...versionOf(mark.id), 'x-amz-delete-marker': 'true' } : {}
        return send(response, 204, undefined, deletedMark ? { 'x-amz-delete-marker': 'true' } : told)
      }
      default:
        throw notKnown(method)
    }
  }

  #copy(source: string, ifMatch: unknown, bucket: string, key: string, response: ServerResponse): void {
    const [path = '', query] = source.split('?')
    const [from = '', ...rest] = path.replace(/^\//, '').split('/').map(decoded)
    const held = this.#buckets.read(from, rest.join('/'), new URLSearchParams(query ?? '').get('versionId'))
    if (ifMatch !== undefined && unquoted(ifMatch) !== held.etag) throw preconditionFailed()
    const { type, tags } = held
    const whole = Buffer.from(held.content!, 'base64')
    const torn = this.site.broken('batch-still-tearing') && bucket === DOCUMENTS && key.includes(`/${TORN_AGAIN}`)
    // As long as it was before: what is torn already is not torn further.
    const content = torn && isWhole(whole) ? whole.subarray(0, whole.length / 2) : whole
    const copy = this.#buckets.write(bucket, key, content, { type, tags: { ...tags } })
    this.site.touch()
    send(response, 200, xml.copyXml(copy), copy.id === 'null' ? {} : { 'x-amz-version-id': copy.id })
  }

  #expect(bucket: string, key: string, ifMatch: string | undefined, ifNoneMatch: string | undefined): void {
    const now = this.#buckets.find(bucket).objects[key]?.at(-1)
    const there = now?.content === undefined ? undefined : now
    if (ifNoneMatch === '*' && there) throw preconditionFailed()
    if (ifMatch === undefined) return
    if (!there) throw new S3Error(404, 'NoSuchKey', 'The specified key does not exist.')
    if (unquoted(ifMatch) !== there.etag) throw preconditionFailed()
  }

  #caller(authorization: string | undefined): Who {
    const id =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/[\w-]+\/s3\/aws4_request,\s*SignedHeaders=[^,]+,\s*Signature=[\da-f]{64}$/.exec(
        authorization ?? '',
      )?.[1]
    if (id === undefined) throw new S3Error(403, 'AccessDenied', 'Access Denied: no SigV4 signature')
    const key = this.#keys.find((key) => key.id === id)
    if (!key) throw new S3Error(403, 'InvalidAccessKeyId', 'The access key does not exist in our records.')
    if (key.expired) throw new S3Error(400, 'ExpiredToken', 'The provided token has expired.')
    return key.who
  }

  /** What stands in the way of a request to this bucket. */
  #refusal(bucket: string, writes: boolean): { reason: Reason; error: S3Error } | undefined {
    const refuse = (reason: Reason, status: number, code: string, message: string) => ({
      reason,
      error: new S3Error(status, code, message),
    })
    if (this.site.broken('storage-unavailable'))
      return refuse('unavailable', 503, 'ServiceUnavailable', 'Service is unable to handle request.')
    if (bucket !== DOCUMENTS) return undefined
    if (this.site.broken('storage-denied')) return refuse('denied', 403, 'AccessDenied', 'Access Denied')
    if (this.site.broken('storage-throttled'))
      return refuse('throttled', 503, 'SlowDown', 'Please reduce your request rate.')
    if (writes && this.site.broken('storage-quota'))
      return refuse('quota', 403, 'QuotaExceeded', `The bucket ${bucket} is full.`)
    return undefined
  }
}

/** Drawn once, when they are first needed. */
const PAGES = [1, 2, 3, 4, 5].map((page) => {
  let drawn: Buffer | undefined
  return () => (drawn ??= picture(`INVOICE ${4710 + page}`))
})

/** Five documents to read, a bucket for what is read, and one for what is taken aside. */
function beginning(): Buckets {
  const buckets = new Buckets([])
  for (const name of [DOCUMENTS, 'quarantine', 'models']) buckets.make(name, true)
  buckets.make('outputs')
  PAGES.forEach((page, at) =>
    buckets.write(DOCUMENTS, `incoming/2026/page-${at + 1}.png`, page(), { type: 'image/png' }),
  )
  putSamples(buckets)
  return buckets
}

/** The pictures by which an OCR engine is tried lie in a bucket of their own, as they would in a real house. */
function putSamples(buckets: Buckets): void {
  buckets.make(SAMPLES_BUCKET)
  SAMPLES.forEach((text, at) => buckets.write(SAMPLES_BUCKET, `ocr/${at}.png`, picture(text), { type: 'image/png' }))
}

/** Keys come from outside: `__proto__` must be a key like any other. */
const withoutPrototype = (bucket: Bucket): Bucket => ({
  ...bucket,
  objects: Object.assign(Object.create(null) as Bucket['objects'], bucket.objects),
})

const preconditionFailed = () =>
  new S3Error(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold')
const notKnown = (what: string) => new S3Error(501, 'NotImplemented', `This simulator of S3 does not know ${what}.`)
const unquoted = (etag: unknown): string => String(etag).replaceAll('"', '')

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.")
  }
}

function send(response: ServerResponse, status: number, body?: string | Buffer, headers: Record<string, string> = {}) {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, {
    ...marked,
    ...(typeof body === 'string' ? { 'content-type': 'application/xml' } : {}),
    ...headers,
  })
  response.end(body)
}
