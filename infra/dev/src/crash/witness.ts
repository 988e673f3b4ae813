import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hex, parseCheckpoint, parseNote, verifyNote, type VerifierKey } from '@firebreak/audit-log'

/**
 * Stands between sequencer and notary and writes down every checkpoint that the log's key ever signed, also those whose
 * signer died before it could publish them: a fork would have to pass here. It can also lose the notary's answer.
 */
export class Witness {
  /** Size to the roots that were signed for it: one each, or the log has forked. */
  readonly signed = new Map<number, Set<string>>()
  /** Sizes that the notary said yes to. */
  readonly cosigned = new Set<number>()
  #loseNext = false
  #close: () => void = () => undefined

  constructor(
    readonly notaryUrl: string,
    readonly key: VerifierKey,
  ) {}

  /** The next answer of the notary gets lost: it has signed, and nobody hears of it. */
  loseNextAnswer(): void {
    this.#loseNext = true
  }

  async listen(): Promise<string> {
    const server = createServer((request, response) => {
      this.#pass(request, response).catch(() => response.destroy())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.#close = () => {
      server.close()
      server.closeAllConnections()
    }
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#close()
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const size = this.#writeDown(body)
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const answer = await fetch(`${this.notaryUrl}${request.url}`, {
      method: 'POST',
      body,
      headers: { 'content-type': request.headers['content-type'] ?? 'text/plain' },
      signal: gone.signal,
    })
    const text = await answer.text()
    if (answer.status === 200) this.cosigned.add(size)
    if (this.#loseNext && answer.status === 200) {
      this.#loseNext = false
      response.destroy()
      return
    }
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' }).end(text)
  }

  /** The note stands after the first empty line (tlog-witness). */
  #writeDown(body: string): number {
    const note = parseNote(body.slice(body.indexOf('\n\n') + 2))
    if (verifyNote(note, [this.key]).length === 0) throw new Error('shown to the notary without a signature of the log')
    const { size, root } = parseCheckpoint(note.text)
    const roots = this.signed.get(size) ?? new Set<string>()
    roots.add(hex(root))
    this.signed.set(size, roots)
    return size
  }
}
