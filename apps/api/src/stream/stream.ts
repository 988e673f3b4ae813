import type { BeforeApplicationShutdown } from '@nestjs/common'
import type { ServerResponse } from 'node:http'
import { cursorText, type Cursor, type LogTail, type Told } from './log-tail.js'

export interface StreamSettings {
  pollMs: number
  heartbeatMs: number
  /** Who is further behind than this many entries is told to read everything anew. */
  replay: number
}
export const streamSettings: StreamSettings = { pollMs: 250, heartbeatMs: 5_000, replay: 1_000 }

/** Bytes that may wait for a client that does not read. More, and it is cut off; it comes back and says where it was. */
const MOST_WAITING = 256 * 1024
const PAGE = 500

interface Listener {
  response: ServerResponse
  /** Whether whoever opened it may still listen. */
  mayStay: () => Promise<boolean>
}

/** Tells every open page what happens. However many listen, the record is asked once a round; with nobody, never. */
export class Stream implements BeforeApplicationShutdown {
  private readonly listeners = new Set<Listener>()
  private at: Cursor | undefined
  private poll: NodeJS.Timeout | undefined
  private heartbeat: NodeJS.Timeout | undefined
  private round: Promise<void> = Promise.resolve()
  private looking = false

  constructor(
    private readonly tail: Pick<LogTail, 'end' | 'after'>,
    private readonly now: () => Date,
    private readonly settings: StreamSettings,
  ) {}

  /**
   * Adds a listener whose headers are sent. With a cursor it first hears what it missed; when that is too much, or the
   * cursor is none of ours (`unreadable`), it hears `resync`.
   */
  async open(
    response: ServerResponse,
    since: Cursor | 'unreadable' | undefined,
    mayStay: () => Promise<boolean>,
  ): Promise<void> {
    const listener = { response, mayStay }
    response.on('close', () => this.drop(listener))
    // In turn with the rounds: between what it missed and what it hears from now on nothing may fall through.
    await this.inTurn(async () => {
      this.at ??= await this.tail.end()
      if (since === undefined) send(response, { event: 'hello', id: this.at, data: { time: this.now().toISOString() } })
      else await this.catchUp(response, since)
      if (response.destroyed) return
      this.listeners.add(listener)
      this.poll ??= setInterval(() => void this.look(), this.settings.pollMs)
      this.heartbeat ??= setInterval(() => void this.beat(), this.settings.heartbeatMs)
    })
  }

  /** How many listen. */
  get size(): number {
    return this.listeners.size
  }

  beforeApplicationShutdown(): void {
    for (const listener of [...this.listeners]) this.drop(listener)
  }

  private async catchUp(response: ServerResponse, since: Cursor | 'unreadable'): Promise<void> {
    const missed = since === 'unreadable' ? undefined : await this.tail.after(since, this.settings.replay + 1)
    const end = missed?.at(-1)?.cursor
    if (!missed || missed.length > this.settings.replay)
      return send(response, { event: 'resync', id: this.at!, data: { time: this.now().toISOString() } })
    // What came in since the last round is told to the others in the next one, and to this one now: up to there alone.
    for (const told of missed) if (!isAfter(told.cursor, this.at!)) tell(response, told)
    send(response, {
      event: 'hello',
      id: end && !isAfter(end, this.at!) ? end : this.at!,
      data: { time: this.now().toISOString() },
    })
  }

  /** One round: everything new, to everybody. A record that cannot be read now is asked again in the next. */
  async look(): Promise<void> {
    if (this.looking) return
    this.looking = true
    await this.inTurn(async () => {
      while (this.at && this.listeners.size > 0) {
        const news = await this.tail.after(this.at, PAGE)
        for (const told of news) for (const { response } of this.listeners) tell(response, told)
        this.at = news.at(-1)?.cursor ?? this.at
        for (const listener of [...this.listeners])
          if (listener.response.writableLength > MOST_WAITING) this.drop(listener)
        if (news.length < PAGE) return
      }
    }).catch(() => undefined)
    this.looking = false
  }

  private async beat(): Promise<void> {
    const time = this.now().toISOString()
    for (const listener of [...this.listeners]) {
      // A record that does not answer proves nothing: the listener stays, and hears nothing that it may not.
      const stays = await listener.mayStay().catch(() => true)
      if (stays) listener.response.write(`event: hb\ndata: ${JSON.stringify({ time })}\n\n`)
      else this.drop(listener)
    }
  }

  private drop(listener: Listener): void {
    this.listeners.delete(listener)
    if (!listener.response.writableEnded) listener.response.end()
    if (this.listeners.size > 0) return
    clearInterval(this.poll)
    clearInterval(this.heartbeat)
    this.poll = this.heartbeat = undefined
    this.at = undefined
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.round.then(work)
    this.round = turn.catch(() => undefined)
    return turn
  }
}

function send(response: ServerResponse, { event, id, data }: { event: string; id: Cursor; data: object }): void {
  response.write(`event: ${event}\nid: ${cursorText(id)}\ndata: ${JSON.stringify(data)}\n\n`)
}

/** Without an event name: `onmessage` of an EventSource hears it. */
const tell = (response: ServerResponse, { cursor, event }: Told): void =>
  void response.write(`id: ${cursorText(cursor)}\ndata: ${JSON.stringify(event)}\n\n`)

function isAfter(one: Cursor, other: Cursor): boolean {
  if (one.era !== other.era) return one.era > other.era
  if (one.xid !== other.xid) return BigInt(one.xid) > BigInt(other.xid)
  return BigInt(one.id) > BigInt(other.id)
}
