import { inUrgency } from '../ui/severity.js'
import type { Happened } from './touches.js'
import type { Changes, Figure, Incident, IncidentSummary, Plan, TimelineItem } from './view.js'
import type { Kept, Shelf } from './shelf.js'

/*
 * The open incidents, with their rooms, as they lie on the device: what is wrong, what has happened, and what was proposed
 * can be read when the API is down. Who looks after the most urgent of them looks there first, so these are kept, and the
 * others are not: a storm of ten thousand is no reason to ask ten thousand times.
 */

/** So many rooms are kept, the most urgent. */
export const ROOMS = 50
/** Figures of a room are kept in their order, as far as this many letters of JSON go: some twenty, measured four times a minute. */
export const FIGURES = 100_000
/** Of those that nothing was heard of, so many are looked at again each time, the longest kept first. */
const CATCH_UP = 5

export interface Timeline {
  items: TimelineItem[]
}
export interface Suggestions {
  items: Plan[]
}
export interface Room {
  incident: Incident
  timeline: Timeline
  /** Its plans. */
  suggestions: Suggestions
  /** What is around it, each of its own time: where one was not answered, that of before stays. */
  figures?: Kept<Figures> | undefined
  changes?: Kept<Changes> | undefined
}
export interface Figures {
  items: Figure[]
}
export interface Active {
  items: IncidentSummary[]
  next: string | null
}

const LIST = 'incidents'
const ROOM = 'room/'
const nameOf = (incident: string) => `${ROOM}${incident}`

/** How the API is asked, and how long a round leaves it alone between two rooms. */
export interface Asking {
  active(): Promise<Active>
  incident(id: string): Promise<Incident>
  timeline(id: string): Promise<Timeline>
  suggestions(id: string): Promise<Suggestions>
  figures(id: string): Promise<Figures>
  changes(id: string): Promise<Changes>
  rest(): Promise<void>
}

/** Keeps them, round by round. What fails ends the round: what was kept before stays, and what has changed is kept in the next. */
export class RoomKeeper {
  /** Each kept room: the row that it was kept for, and whose events are about it. The longest kept first. */
  private readonly rooms = new Map<string, { row: string; about: ReadonlySet<string> }>()
  private readonly changed = new Set<string>()

  constructor(
    private readonly shelf: Shelf,
    private readonly ask: Asking,
    /** The server's time. */
    private readonly now: () => Date,
    private readonly stop: AbortSignal,
  ) {}

  /** Hears an event: the room that it is about is kept anew in the next round. */
  heard({ id }: Happened): void {
    for (const [incident, { about }] of this.rooms) if (about.has(id)) this.changed.add(incident)
  }

  /** @param seen ids of incidents that somebody looks at now */
  async round(seen: ReadonlySet<string> = new Set()): Promise<void> {
    const active = await this.ask.active()
    const urgent = inUrgency(active.items).slice(0, ROOMS)
    await this.put(LIST, active)
    const now = new Set(urgent.map(({ id }) => id))
    for (const name of await this.shelf.names()) {
      const id = name.slice(ROOM.length)
      if (!name.startsWith(ROOM) || now.has(id)) continue
      await this.shelf.remove(name)
      this.rooms.delete(id)
      this.changed.delete(id)
    }
    const quiet = [...this.rooms.keys()].slice(0, CATCH_UP)
    const again = new Set([...seen, ...quiet])
    for (const summary of urgent) {
      if (this.stop.aborted) return
      const row = JSON.stringify(summary)
      const is = this.rooms.get(summary.id)?.row === row && !this.changed.has(summary.id)
      if (is && !again.has(summary.id)) continue
      await this.keep(summary.id, row)
      await this.ask.rest()
    }
  }

  private async keep(id: string, row: string): Promise<void> {
    const { ask } = this
    // What is heard from here on may be newer than what is answered.
    this.changed.delete(id)
    const asked = Promise.all([ask.incident(id), ask.timeline(id), ask.suggestions(id)])
    // The worker looks at what is around it, and may have failed to: a room is none the worse for that.
    const around = Promise.all([ask.figures(id).catch(() => null), ask.changes(id).catch(() => null)])
    const [incident, timeline, suggestions] = await asked.catch((error: unknown) => {
      this.changed.add(id)
      throw error
    })
    const [figures, changes] = await around
    const before = figures && changes ? undefined : ((await this.shelf.get(nameOf(id)))?.data as Room | undefined)
    const at = this.now().toISOString()
    await this.put(nameOf(id), {
      ...{ incident, timeline, suggestions },
      figures: figures ? { data: { items: fitting(figures.items) }, at } : before?.figures,
      changes: changes ? { data: changes, at } : before?.changes,
    } satisfies Room)
    const plans = suggestions.items.flatMap((plan) => [`plan:${plan.id}`, ...(plan.run === null ? [] : [`run:${plan.run}`])]) // prettier-ignore
    const about = [`incident:${id}`, ...plans]
    this.rooms.delete(id)
    this.rooms.set(id, { row, about: new Set(about) })
  }

  /** Nothing is kept any more once its owner has gone: it would be found by the next. */
  private async put(name: string, data: unknown): Promise<void> {
    if (!this.stop.aborted) await this.shelf.put(name, { data, at: this.now().toISOString() })
  }
}

/** As many as fit, the first first. */
function fitting(items: readonly Figure[]): Figure[] {
  let left = FIGURES
  return items.filter((figure) => (left -= JSON.stringify(figure).length) >= 0)
}

/** Milliseconds after which what was kept of incidents is nobody's help any more: whoever comes for it takes it away. */
export const WEEK = 7 * 86_400_000

async function young<T>(shelf: Shelf, name: string, now: Date): Promise<Kept<T> | undefined> {
  const kept = (await shelf.get(name)) as Kept<T> | undefined
  if (kept === undefined || now.getTime() - Date.parse(kept.at) < WEEK) return kept
  await shelf.remove(name)
  return undefined
}

export const keptActive = (shelf: Shelf, now = new Date()) => young<Active>(shelf, LIST, now)

export const keptRoom = (shelf: Shelf, incident: string, now = new Date()) => young<Room>(shelf, nameOf(incident), now)

/** The plan of this id, if it is one of a room that is kept. */
export async function keptPlan(shelf: Shelf, id: string, now = new Date()): Promise<Kept<Plan> | undefined> {
  for (const name of await shelf.names()) {
    if (!name.startsWith(ROOM)) continue
    const room = await young<Room>(shelf, name, now)
    const plan = room?.data.suggestions.items.find((one) => one.id === id)
    if (plan) return { data: plan, at: room!.at }
  }
  return undefined
}

/** A part of a kept room, as old as the room. */
export const partOf = <T>(room: Kept<Room> | undefined, part: (room: Room) => T): Kept<T> | undefined =>
  room && { data: part(room.data), at: room.at }
