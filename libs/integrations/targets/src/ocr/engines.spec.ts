import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ocrContract } from '@firebreak/kit/testing'
import { startSandbox } from '@firebreak/sandbox'
import { afterEach, expect, test } from 'vitest'
import { HttpOcr } from './engines.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

for (const engine of ['primary', 'fallback'])
  ocrContract(`the OCR adapter on the ${engine} engine of the sandbox`, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'firebreak-ocr-'))
    const sandbox = await startSandbox({ dir })
    const service = `${sandbox.url}/service/ocr`
    const { samples } = (await (await fetch(`${service}/samples`)).json()) as {
      samples: { name: string; text: string }[]
    }
    const sample = samples[0]!
    const image = new Uint8Array(await (await fetch(`${service}/samples/${sample.name}`)).arrayBuffer())
    return {
      ocr: new HttpOcr({ [engine]: `${service}/${engine}` }),
      engine,
      sample: { image, text: sample.text },
      takeDown: () => sandbox.stop(),
      close: async () => {
        await sandbox.stop()
        await rm(dir, { recursive: true })
      },
    }
  })

async function answering(listener: RequestListener): Promise<HttpOcr> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => (server.closeAllConnections(), server.close()))
  return new HttpOcr({ one: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, { timeoutMs: 200 })
}

test.each([
  [200, '<html>', 'invalid'],
  [200, '{"text":"A","confidence":101}', 'invalid'],
  [422, '{"error":"no picture"}', 'invalid'],
  [503, '{"error":"nobody answers"}', 'unreachable'],
  [429, '', 'throttled'],
])('%i %s is no reading', async (code, body, kind) => {
  const ocr = await answering((request, response) => {
    request.resume()
    response.writeHead(code).end(body)
  })
  await expect(ocr.recognise('one', new Uint8Array([1]))).rejects.toMatchObject({ name: 'PortFailure', kind })
})

test('an engine that is not configured is named, with those that are', async () => {
  const ocr = new HttpOcr({ primary: 'http://127.0.0.1:1' })
  await expect(ocr.recognise('fallback', new Uint8Array([1]))).rejects.toThrow(
    'no OCR engine is called fallback; there are primary (OCR_ENGINES of the worker)',
  )
})

test('no answer is a time-out', async () => {
  const ocr = await answering(() => undefined)
  await expect(ocr.recognise('one', new Uint8Array([1]))).rejects.toMatchObject({ kind: 'timeout' })
})
