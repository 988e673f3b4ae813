import { request as overHttp, type IncomingMessage } from 'node:http'
import { request as overHttps, type RequestOptions } from 'node:https'
import { createInterface } from 'node:readline'
import { KubeConfig } from '@kubernetes/client-node'
import type { ApiAnswer, ApiRequest, WatchEvents } from '@firebreak/kit/testing'

/** Plain HTTP to the API server of a kubeconfig: what a client library would hide is what a contract looks at. */
export function wire(kubeconfig: string): {
  call(request: ApiRequest): Promise<ApiAnswer>
  watch(path: string): Promise<WatchEvents>
} {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const server = new URL(config.getCurrentCluster()!.server)

  async function send({
    method = 'GET',
    path,
    body,
    type = 'application/json',
    accept = 'application/json',
  }: ApiRequest) {
    const text = body === undefined || typeof body === 'string' ? (body ?? '') : JSON.stringify(body)
    // Node frames the body of a DELETE only when it is told how long it is.
    const content = text === '' ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) }
    const options: RequestOptions = { method, headers: { accept, 'user-agent': 'firebreak-contract/1', ...content } }
    await config.applyToHTTPSOptions(options)
    return new Promise<IncomingMessage>((resolve, reject) => {
      const request = (server.protocol === 'https:' ? overHttps : overHttp)(new URL(path, server), options, resolve)
      request.once('error', reject).setTimeout(30_000, () => request.destroy(new Error(`no answer: ${method} ${path}`)))
      request.end(text)
    })
  }

  return {
    async call(request) {
      const response = await send(request)
      const text = Buffer.concat((await response.toArray()) as Buffer[]).toString()
      return { code: response.statusCode ?? 0, body: JSON.parse(text) as ApiAnswer['body'] }
    },
    async watch(path) {
      const response = await send({ path })
      const lines = createInterface({ input: response })[Symbol.asyncIterator]()
      return {
        async next() {
          const { done, value } = await lines.next()
          if (done) throw new Error('the watch ended')
          return { done: false, value: JSON.parse(value) as { type: string; object: Record<string, unknown> } }
        },
        async return() {
          response.destroy()
          return { done: true, value: undefined }
        },
      }
    },
  }
}
