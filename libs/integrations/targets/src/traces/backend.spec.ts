import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tracesContract } from '@firebreak/kit/testing'
import { afterEach, expect, test } from 'vitest'
import { HttpTraces } from './backend.js'

const ID = '4bf92f3577b34da6a3ce929d0e0e4736'

/** By hand, in the form that Jaeger documents for `GET /api/traces/{id}`: none was there to be asked. */
const JAEGER = {
  data: [
    {
      traceID: ID,
      spans: [
        {
          traceID: ID,
          spanID: '00f067aa0ba902b7',
          operationName: 'POST /v1/predict',
          startTime: 1,
          duration: 900,
          tags: [],
          processID: 'p1',
        },
        {
          traceID: ID,
          spanID: '00f067aa0ba902b8',
          operationName: 'load',
          startTime: 2,
          duration: 700,
          tags: [],
          processID: 'p1',
        },
      ],
      processes: { p1: { serviceName: 'model', tags: [] } },
    },
  ],
  total: 0,
  errors: null,
}
const SPAN = {
  traceId: 'S/kvNXezTaajzpKdDg5HNg==',
  spanId: 'APBnqgupArc=',
  name: 'POST /v1/predict',
  kind: 'SPAN_KIND_SERVER',
}
const BATCH = {
  resource: { attributes: [{ key: 'service.name', value: { stringValue: 'model' } }] },
  scopeSpans: [{ scope: { name: 'http' }, spans: [SPAN] }],
}
/** The same in the two forms that Tempo documents. */
const TEMPO = { batches: [BATCH] }
const TEMPO_V2 = { trace: { resourceSpans: [BATCH] }, status: 'COMPLETE' }

const closing: (() => unknown)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function backend(listener: RequestListener, timeoutMs = 20_000) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => (server.closeAllConnections(), server.close())
  closing.push(close)
  return {
    close,
    traces: new HttpTraces(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jaeger`, { timeoutMs }),
  }
}

for (const [name, answer, spans] of [
  ['Jaeger', JAEGER, 2],
  ['Tempo', TEMPO, 1],
  ["Tempo's second version", TEMPO_V2, 1],
] as const)
  tracesContract(`the adapter on answers in the form of ${name}`, async () => {
    const { close, traces } = await backend((request, response) => {
      if (request.url === `/jaeger/api/traces/${ID}`) response.end(JSON.stringify(answer))
      else response.writeHead(404).end('{"errors":[{"code":404,"msg":"trace not found"}]}')
    })
    return { traces, there: { id: ID, spans }, takeDown: async () => void close() }
  })

test.each([
  [200, '<html>', 'invalid'],
  [200, '{"data":"none"}', 'invalid'],
  [200, `{"data":[{"spans":[{"a":"${'x'.repeat(1_000_000)}"}]}]}`, 'invalid'],
  [200, `{"data":[{"spans":[{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}]}]}`, 'invalid'],
  [401, '', 'forbidden'],
  [429, '', 'throttled'],
  [503, '', 'unreachable'],
])('%i with %.20s is no trace', async (code, body, kind) => {
  const { traces } = await backend((_, response) => void response.writeHead(code).end(body))
  await expect(traces.trace(ID)).rejects.toMatchObject({ kind })
})

test('a trace without spans is none, and one that does not come in time is a time-out', async () => {
  expect(await (await backend((_, response) => void response.end('{"data":[]}'))).traces.trace(ID)).toBeUndefined()
  await expect((await backend(() => undefined, 200)).traces.trace(ID)).rejects.toMatchObject({ kind: 'timeout' })
})
