import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aHouseOfThings, aQueue, FakeDirectory } from '@firebreak/kit/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { watchedConfig, watchedEnvironment } from './watched-config.js'
import { watchedHands, watchedReaders } from './watched-systems.js'

let dir: string
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'firebreak-watched-'))))
afterAll(() => rmSync(dir, { recursive: true }))

const CLUSTER = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:9' } }],
  users: [{ name: 'u', user: { token: 't' } }],
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  'current-context': 'x',
}

function config(more: Record<string, string> = {}) {
  const kubeconfig = join(dir, 'kubeconfig')
  writeFileSync(kubeconfig, JSON.stringify(CLUSTER))
  return watchedConfig(
    watchedEnvironment.parse({
      KUBECONFIG_READER: kubeconfig,
      KUBECONFIG_HANDS: kubeconfig,
      PROMETHEUS_URL: 'http://127.0.0.1:9',
      ...more,
    }),
  )
}

const said = (asked: Promise<unknown>) => asked.then(() => 'an answer', (error: unknown) => String(error)) // prettier-ignore

test('the worker starts without the other systems; who asks one is told which setting is missing', async () => {
  const jobs = { namespace: 'prod', labels: { app: 'import' } }
  const queues = [aQueue(), aQueue({ name: 'imports', kind: 'kubernetes', jobs })]
  const house = new FakeDirectory([], aHouseOfThings({ queues }))
  const [readers, hands] = [watchedReaders(config(), house), watchedHands(config(), house)]
  const job = { id: 'a-1', name: 'a', data: {} }
  // Jobs of the cluster need no Redis: the cluster of this test is away, and nothing is missing.
  expect(await said(readers.queues.counts('imports'))).toContain('list the jobs of prod')
  expect(await said(hands.queues.retry('imports', 'a-1'))).toContain('a-1')
  expect(await said(readers.queues.counts('batch'))).toContain('set QUEUES_REDIS_URL_READER of the worker')
  expect(await said(hands.queues.submit('batch', job))).toContain('set QUEUES_REDIS_URL_HANDS of the worker')
  expect(await said(readers.objects.head({ bucket: 'a', key: 'b' }))).toContain(
    'set S3_ENDPOINT and S3_CREDENTIALS_READER',
  )
  expect(await said(hands.objects.delete({ bucket: 'a', key: 'b' }))).toContain(
    'set S3_ENDPOINT and S3_CREDENTIALS_HANDS',
  )
  expect(await said(readers.registry.model('m'))).toContain('set MLFLOW_URL of the worker')
  const suites = watchedReaders(config(), new FakeDirectory([], aHouseOfThings())).smoke
  expect(await said(suites.ask('model', 'health'))).toContain('add model=http://… to HTTP_ENDPOINTS of the worker')
  expect(await said(readers.ocr.recognise('primary', new Uint8Array()))).toContain('set OCR_ENGINES of the worker')
})

test("the hands do not fall back on the reader's credentials", async () => {
  const file = join(dir, 'reader.json')
  writeFileSync(file, JSON.stringify({ accessKeyId: 'a', secretAccessKey: 'b' }))
  const hands = watchedHands(
    config({ S3_ENDPOINT: 'http://127.0.0.1:9', S3_CREDENTIALS_READER: file }),
    new FakeDirectory(),
  )
  expect(await said(hands.objects.delete({ bucket: 'a', key: 'b' }))).toContain('S3_CREDENTIALS_HANDS')
})

test('a file that holds no key is said by its name, and nothing of what stands in it', async () => {
  const file = join(dir, 'half.json')
  writeFileSync(file, JSON.stringify({ accessKeyId: 'a', secret: 'very-secret' }))
  const readers = watchedReaders(
    config({ S3_ENDPOINT: 'http://127.0.0.1:9', S3_CREDENTIALS_READER: file }),
    new FakeDirectory(),
  )
  const answer = await said(readers.objects.head({ bucket: 'a', key: 'b' }))
  expect(answer).toContain(file)
  expect(answer).not.toContain('very-secret')
})

test.each([
  ['primary=http://a,primary=http://b'],
  ['primary'],
  ['primary=ftp://a'],
  ['Primary=http://a'],
  ['=http://a'],
])('addresses by name: %s is refused, without repeating it', (text) => {
  const { error } = watchedEnvironment.shape.OCR_ENGINES.safeParse(text)
  expect(error?.issues.map(({ message }) => message)).toEqual([
    'expected name=http://…, each name once, separated by commas',
  ])
})

test('addresses by name, with = and spaces in them', () => {
  expect([...watchedEnvironment.shape.OCR_ENGINES.parse(' a=http://h/?x=1 , b=https://h ')]).toEqual([
    ['a', 'http://h/?x=1'],
    ['b', 'https://h'],
  ])
})
