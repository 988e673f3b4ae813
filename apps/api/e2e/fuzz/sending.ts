import { Agent, request as ask } from 'node:http'
import { connect } from 'node:net'
import type { Request } from './requests.js'
import type { Answer } from './verdict.js'

const PATIENCE_MS = 15_000
/** Of an answer that never ends, so much is read. */
const STREAM_MS = 40

/** Sends requests over a few connections that stay open. */
export class Sender {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 16 })

  constructor(private readonly base: URL) {}

  send({ method, url, headers, bytes }: Pick<Request, 'method' | 'url' | 'headers' | 'bytes'>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = ask(
        {
          ...{ agent: this.agent, host: this.base.hostname, port: this.base.port, method, path: url },
          headers: { ...headers, ...(bytes ? { 'content-length': String(bytes.byteLength) } : {}) },
          timeout: PATIENCE_MS,
        },
        (answer) => {
          const chunks: Buffer[] = []
          const { headers: back, statusCode: status = 0 } = answer
          const done = () => resolve({ status, headers: back, text: Buffer.concat(chunks).toString() })
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.on('end', done)
          answer.on('error', done)
          if (String(back['content-type']).startsWith('text/event-stream'))
            setTimeout(() => (done(), answer.destroy()), STREAM_MS)
        },
      )
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)))
      sent.on('error', (error: NodeJS.ErrnoException) => {
        // A connection that the server closed in the moment in which it was taken again: nobody read the request.
        if (sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE'))
          this.send({ method, url, headers, bytes }).then(resolve, reject)
        else reject(error)
      })
      sent.end(bytes)
    })
  }

  /** Bytes as they are, on a connection of their own; what comes back until it is closed, or for a moment. */
  raw(bytes: string | Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(this.base.port), this.base.hostname, () => socket.write(bytes))
      let text = ''
      const done = () => (socket.destroy(), resolve(text))
      const patience = setTimeout(done, 1_500)
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1')
        if (/\r\n\r\n/.test(text)) setTimeout(done, 20)
      })
      socket.on('close', () => (clearTimeout(patience), resolve(text)))
      socket.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' || error.code === 'EPIPE' ? done() : reject(error),
      )
    })
  }

  close(): void {
    this.agent.destroy()
  }
}
