import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { modelRegistryContract } from '@firebreak/kit/testing'
import { startSandbox } from '@firebreak/sandbox'
import { afterEach, expect, test } from 'vitest'
import { MlflowHands, MlflowReader } from './registry.js'

modelRegistryContract('the MLflow adapter on the sandbox', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'firebreak-mlflow-'))
  const sandbox = await startSandbox({ dir })
  const url = `${sandbox.url}/mlflow`
  const post = async (path: string, fields: object) => {
    const response = await fetch(`${url}/api/2.0/mlflow/${path}`, { method: 'POST', body: JSON.stringify(fields) })
    expect(response.status).toBe(200)
  }
  await post('registered-models/create', { name: 'classifier' })
  for (let version = 1; version <= 3; version++)
    await post('model-versions/create', { name: 'classifier', source: `s3://models/${version}` })
  return {
    reader: new MlflowReader(url),
    hands: new MlflowHands(url),
    model: 'classifier',
    takeDown: () => sandbox.stop(),
    close: async () => {
      await sandbox.stop()
      await rm(dir, { recursive: true })
    },
  }
})

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => (server.closeAllConnections(), server.close()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/under/a/path`
}

test.each([
  [404, '{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"gone"}', 'not-found'],
  [400, '{"error_code":"INVALID_PARAMETER_VALUE","message":"no"}', 'invalid'],
  [403, '{"error_code":"PERMISSION_DENIED","message":"no"}', 'forbidden'],
  [401, 'You are not authenticated', 'forbidden'],
  [429, '{"error_code":"REQUEST_LIMIT_EXCEEDED","message":"slower"}', 'throttled'],
  [503, '<html>', 'unreachable'],
  [200, '<html>a login page', 'invalid'],
  [500, '{"error_code":"INTERNAL_ERROR","message":"sql"}', 'unreachable'],
])('%i %s is %s', async (code, body, kind) => {
  const url = await answering((_, response) => response.writeHead(code).end(body))
  const hands = new MlflowHands(url, { token: () => 'secret-token' })
  const failure = await hands.setAlias('m', 'production', '1').catch((error: unknown) => error as Error)
  expect(failure).toMatchObject({ name: 'PortFailure', kind })
  expect(`${failure?.message}${failure?.stack}`).not.toContain('secret-token')
})

test('a model that comes without its fields is invalid, and not a model without aliases', async () => {
  const url = await answering((_, response) => response.end('{"registered_model":{}}'))
  await expect(new MlflowReader(url).model('m')).rejects.toMatchObject({ kind: 'invalid' })
})

test('every page of the versions is read, and the token is sent', async () => {
  const asked: { page: string | null; authorization: string | undefined }[] = []
  const url = await answering((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://here')
    if (pathname.endsWith('/registered-models/get'))
      return void response.end('{"registered_model":{"name":"m","aliases":[{"alias":"stable","version":"9"}]}}')
    const page = searchParams.get('page_token')
    asked.push({ page, authorization: request.headers.authorization })
    const model_versions = [{ name: 'm', version: page === null ? '9' : '10', creation_timestamp: '1700000000000' }]
    response.end(JSON.stringify({ model_versions, ...(page === null ? { next_page_token: 'more' } : {}) }))
  })
  const versions = await new MlflowReader(url, { token: () => 'abc' }).versions('m')
  expect(versions.map(({ version, aliases }) => [version, aliases])).toEqual([
    ['10', []],
    ['9', ['stable']],
  ])
  expect(asked).toEqual([
    { page: null, authorization: 'Bearer abc' },
    { page: 'more', authorization: 'Bearer abc' },
  ])
})

test('no answer is a time-out', async () => {
  const url = await answering(() => undefined)
  await expect(new MlflowReader(url, { timeoutMs: 50 }).model('m')).rejects.toMatchObject({ kind: 'timeout' })
})
