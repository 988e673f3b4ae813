import { born } from '../manifests.js'
import { stamp, type EventObject, type KubeObject } from '../objects.js'
import { events } from '../resources.js'
import type { Store } from '../store.js'

/** A real cluster forgets events after an hour; the sandbox keeps so many. */
const MOST_EVENTS = 300

/** Writes what happened as Event objects. The same again is counted, not repeated. */
export class Recorder {
  /** At the beginning of the world nothing has happened yet. */
  muted = false

  constructor(
    private readonly store: Store,
    private readonly seed: string,
  ) {}

  say(about: KubeObject, component: string, type: EventObject['type'], reason: string, message: string): void {
    if (this.muted) return
    const { apiVersion, kind, metadata } = about
    const { name, namespace = 'default', uid, resourceVersion } = metadata
    const now = stamp()
    const all = this.store.list(events)
    const known = all.find(
      (event) => event.involvedObject.uid === uid && event.reason === reason && event.message === message,
    )
    if (known) return void this.store.put(events, { ...known, count: known.count + 1, lastTimestamp: now })
    const manifest = {
      apiVersion: 'v1',
      kind: events.kind,
      metadata: { name: `${name}.${this.store.version.toString(16).padStart(16, '0')}`, namespace },
      involvedObject: { apiVersion, kind, name, namespace, uid, resourceVersion },
      type,
      reason,
      message,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      source: { component },
      reportingComponent: component,
    }
    this.store.put(events, born(manifest, this.seed))
    if (all.length < MOST_EVENTS) return
    const oldest = all.reduce((a, b) =>
      Number(a.metadata.resourceVersion) < Number(b.metadata.resourceVersion) ? a : b,
    )
    this.store.delete(events, oldest.metadata.namespace ?? '', oldest.metadata.name)
  }
}
