import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { objectStoreContract } from '@firebreak/kit/testing'
import { startSandbox } from '@firebreak/sandbox'
import { afterEach, expect, test } from 'vitest'
import { S3Hands, S3Reader } from './store.js'

type Credentials = Record<'reader' | 'hands', { accessKeyId: string; secretAccessKey: string }>

objectStoreContract('the S3 adapter on the sandbox', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'firebreak-s3-'))
  const sandbox = await startSandbox({ dir })
  const keys = JSON.parse(await readFile(join(dir, 's3-credentials.json'), 'utf8')) as Credentials
  const endpoint = `${sandbox.url}/s3`
  const reader = new S3Reader({ endpoint, credentials: () => keys.reader })
  const hands = new S3Hands({ endpoint, credentials: () => keys.hands })
  // The bucket that the faults break, emptied.
  for (const { bucket, key } of await reader.objects('documents', '', 100))
    for (const { version } of await reader.versions(bucket, key)) await hands.delete({ bucket, key, version })
  return {
    reader,
    hands,
    bucket: 'documents',
    refuse: async (reason) => sandbox.break(`storage-${reason}`),
    takeDown: () => sandbox.stop(),
    close: async () => {
      await sandbox.stop()
      await rm(dir, { recursive: true })
    },
  }
})

test('an upload between the copy and the deletion of a move is kept, and the copy is taken away again', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'firebreak-s3-'))
  const sandbox = await startSandbox({ dir })
  closing.push(async () => {
    await sandbox.stop()
    await rm(dir, { recursive: true })
  })
  const keys = JSON.parse(await readFile(join(dir, 's3-credentials.json'), 'utf8')) as Credentials
  const endpoint = `${sandbox.url}/s3`
  const reader = new S3Reader({ endpoint, credentials: () => keys.reader })
  const hands = new S3Hands({ endpoint, credentials: () => keys.hands })
  const [from, to] = [{ bucket: 'documents', key: 'in/late' }, { bucket: 'quarantine', key: 'late' }] // prettier-ignore
  const { etag } = await hands.put(from, Buffer.from('torn'), null)
  const remove = hands.delete.bind(hands)
  hands.delete = async (...args) => {
    hands.delete = remove
    await hands.put(from, Buffer.from('whole'), etag)
    return remove(...args)
  }
  await expect(hands.move(from, to, etag)).rejects.toMatchObject({ kind: 'conflict' })
  expect(Buffer.from((await reader.read(from, 100))!).toString()).toBe('whole')
  expect(await reader.head(to)).toBeUndefined()
})

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const secret = { accessKeyId: 'AKIDOFTHETEST', secretAccessKey: 'secret-of-the-test' }

async function answering(listener: RequestListener, timeoutMs = 5_000): Promise<S3Reader> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => (server.closeAllConnections(), server.close()))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return new S3Reader({ endpoint, credentials: () => secret, timeoutMs })
}

const failure = async (reader: S3Reader) =>
  reader.objects('b', '', 1).then(
    () => expect.unreachable('expected a failure'),
    (error: Error) => error,
  )

test.each([
  [403, 'AccessDenied', { kind: 'forbidden', reason: 'denied' }],
  [403, 'InvalidAccessKeyId', { kind: 'forbidden', reason: 'expired' }],
  [400, 'ExpiredToken', { kind: 'forbidden', reason: 'expired' }],
  [400, 'XMinioAdminBucketQuotaExceeded', { kind: 'forbidden', reason: 'quota' }],
  [503, 'SlowDown', { kind: 'throttled', reason: 'throttled', retryable: true }],
  [500, 'InternalError', { kind: 'unreachable', reason: 'unavailable' }],
  [404, 'NoSuchBucket', { kind: 'not-found' }],
  [400, 'InvalidArgument', { kind: 'invalid' }],
])('%i %s is told apart, without retries and without secrets', async (code, name, expected) => {
  let requests = 0
  const reader = await answering((_, response) => {
    requests++
    response.writeHead(code, { 'content-type': 'application/xml' })
    response.end(`<Error><Code>${name}</Code><Message>because</Message></Error>`)
  })
  const error = await failure(reader)
  expect(error).toMatchObject(expected)
  expect(requests).toBe(1)
  expect(`${error.message}${error.stack}`).not.toContain('secret-of-the-test')
})

test('a page of a proxy is no empty bucket', async () => {
  const reader = await answering((_, response) => response.writeHead(502).end('<html>bad gateway</html>'))
  expect(await failure(reader)).toMatchObject({ kind: 'unreachable' })
  const login = await answering((_, response) => response.end('<html>please log in<br></html>'))
  expect(await failure(login)).toMatchObject({ kind: 'invalid' })
})

test('no answer is a time-out', async () => {
  expect(await failure(await answering(() => undefined, 100))).toMatchObject({ kind: 'timeout', ambiguous: true })
})

test('keys are asked for at each call', async () => {
  const used: (string | undefined)[] = []
  const server = createServer((request, response) => {
    used.push(/Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1])
    response.end('<ListBucketResult></ListBucketResult>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => (server.closeAllConnections(), server.close()))
  let id = 'OLDKEY'
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const reader = new S3Reader({ endpoint, credentials: () => ({ accessKeyId: id, secretAccessKey: 'x' }) })
  await reader.objects('b', '', 1)
  id = 'NEWKEY'
  await reader.objects('b', '', 1)
  expect(used).toEqual(['OLDKEY', 'NEWKEY'])
})
