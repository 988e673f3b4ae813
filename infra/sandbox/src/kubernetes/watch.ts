import type { ServerResponse } from 'node:http'
import { marked } from '../http.js'
import type { Call } from './call.js'
import type { KubeObject } from './objects.js'
import { Refusal } from './status.js'
import type { Change, Store } from './store.js'

const LONGEST_WATCH_S = 3_600

/**
 * Streams one JSON object a line: what changed since the given resourceVersion, or everything there is, and then what
 * changes, until the client goes or its `timeoutSeconds` are over. Bookmarks are not sent.
 */
export function watch(
  store: Store,
  { resource, namespace, query }: Call,
  response: ServerResponse,
  selected: (object: KubeObject) => boolean,
  show: (object: KubeObject) => object,
): void {
  const from = Number(query.get('resourceVersion') ?? 0)
  const missed = from > 0 ? store.since(from) : undefined
  response.writeHead(200, { 'content-type': 'application/json', ...marked })
  const send = (type: string, object: object) => void response.write(`${JSON.stringify({ type, object })}\n`)
  if (from > 0 && !missed) {
    send('ERROR', new Refusal(410, 'Expired', `too old resource version: ${from} (${store.version})`).status)
    return void response.end()
  }
  const tell = ({ type, resource: of, object }: Change) => {
    if (of === resource && selected(object)) send(type, show(object))
  }
  const present = (): Change[] =>
    store.list(resource, namespace).map((object) => ({ type: 'ADDED', object, resource, version: 0 }))
  for (const change of missed ?? present()) tell(change)

  const stop = store.listen(tell)
  const seconds = Math.min(Number(query.get('timeoutSeconds')) || 300, LONGEST_WATCH_S)
  const timer = setTimeout(() => response.end(), seconds * 1_000)
  response.on('close', () => {
    clearTimeout(timer)
    stop()
  })
  response.flushHeaders()
}
