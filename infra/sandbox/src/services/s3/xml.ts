import type { Bucket, Buckets, Held, S3Error } from './buckets.js'

const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'

type Content = string | number | boolean | readonly string[]

/** Text as XML takes it; control characters, which XML 1.0 cannot hold at all, become a question mark. */
const escaped = (text: string): string =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '?')
    .replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)

/** An element; a list is content that is XML already. */
const tag = (name: string, content: Content, attributes = ''): string =>
  `<${name}${attributes && ` ${attributes}`}>${
    Array.isArray(content) ? content.join('') : escaped(String(content))
  }</${name}>`

const document = (root: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n${root}`
const date = (ms: number): string => new Date(ms).toISOString()

export const errorXml = ({ code, message }: S3Error, resource: string): string =>
  document(tag('Error', [tag('Code', code), tag('Message', message), tag('Resource', resource)]))

export const bucketsXml = (buckets: readonly Bucket[]): string =>
  document(
    tag(
      'ListAllMyBucketsResult',
      [
        tag('Owner', [tag('ID', 'sandbox')]),
        tag(
          'Buckets',
          buckets.map(({ name, created }) => tag('Bucket', [tag('Name', name), tag('CreationDate', date(created))])),
        ),
      ],
      NAMESPACE,
    ),
  )

export const locationXml = (): string => document(`<LocationConstraint ${NAMESPACE}/>`)

export const versioningXml = ({ versioned }: Bucket): string =>
  document(tag('VersioningConfiguration', versioned ? [tag('Status', 'Enabled')] : [], NAMESPACE))

/** ListObjectsV2. The continuation token is the last key of the page, in base64. */
export function objectsXml(buckets: Buckets, bucket: Bucket, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? ''
  const most = mostOf(query)
  const token = query.get('continuation-token')
  const after = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64').toString('utf8')
  const keys = buckets.keys(bucket.name, prefix)
  const from = after === '' ? 0 : keys.filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(after)) <= 0).length
  const page = keys.slice(from, from + most)
  const more = most > 0 && from + page.length < keys.length
  return document(
    tag(
      'ListBucketResult',
      [
        tag('Name', bucket.name),
        tag('Prefix', keyOf(prefix, query)),
        tag('KeyCount', page.length),
        tag('MaxKeys', most),
        ...encodingOf(query),
        tag('IsTruncated', more),
        ...(more ? [tag('NextContinuationToken', Buffer.from(page.at(-1)!).toString('base64'))] : []),
        ...page.map((key) => {
          const { etag, bytes, modified } = bucket.objects[key]!.at(-1)!
          return tag('Contents', [
            tag('Key', keyOf(key, query)),
            tag('LastModified', date(modified)),
            tag('ETag', `"${etag}"`),
            tag('Size', bytes),
            tag('StorageClass', 'STANDARD'),
          ])
        }),
      ],
      NAMESPACE,
    ),
  )
}

/** ListObjectVersions; a page begins after `key-marker`, and never ends inside one key. */
export function versionsXml(bucket: Bucket, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? ''
  const marker = query.get('key-marker') ?? ''
  const most = mostOf(query)
  const keys = Object.keys(bucket.objects)
    .sort()
    .filter((key) => key.startsWith(prefix) && key > marker)
  const shown: string[] = []
  let read = 0
  for (; read < keys.length && shown.length < most; read++)
    shown.push(
      ...bucket.objects[keys[read]!]!.toReversed().map((held, at) => versionXml(keys[read]!, held, at === 0, query)),
    )
  const next = read > 0 && read < keys.length ? keys[read - 1] : undefined
  return document(
    tag(
      'ListVersionsResult',
      [
        tag('Name', bucket.name),
        tag('Prefix', keyOf(prefix, query)),
        tag('KeyMarker', keyOf(marker, query)),
        tag('MaxKeys', most),
        ...encodingOf(query),
        tag('IsTruncated', next !== undefined),
        ...(next === undefined ? [] : [tag('NextKeyMarker', keyOf(next, query))]),
        ...shown,
      ],
      NAMESPACE,
    ),
  )
}

const versionXml = (key: string, held: Held, newest: boolean, query: URLSearchParams): string =>
  tag(held.content === undefined ? 'DeleteMarker' : 'Version', [
    tag('Key', keyOf(key, query)),
    tag('VersionId', held.id),
    tag('IsLatest', newest),
    tag('LastModified', date(held.modified)),
    ...(held.content === undefined ? [] : [tag('ETag', `"${held.etag}"`), tag('Size', held.bytes)]),
  ])

export const taggingXml = ({ tags }: Held): string =>
  document(
    tag(
      'Tagging',
      [
        tag(
          'TagSet',
          Object.entries(tags).map(([key, value]) => tag('Tag', [tag('Key', key), tag('Value', value)])),
        ),
      ],
      NAMESPACE,
    ),
  )

export const copyXml = ({ etag, modified }: Held): string =>
  document(tag('CopyObjectResult', [tag('LastModified', date(modified)), tag('ETag', `"${etag}"`)], NAMESPACE))

/** The tags of a PutObjectTagging, or `undefined` when it is none. */
export function tagsOf(xml: string): Record<string, string> | undefined {
  if (!/<Tagging[\s>]/.test(xml) || xml.includes('<!')) return undefined
  const tags: Record<string, string> = {}
  for (const [, inside = ''] of xml.matchAll(/<Tag>(.*?)<\/Tag>/gs)) {
    const key = /<Key>(.*?)<\/Key>/s.exec(inside)?.[1]
    const value = /<Value>(.*?)<\/Value>|<Value\s*\/>/s.exec(inside)
    if (key === undefined || !value) return undefined
    tags[plain(key)] = plain(value[1] ?? '')
  }
  return tags
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const plain = (text: string): string =>
  text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (all, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? all
    return String.fromCodePoint(hex === undefined ? Number(decimal) : parseInt(hex, 16))
  })

const encodingOf = (query: URLSearchParams): string[] =>
  query.get('encoding-type') === 'url' ? [tag('EncodingType', 'url')] : []

/** With `encoding-type=url` a key may hold what XML cannot. */
const keyOf = (key: string, query: URLSearchParams): string =>
  query.get('encoding-type') === 'url' ? encodeURIComponent(key).replaceAll('%2F', '/') : key

function mostOf(query: URLSearchParams): number {
  const most = Number(query.get('max-keys') ?? 1_000)
  return Number.isInteger(most) && most >= 0 ? Math.min(most, 1_000) : 1_000
}
