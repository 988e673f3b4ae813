import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { GIVEN_UP, SharedLine, type Browser, type Line } from './line.js'

/** A server's line that a test speaks through. */
class Source extends EventTarget implements Line {
  readyState = 1
  close() {
    this.readyState = 2
  }
  say(sign: string, data = '{}') {
    this.dispatchEvent(new MessageEvent(sign, { data }))
  }
}

/** One browser: locks that are held by one tab at a time, and a channel between its tabs. */
class World {
  sources: Source[] = []
  private readonly tabs = new Set<(event: MessageEvent) => void>()
  private readonly queue: { run: () => Promise<void>; signal?: AbortSignal }[] = []
  private held: { lost: () => void } | null = null

  browser(): Browser {
    let mine: ((event: MessageEvent) => void) | undefined
    return {
      open: () => {
        this.sources.push(new Source())
        return this.sources.at(-1)!
      },
      channel: () => ({
        postMessage: (data: unknown) => {
          for (const tab of this.tabs) if (tab !== mine) tab(new MessageEvent('message', { data }))
        },
        addEventListener: (_: string, hear: unknown) => {
          mine = hear as (event: MessageEvent) => void
          this.tabs.add(mine)
        },
        close: () => mine && this.tabs.delete(mine),
      }),
      locks: {
        request: ((_: string, options: { steal?: boolean; signal?: AbortSignal }, run: () => Promise<void>) =>
          new Promise<void>((done, failed) => {
            const hold = () => {
              this.held = { lost: () => failed(new DOMException('stolen', 'AbortError')) }
              const mine = this.held
              return run().then(() => {
                if (this.held === mine) this.held = null
                done()
                this.next()
              })
            }
            if (options.steal) {
              this.held?.lost()
              void hold()
            } else {
              this.queue.push({ run: hold, ...(options.signal ? { signal: options.signal } : {}) })
              this.next()
            }
          })) as LockManager['request'],
      },
    }
  }

  private next(): void {
    if (this.held !== null) return
    const first = this.queue.shift()
    if (!first) return
    if (first.signal?.aborted) return this.next()
    void first.run()
  }
}

const opened: SharedLine[] = []
function tab(world: World) {
  const line = new SharedLine('/v1/stream', world.browser())
  opened.push(line)
  const heard: string[] = []
  for (const sign of ['hello', 'hb', 'resync', 'message', 'error']) line.addEventListener(sign, () => heard.push(sign))
  return { line, heard }
}
const settle = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  for (const line of opened.splice(0)) line.close()
  vi.useRealTimers()
})

test('of three tabs one has the line, and all hear it', async () => {
  const world = new World()
  const tabs = [tab(world), tab(world), tab(world)]
  await settle()
  expect(world.sources).toHaveLength(1)
  world.sources[0]!.say('message')
  expect(tabs.map(({ heard }) => heard)).toEqual([['message'], ['message'], ['message']])
})

test('when the tab that has it goes, the next takes over and asks for what was missed between them', async () => {
  const world = new World()
  const [first, second] = [tab(world), tab(world)]
  await settle()
  world.sources[0]!.say('hello')
  first.line.close()
  await settle()
  expect(world.sources).toHaveLength(2)
  expect(world.sources[0]!.readyState).toBe(2)
  world.sources[1]!.say('hb')
  expect(second.heard).toEqual(['hello', 'resync', 'hb'])
  expect(first.heard).toEqual(['hello'])
})

test('a tab that has the line and says nothing any more loses it', async () => {
  const world = new World()
  const [, second] = [tab(world), tab(world)]
  await settle()
  await vi.advanceTimersByTimeAsync(GIVEN_UP)
  expect(world.sources.map(({ readyState }) => readyState)).toEqual([2, 1])
  world.sources[1]!.say('message')
  expect(second.heard).toEqual(['message'])
})

test('a line that was refused is refused for every tab', async () => {
  const world = new World()
  const [first, second] = [tab(world), tab(world)]
  await settle()
  world.sources[0]!.close()
  world.sources[0]!.say('error')
  expect([first.line.readyState, second.line.readyState]).toEqual([2, 2])
  expect([first.heard, second.heard]).toEqual([['error'], ['error']])
})

test('a line that broke is connecting again, in every tab', async () => {
  const world = new World()
  const [first, second] = [tab(world), tab(world)]
  await settle()
  world.sources[0]!.readyState = 0
  world.sources[0]!.say('error')
  expect([first.line.readyState, second.line.readyState]).toEqual([0, 0])
  expect([first.heard, second.heard]).toEqual([['error'], ['error']])
  world.sources[0]!.say('hello')
  expect(second.line.readyState).toBe(1)
})

test('what else is said on the channel is nothing', async () => {
  const world = new World()
  tab(world)
  const second = tab(world)
  await settle()
  for (const data of [null, 7, 'hb', {}, { sign: 7, data: '' }]) world.browser().channel('').postMessage(data)
  expect(second.heard).toEqual([])
})
