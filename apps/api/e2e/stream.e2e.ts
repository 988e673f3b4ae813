import { afterAll, beforeAll, expect, test } from 'vitest'
import { Stream } from '../src/stream/stream.js'
import { slowApi, Stage } from './stage.js'

let stage: Stage
beforeAll(async () => void (stage = await Stage.set({ stream: { pollMs: 20, heartbeatMs: 60, replay: 20 } })))
afterAll(() => stage.strike())

interface Heard {
  event: string
  id: string
  data: { type?: string; id?: string; version?: number; about?: string; time?: string }
}

/** Listens as a browser would; `until` waits for something to be heard. */
async function listen(headers: Record<string, string> = {}) {
  const gone = new AbortController()
  const answer = await fetch(`${stage.url}/v1/stream`, {
    headers: { authorization: `Bearer ${stage.key('hannah')}`, ...headers },
    signal: gone.signal,
  })
  const heard: Heard[] = []
  let ended = false
  let wake = () => {}
  const reading = (async () => {
    let text = ''
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const blocks = text.split('\n\n')
      text = blocks.pop()!
      for (const block of blocks) {
        const fields = Object.fromEntries(
          block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        )
        heard.push({
          event: fields['event'] ?? 'message',
          id: fields['id'] ?? '',
          data: JSON.parse(fields['data'] ?? '{}') as Heard['data'],
        })
      }
      wake()
    }
  })()
    .catch(() => undefined)
    .finally(() => {
      ended = true
      wake()
    })
  return {
    answer,
    heard,
    types: () => heard.filter(({ event }) => event === 'message').map(({ data }) => data.type),
    until: async (condition: (heard: Heard[]) => boolean) => {
      while (!condition(heard)) {
        if (ended) throw new Error(`the stream ended after ${JSON.stringify(heard)}`)
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
    end: () => reading,
    leave: async () => {
      gone.abort()
      await reading
    },
  }
}

const told = (type: string) => (heard: Heard[]) => heard.some(({ data }) => data.type === type)

test('whoever listens hears what happens, with places in the log as ids', async () => {
  const page = await listen()
  expect(page.answer.headers.get('content-type')).toContain('text/event-stream')
  await page.until((heard) => heard[0]?.event === 'hello')
  await stage.alert(slowApi()).expect(202)
  await page.until(told('delivery.processed'))
  const opened = page.heard.find(({ data }) => data.type === 'incident.opened')!
  expect(opened.id).toMatch(/^\d+\.\d+\.\d+$/)
  expect(opened.data).toEqual({
    type: 'incident.opened',
    id: opened.data.about,
    version: expect.any(Number) as number,
    about: expect.stringMatching(/^incident:inc_/) as string,
  })
  await page.leave()
})

test('two pages hear the same, and the record is asked by neither of them when both are gone', async () => {
  const [one, two] = await Promise.all([listen(), listen()])
  await Promise.all([one, two].map((page) => page.until((heard) => heard.length > 0)))
  await stage.alert(slowApi({ fingerprint: 'two', labels: { alertname: 'Two' } })).expect(202)
  await Promise.all([one, two].map((page) => page.until(told('delivery.processed'))))
  expect(one.types()).toEqual(two.types())
  await Promise.all([one.leave(), two.leave()])
  await expect.poll(() => stage.app.get(Stream).size).toBe(0)
})

test('who comes back with the last id hears what was missed, each once and in order', async () => {
  const first = await listen()
  await first.until((heard) => heard.length > 0)
  await stage.alert(slowApi({ fingerprint: 'three', labels: { alertname: 'Three' } })).expect(202)
  await first.until(told('delivery.processed'))
  await first.leave()
  const last = first.heard.filter(({ event }) => event === 'message').at(0)!.id

  await stage.alert(slowApi({ fingerprint: 'four', labels: { alertname: 'Four' } })).expect(202)
  const again = await listen({ 'last-event-id': last })
  await again.until((heard) => heard.filter(({ data }) => data.type === 'delivery.processed').length === 2)
  const ids = again.heard.filter(({ event }) => event === 'message').map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(again.types()).toEqual([...first.types().slice(1), ...first.types()])
  await again.leave()
})

test.each([
  ['too long ago', '0.0.0'],
  ['no place in the log', 'yesterday'],
])('who was last here %s is told to read everything anew', async (_, last) => {
  const page = await listen({ 'last-event-id': last })
  await page.until((heard) => heard.some(({ event }) => event === 'resync'))
  expect(page.types()).toEqual([])
  await stage.alert(slowApi({ fingerprint: last, labels: { alertname: `After${last}` } })).expect(202)
  await page.until(told('delivery.processed'))
  await page.leave()
})

test('an entry whose transaction was slow is heard late and not lost', async () => {
  const page = await listen()
  await page.until((heard) => heard[0]?.event === 'hello')
  let commit = () => {}
  const held = new Promise<void>((resolve) => (commit = resolve))
  // Its number in the log is given now, and it commits after the one below, which has a higher number.
  const slow = stage.world.ledger.write(async (books) => {
    await books.lock({ stream: ['person:slow'] })
    await books.people.add({ id: 'slow', kind: 'person', name: 'Slow', issuer: null, subject: null })
    books.audit.append({
      stream: 'person:slow',
      type: 'person.added',
      about: 'person:slow',
      actor: { kind: 'process', id: 'api', auth: 'process', roles: [] },
    })
    await held
  })
  await stage.alert(slowApi({ fingerprint: 'quick', labels: { alertname: 'Quick' } })).expect(202)
  commit()
  await slow
  await page.until((heard) => told('delivery.processed')(heard) && told('person.added')(heard))
  await page.leave()
})

test('it lives: a heartbeat comes with the time', async () => {
  const page = await listen()
  await page.until((heard) =>
    heard.some(({ event, data }) => event === 'hb' && !Number.isNaN(Date.parse(data.time ?? ''))),
  )
  await page.leave()
})

test('it ends when the session ends', async () => {
  const { headers } = await stage.nobody.post('/v1/sign-in/seeded').send({ person: 'sam' }).expect(200)
  const cookie = (headers['set-cookie'] as unknown as string[])[0]!.split(';')[0]!
  const answer = await fetch(`${stage.url}/v1/stream`, { headers: { cookie } })
  expect(answer.status).toBe(200)
  await stage.nobody.post('/v1/sign-out').set({ cookie, 'sec-fetch-site': 'same-origin' }).expect(204)
  // Reads to the end: there is one.
  expect(await answer.text()).toContain('event: hello')
})
