import { randomUUID } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { objectStoreContract } from '@firebreak/kit/testing'
import { describe, test } from 'vitest'
import { S3Hands, S3Reader } from './store.js'

/** The same contract on a real object storage (moto's server, MinIO), in a bucket of its own. */
const {
  S3_ENDPOINT: endpoint,
  S3_ACCESS_KEY_ID: accessKeyId = 'testing',
  S3_SECRET_ACCESS_KEY: secretAccessKey = 'testing',
  FIREBREAK_TEST_REAL: meant,
} = process.env

if (endpoint && meant === '1') {
  const options = { endpoint, credentials: () => ({ accessKeyId, secretAccessKey }) }
  objectStoreContract('the S3 adapter on S3_ENDPOINT', async () => {
    const client = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    })
    const bucket = `firebreak-test-${randomUUID()}`
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
    const VersioningConfiguration = { Status: 'Enabled' as const }
    await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }))
    const [reader, hands] = [new S3Reader(options), new S3Hands(options)]
    return {
      reader,
      hands,
      bucket,
      ...((await comparesOnDeletion(client, bucket)) ? {} : { deletesUnseen: true as const }),
      close: async () => {
        const { Versions = [], DeleteMarkers = [] } = await client.send(
          new ListObjectVersionsCommand({ Bucket: bucket }),
        )
        for (const { Key, VersionId } of [...Versions, ...DeleteMarkers])
          await client.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }))
        await client.send(new DeleteBucketCommand({ Bucket: bucket }))
      },
    }
  })
} else {
  const why = endpoint ? 'FIREBREAK_TEST_REAL is not 1' : 'S3_ENDPOINT is not set'
  describe.skip('the S3 adapter on a real object storage', () => {
    test(`skipped: ${why}`, () => undefined)
  })
  console.info(`skipped: the object storage contract on a real object storage: ${why}`)
}

/** Asked, and not assumed: storages differ, and their versions too. What was put for it goes with the bucket. */
async function comparesOnDeletion(client: S3Client, bucket: string): Promise<boolean> {
  const object = { Bucket: bucket, Key: '.compares' }
  await client.send(new PutObjectCommand({ ...object, Body: 'x' }))
  const refused = await client.send(new DeleteObjectCommand({ ...object, IfMatch: '"another"' })).then(() => false, () => true) // prettier-ignore
  const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }))
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers])
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }))
  return refused
}
