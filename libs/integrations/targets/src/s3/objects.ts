import { PortFailure, type ObjectRef, type StoredObject } from '@firebreak/kit'

/** As an error names it. */
export const named = ({ bucket, key, version }: ObjectRef) =>
  `s3://${bucket}/${key}${version === undefined ? '' : ` (version ${version})`}`

/** As a command of the SDK takes it. */
export const place = ({ bucket, key, version }: ObjectRef) => ({
  Bucket: bucket,
  Key: key,
  ...(version === undefined ? {} : { VersionId: version }),
})

/** What every answer must have; a storage that leaves it out is not one that we know how to use. */
export function needed<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new PortFailure('invalid', `the object storage answered without ${field}`)
  return value
}

interface Answered {
  ETag?: string | undefined
  ContentLength?: number | undefined
  LastModified?: Date | undefined
  VersionId?: string | undefined
}

/** An answer about an object, checked. */
export const stored = (
  { bucket, key }: ObjectRef,
  { ETag, ContentLength, LastModified, VersionId }: Answered,
): StoredObject => ({
  bucket,
  key,
  etag: unquoted(needed(ETag, 'ETag')),
  bytes: needed(ContentLength, 'ContentLength'),
  modified_ms: needed(LastModified, 'LastModified').getTime(),
  ...(VersionId === undefined || VersionId === 'null' ? {} : { version: VersionId }),
})

export const unquoted = (etag: string) => etag.replaceAll('"', '')
