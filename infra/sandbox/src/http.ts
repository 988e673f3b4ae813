import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tooLarge } from './kubernetes/status.js'

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A TLS record that opens a connection starts with this byte; no HTTP method does. */
const TLS_HANDSHAKE = 0x16

/**
 * Serves HTTP and HTTPS on one port of 127.0.0.1: browsers and curl use the address as it is written, and kubectl,
 * which sends no token without TLS, uses the same one. Port 0 takes a free one.
 */
export async function listen(
  port: number,
  tls: { key: string; certificate: string },
  handler: Handler,
): Promise<{ port: number; close(): Promise<void> }> {
  const plain = createHttpServer(handler)
  const secure = createTlsServer({ key: tls.key, cert: tls.certificate }, handler)
  const open = new Set<Socket>()
  const door = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy())
    socket.once('data', (first) => {
      socket.pause()
      socket.unshift(first)
      const server = (first as Buffer)[0] === TLS_HANDSHAKE ? secure : plain
      server.emit('connection', socket)
      process.nextTick(() => socket.resume())
    })
  })
  await new Promise<void>((resolve, reject) => {
    door.once('error', reject)
    door.listen(port, '127.0.0.1', resolve)
  })
  return {
    port: (door.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        door.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}

const LARGEST_BODY = 1_048_576

/** The body as text, at most one mebibyte. */
export const bodyOf = async (request: IncomingMessage): Promise<string> => (await bytesOf(request)).toString('utf8')

/** The body as it came, at most one mebibyte. */
export async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > LARGEST_BODY) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Answers with JSON, marked as what it is. */
export function answer(response: ServerResponse, code: number, body: unknown, headers: Record<string, string> = {}) {
  if (response.destroyed || response.headersSent) return
  response.writeHead(code, { 'content-type': 'application/json', ...marked, ...headers })
  response.end(`${JSON.stringify(body)}\n`)
}

/** On every answer: nobody shall take the sandbox for production. */
export const marked = { server: 'firebreak-sandbox (simulator)', 'cache-control': 'no-store' }
