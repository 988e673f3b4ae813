import type { ServerResponse } from 'node:http'
import { marked } from '../http.js'
import type { Call } from './call.js'
import type { KubeObject } from './objects.js'
import { apiVersionOf } from './resource.js'
import { gone, type Refusal } from './status.js'
import type { Change, Store } from './store.js'

const LONGEST_WATCH_S = 3_600
/** How often a client that allows it hears that nothing is new. Real servers take a minute. */
const BOOKMARK_MS = 5_000

/**
 * Streams one JSON object a line: what changed since the given resourceVersion, or everything there is, and then what
 * changes, until the client goes or its `timeoutSeconds` are over. With `allowWatchBookmarks` a bookmark tells every
 * few seconds, and at the end, how far the client has seen; with `sendInitialEvents` one marks where the present begins.
 */
export function watch(
  store: Store,
  { resource, namespace, query }: Call,
  response: ServerResponse,
  selected: (object: KubeObject) => boolean,
  show: (object: KubeObject) => object,
): void {
  const from = Number(query.get('resourceVersion') || 0)
  const initially = query.get('sendInitialEvents') === 'true'
  const missed = from > 0 && !initially ? store.since(from) : undefined
  response.writeHead(200, { 'content-type': 'application/json', ...marked })
  const send = (type: string, object: object) => void response.write(`${JSON.stringify({ type, object })}\n`)
  if (from > 0 && !initially && (!missed || from > store.version)) {
    send('ERROR', tooOld(from, store.version).status)
    return void response.end()
  }
  const { kind } = resource
  const bookmark = (annotations?: Record<string, string>) => {
    const metadata = {
      resourceVersion: String(store.version),
      creationTimestamp: null,
      ...(annotations ? { annotations } : {}),
    }
    send('BOOKMARK', { kind, apiVersion: apiVersionOf(resource), metadata })
  }
  const tell = ({ type, resource: of, object, before }: Change) => {
    if (of !== resource) return
    // What enters a selection is added to it, and what leaves is deleted from it, whatever happened to the object.
    const [was, is] = [before !== undefined && selected(before), type !== 'DELETED' && selected(object)]
    if (was || is) send(is ? (was ? 'MODIFIED' : 'ADDED') : 'DELETED', show(object))
  }
  if (missed) for (const change of missed) tell(change)
  else for (const object of store.list(resource, namespace)) if (selected(object)) send('ADDED', show(object))
  if (initially) bookmark({ 'k8s.io/initial-events-end': 'true' })

  const bookmarks = query.get('allowWatchBookmarks') === 'true'
  const ticking = bookmarks ? setInterval(() => bookmark(), BOOKMARK_MS) : undefined
  const seconds = Math.min(Number(query.get('timeoutSeconds')) || 300, LONGEST_WATCH_S)
  const timer = setTimeout(() => {
    if (bookmarks) bookmark()
    response.end()
  }, seconds * 1_000)
  const stop = store.listen(tell)
  response.on('close', () => {
    clearTimeout(timer)
    clearInterval(ticking)
    stop()
  })
  response.flushHeaders()
}

const tooOld = (from: number, version: number): Refusal => gone(`too old resource version: ${from} (${version})`)
