import { expect, test } from 'vitest'
import { notConfigured } from './not-configured.js'
import type { ObjectStoreReader } from './ports.js'

test('whatever is asked of a system that is not named, the answer names the setting, and is not tried again', async () => {
  const objects = notConfigured<ObjectStoreReader>('the object storage', 'S3_ENDPOINT')
  const failure = await objects.head({ bucket: 'a', key: 'b' }).catch((error: unknown) => error)
  expect(failure).toMatchObject({ name: 'PortFailure', kind: 'invalid', retryable: false, ambiguous: false })
  expect(String(failure)).toContain('the object storage is not configured here: set S3_ENDPOINT of the worker')
})

test('it can be handed through promises', async () => {
  const objects = notConfigured<ObjectStoreReader>('the object storage', 'S3_ENDPOINT')
  expect(await Promise.resolve(objects)).toBe(objects)
})
