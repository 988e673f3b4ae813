import type { Transport } from '../src/renderer/api/transport.js'
import { MockApi, type Session } from './mock.js'
import type { Sent } from './night.js'

/** The mock API in the page itself: `npm run dev` needs no backend. Reloading begins the night anew. */
export function inPage(): Transport {
  const api = new MockApi({ now: () => new Date(), after: (ms, what) => setTimeout(what, ms), pace: 1_500 }).seed()
  const session: Session = { person: null }
  setInterval(() => api.beat(), 5_000)
  setTimeout(
    () => api.arrive({ title: 'Batch jobs fail: 14 of the last 20', class: 'batch-failures', service: 'batch' }),
    20_000,
  )
  return {
    fetch: (request) => api.handle(request, session),
    openStream: () => new Line(api),
  }
}

/** What of an EventSource the page uses. */
class Line extends EventTarget {
  readyState: number = EventSource.OPEN
  private readonly stop: () => void

  constructor(api: MockApi) {
    super()
    const hear = ({ event, data }: Sent) => this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }))
    // An EventSource speaks only after whoever made it has begun to listen.
    let stop = () => {}
    const begin = setTimeout(() => {
      stop = api.listen(hear)
    })
    this.stop = () => {
      clearTimeout(begin)
      stop()
    }
  }

  close(): void {
    this.readyState = EventSource.CLOSED
    this.stop()
  }
}
