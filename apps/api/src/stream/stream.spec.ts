import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import type { Cursor, Told } from './log-tail.js'
import { Stream } from './stream.js'

/** A log in memory: entries 1, 2, 3 … */
class FakeTail {
  last = 0
  asked = 0
  broken = false
  async end(): Promise<Cursor> {
    return at(this.last)
  }
  async after({ id }: Cursor, limit: number): Promise<Told[]> {
    this.asked += 1
    if (this.broken) throw new Error('away')
    const from = Number(id)
    const news = Array.from({ length: Math.max(0, this.last - from) }, (_, n) => from + n + 1)
    return news
      .slice(0, limit)
      .map((n) => ({ cursor: at(n), event: { type: 'x', id: 'run:1', version: n, about: 'run:1' } }))
  }
}
const at = (n: number): Cursor => ({ era: 0, xid: '1', id: String(n) })

/** The other end of a stream: what was written to it, and how much of that is still on its way. */
class FakeResponse extends EventEmitter {
  readonly events: string[] = []
  writableLength = 0
  writableEnded = false
  destroyed = false
  write(text: string): boolean {
    const name = /^event: (.*)$/m.exec(text)?.[1]
    this.events.push(name ?? (JSON.parse(/^data: (.*)$/m.exec(text)![1]!) as { version: number }).version.toString())
    return true
  }
  end(): void {
    this.writableEnded = true
  }
  get response(): ServerResponse {
    return this as unknown as ServerResponse
  }
}

const streams: Stream[] = []
const aStream = (tail: FakeTail) => {
  const stream = new Stream(tail, () => new Date(0), { pollMs: 1e9, heartbeatMs: 1e9, replay: 100 })
  streams.push(stream)
  return stream
}
afterEach(() => streams.forEach((stream) => stream.beforeApplicationShutdown()))
const yes = async () => true

test('who catches up while the others wait for the next round hears nothing twice', async () => {
  const tail = new FakeTail()
  const stream = aStream(tail)
  const [old, fresh] = [new FakeResponse(), new FakeResponse()]
  await stream.open(old.response, undefined, yes)
  tail.last = 3
  await stream.open(fresh.response, at(0), yes)
  await stream.look()
  expect(old.events).toEqual(['hello', '1', '2', '3'])
  expect(fresh.events.filter((event) => event !== 'hello')).toEqual(['1', '2', '3'])
})

test('many listeners are one question', async () => {
  const tail = new FakeTail()
  const stream = aStream(tail)
  for (let n = 0; n < 50; n += 1) await stream.open(new FakeResponse().response, undefined, yes)
  tail.last = 1
  await stream.look()
  expect(tail.asked).toBe(1)
})

test('a backlog larger than a page is told in one round, in order', async () => {
  const tail = new FakeTail()
  const stream = aStream(tail)
  const page = new FakeResponse()
  await stream.open(page.response, undefined, yes)
  tail.last = 1_200
  await stream.look()
  expect(page.events.slice(1).map(Number)).toEqual(Array.from({ length: 1_200 }, (_, n) => n + 1))
})

test('a record that is away loses nothing', async () => {
  const tail = new FakeTail()
  const stream = aStream(tail)
  const page = new FakeResponse()
  await stream.open(page.response, undefined, yes)
  tail.last = 2
  tail.broken = true
  await stream.look()
  tail.broken = false
  await stream.look()
  expect(page.events).toEqual(['hello', '1', '2'])
})

test('who does not read is cut off, and the others are not', async () => {
  const tail = new FakeTail()
  const stream = aStream(tail)
  const [quick, stuck] = [new FakeResponse(), new FakeResponse()]
  await stream.open(quick.response, undefined, yes)
  await stream.open(stuck.response, undefined, yes)
  stuck.writableLength = 10 * 1024 * 1024
  tail.last = 1
  await stream.look()
  expect([quick.writableEnded, stuck.writableEnded, stream.size]).toEqual([false, true, 1])
})

test('with nobody there the record is left alone', async () => {
  const tail = new FakeTail()
  const stream = aStream(tail)
  const page = new FakeResponse()
  await stream.open(page.response, undefined, yes)
  page.emit('close')
  tail.last = 5
  await stream.look()
  expect(tail.asked).toBe(0)
})
