import { Ended, EXIT } from '../exits.js'
import { refusal } from './answers.js'

/**
 * One event of the stream as it came; `event` is empty for what happened, else `hello`, `hb` or `resync`; or `lost`, which is
 * said here and not by the API.
 */
export interface StreamedEvent {
  event: string
  id: string
  data: string
}

/** Events of a server-sent stream from its text, in whatever pieces it comes (WHATWG HTML, 9.2.6). */
export class EventReader {
  private rest = ''

  /** Takes a piece, gives the events that it completes. */
  read(piece: string): StreamedEvent[] {
    const blocks = (this.rest + piece).replaceAll('\r\n', '\n').split('\n\n')
    this.rest = blocks.pop()!
    return blocks.flatMap((block) => {
      const field = (name: string) =>
        block
          .split('\n')
          .filter((line) => line.startsWith(`${name}:`))
          .map((line) => line.slice(name.length + 1).replace(/^ /, ''))
      return block === ''
        ? []
        : [{ event: field('event').at(-1) ?? '', id: field('id').at(-1) ?? '', data: field('data').join('\n') }]
    })
  }
}

/** The heart beats every 5 s. A stream that is silent longer than this is dead, whatever the connection says. */
const SILENT_MS = 15_000
const AGAIN_MS = [250, 500, 1_000, 2_000]

export interface Listening {
  fetch: typeof globalThis.fetch
  url: string
  token: string | undefined
  sleep: (ms: number) => Promise<void>
  signal: AbortSignal
  say: (line: string) => void
}

/**
 * The API's stream, for as long as anybody listens: when the connection is lost it comes back by itself, says where it was,
 * and hears what it missed, or `resync`. Yields `hello` after every connection, so whoever listens looks again, and `lost`
 * before each time that it tries to come back, so whoever listens may have waited long enough.
 * Throws Ended where coming back does not help: not signed in any more, or refused.
 */
export async function* events({ fetch, say, signal, sleep, token, url }: Listening): AsyncGenerator<StreamedEvent> {
  let [last, failures] = ['', 0]
  for (;;) {
    const silence = new AbortController()
    let timer = setTimeout(() => silence.abort(), SILENT_MS)
    try {
      const answer = await fetch(`${url}/v1/stream`, {
        headers: {
          accept: 'text/event-stream',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(last === '' ? {} : { 'last-event-id': last }),
        },
        signal: AbortSignal.any([signal, silence.signal]),
      })
      if (!answer.ok && answer.status < 500 && answer.status !== 429) throw refusal(answer.status, await answer.text())
      if (!answer.ok || !answer.body) throw new Error(`it answers ${answer.status}`)
      if (failures > 0) say('connected again')
      failures = 0
      const reader = new EventReader()
      for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
        clearTimeout(timer)
        timer = setTimeout(() => silence.abort(), SILENT_MS)
        for (const event of reader.read(piece)) {
          if (event.id !== '') last = event.id
          yield event
        }
      }
    } catch (error) {
      if (signal.aborted) throw new Ended(EXIT.interrupted, 'interrupted', 'interrupted')
      if (error instanceof Ended) throw error
    } finally {
      clearTimeout(timer)
      silence.abort()
    }
    if (failures === 0) say('the connection to the API is lost; coming back')
    yield { event: 'lost', id: '', data: '' }
    await sleep(AGAIN_MS[Math.min(failures++, AGAIN_MS.length - 1)]!)
  }
}
