/** What the list knows of a row. Its severity and its id are its place: the worst first, of equals the newest. */
export interface Placed {
  id: string
  severity: string
}

export interface Page<T> {
  items: readonly T[]
  /** Where the next page begins; null after the last. */
  next: string | null
}

/** What the list asks of the API, and of the clock. */
export interface Ports<T> {
  /** The page behind a cursor, in the order of urgency; null is the first. */
  page(after: string | null): Promise<Page<T>>
  /** These rows as they are now, whether they pass the filter or not. */
  these(ids: readonly string[]): Promise<readonly T[]>
  /** What the device had kept of them, and when that was so, in milliseconds. Asked for when nothing is known and nothing answers. */
  kept?(error: unknown): Promise<{ items: readonly T[]; at: number } | undefined>
  /** Whether the filter lets it through. */
  passes(item: T): boolean
  now(): number
  later(ms: number, what: () => void): void
}

/** The worst first, of equals the newest: ids grow with time. */
export const inOrder = (a: Placed, b: Placed): number =>
  a.severity === b.severity ? (a.id > b.id ? -1 : a.id < b.id ? 1 : 0) : a.severity < b.severity ? -1 : 1

/** Milliseconds for which events are gathered, and at least between two questions about rows that changed. */
const BURST = 50
const ROUND = 250
/** Milliseconds until what failed is tried again. */
const AGAIN = 5_000
/** Rows that are asked about at once: their ids stand in the address. */
const AT_ONCE = 150
/** Rows beyond the window for which the next page is fetched before anybody is there. */
const AHEAD = 400
/** Incidents that are not held and have changed: of more than these the list no longer follows each. */
const UNKNOWN = 2_000
/** Rows that are held at most. */
export const MOST = 150_000

/** A page as it was fetched: where it begins, which rows came of it, and how far it reached. */
interface Fetched {
  from: string | null
  first: number
  end: number
  /** Its last row as it was then; null: to the end of the list. */
  upTo: Placed | null
  /** Everything that happened since it was fetched has been heard. */
  whole: boolean
  /** Where reading it again goes on, once it has begun. */
  resume?: string | null
}

/**
 * The incidents of one filter, however many: pages come as somebody scrolls, rows stay where they were first shown, and of
 * what has changed only what is near the window is asked again. It asks one thing at a time, so that no answer is older
 * than the one before it.
 *
 * Nothing is lost and nothing comes twice, because an event is heard after what it tells of was written: whatever is asked
 * after that has it, and whatever was asked before is asked once more.
 */
export class Inbox<T extends Placed> {
  private rows: T[] = []
  /** The place of each row. */
  private places = new Map<string, number>()
  /** For each row: the age of the world (`world`) when it was asked. */
  private asOf: number[] = []
  private left = new Set<string>()
  private stale = new Set<string>()
  private arrived = new Map<string, T>()
  private unknown = new Set<string>()
  private fetched: Fetched[] = []
  /** Where the next page begins; undefined before the first has come. */
  private next: string | null | undefined
  /** Grows when something happened that may have changed any row: a run went on, a plan was made. */
  private world = 0
  private window = { first: 0, last: 0 }

  private asking = false
  private waiting = false
  private asked = -ROUND
  private beginAgain = false
  private renewed: (() => void)[] = []
  /** While an answer is on its way: which rows changed, and whether some changes were missed. */
  private meanwhile = { touched: new Set<string>(), missed: false }
  private closed = false

  private listeners = new Set<() => void>()
  /** Grows with every change of what is shown. */
  version = 0
  /** Why the last question had no answer. */
  error: unknown = null
  /** When the last answer came: milliseconds, by the clock of the ports. */
  updatedAt = 0
  /** How many pass the filter, by whoever counted last. */
  private total = 0

  constructor(private readonly ports: Ports<T>) {}

  /** Asks for the first page. */
  begin(): void {
    this.closed = false
    this.soon()
  }

  close(): void {
    this.closed = true
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Whether the first page is there. */
  get ready(): boolean {
    return this.next !== undefined
  }

  /** Whether the end of the list is held. */
  get ended(): boolean {
    return this.next === null || this.rows.length >= MOST
  }

  /** Whether there is more than is held at most. */
  get capped(): boolean {
    return this.rows.length >= MOST && this.next !== null
  }

  /** Of what is held, in its order. */
  get ids(): string[] {
    return this.rows.map(({ id }) => id)
  }

  get held(): number {
    return this.rows.length
  }

  /** How many rows there are, held or not, as far as that is known. */
  get count(): number {
    if (this.ended) return this.rows.length
    return Math.min(MOST, Math.max(this.rows.length + 1, this.total - this.arrived.size + this.left.size))
  }

  /** The row at a place, from 0; undefined where it has not come yet. */
  row(at: number): { item: T; left: boolean } | undefined {
    const item = this.rows[at]
    return item && { item, left: this.left.has(item.id) }
  }

  /** What has come since the order was made and stands before what is held: it waits, the worst first. */
  get arrivals(): readonly T[] {
    return [...this.arrived.values()].sort(inOrder)
  }

  /** The row of an id, when it is held. */
  of(id: string): T | undefined {
    const at = this.places.get(id)
    return at === undefined ? undefined : this.rows[at]
  }

  /** Somebody has counted how many pass the filter. */
  counted(total: number): void {
    if (total === this.total) return
    this.total = total
    this.changed()
  }

  get arrivalCount(): number {
    return this.arrived.size
  }

  /** Which rows are drawn. What is near is kept as it is now, and the next page comes before its end is reached. */
  look(first: number, last: number): void {
    if (first === this.window.first && last === this.window.last) return
    this.window = { first, last }
    if (this.wantsPage() || this.pageToRead() !== undefined) this.run()
    else if (this.toAsk().length > 0) this.soon()
  }

  /** An event of the stream about one incident. */
  touch(id: string, type: string): void {
    if (this.asking) this.meanwhile.touched.add(id)
    if (this.places.has(id)) this.stale.add(id)
    // What only says more about an incident brings none into the list, and moves none.
    else if (type.startsWith('incident.') || this.arrived.has(id)) this.unknown.add(id)
    else return
    if (this.unknown.size > UNKNOWN) return this.missed()
    this.soon()
  }

  /** Something happened that may have changed any row. */
  stir(): void {
    this.world++
    this.soon()
  }

  /** Events were missed: what is near the window is read again, and the rest when somebody goes there. */
  missed(): void {
    if (this.asking) this.meanwhile.missed = true
    this.unseen()
    this.soon()
  }

  /**
   * Makes the order anew: everything that is there now, in its place. What is shown stays until it has come; then this
   * settles.
   */
  renew(): Promise<void> {
    this.beginAgain = true
    this.run()
    return new Promise((begun) => this.renewed.push(begun))
  }

  /** Tries again at once what has failed. */
  again = (): void => this.run()

  /** Something newer of a row than was asked: a command was answered. */
  put(item: T): void {
    const at = this.places.get(item.id)
    if (at === undefined) return
    this.rows[at] = item
    this.changed()
    this.touch(item.id, 'incident.changed')
  }

  private unseen(): void {
    for (const page of this.fetched) {
      page.whole = false
      delete page.resume
    }
    this.unknown = new Set(this.arrived.keys())
  }

  private soon(): void {
    if (this.waiting || this.closed) return
    this.waiting = true
    this.ports.later(Math.max(BURST, this.asked + ROUND - this.ports.now()), () => {
      this.waiting = false
      this.run()
    })
  }

  /** Asks the next thing there is to ask; the answer asks what comes after it. */
  private run(): void {
    if (this.asking || this.closed) return
    const work = this.nextQuestion()
    if (work === undefined) return
    this.asking = true
    this.meanwhile = { touched: new Set(), missed: false }
    work().then(
      () => this.settled(null),
      (error: unknown) => this.settled(error),
    )
  }

  private settled(error: unknown): void {
    this.asking = false
    if (error === null) this.updatedAt = this.ports.now()
    this.error = error
    this.changed()
    if (!this.beginAgain) for (const begun of this.renewed.splice(0)) begun()
    if (this.closed) return
    if (error !== null) return this.ports.later(AGAIN, () => this.run())
    if (this.meanwhile.missed) this.unseen()
    // What somebody waits for goes at once; what has changed, in its round.
    if (this.wantsPage() || this.pageToRead() !== undefined) return this.run()
    if (this.toAsk().length > 0) this.soon()
  }

  private nextQuestion(): (() => Promise<void>) | undefined {
    if (this.beginAgain || this.next === undefined) return () => this.first()
    const due = this.ports.now() - this.asked >= ROUND
    const ids = due ? this.toAsk() : []
    if (ids.length > 0) return () => this.askAbout(ids)
    const page = this.pageToRead()
    if (page) return () => this.readAgain(page)
    if (this.wantsPage()) return () => this.more(this.next!)
    if (!due && this.toAsk().length > 0) this.soon()
    return undefined
  }

  private wantsPage(): boolean {
    return this.beginAgain || this.next === undefined || (!this.ended && this.window.last + AHEAD >= this.rows.length)
  }

  /** A page of which some rows are near the window, and of which something may have been missed. */
  private pageToRead(): Fetched | undefined {
    const { first, last } = this.window
    return this.fetched.find((page, nth) => !page.whole && (nth === 0 || (page.first <= last && page.end > first)))
  }

  /** Rows near the window that may have changed, and incidents that may have come. */
  private toAsk(): string[] {
    const ids: string[] = []
    for (let at = this.window.first; at <= this.window.last && at < this.rows.length; at++) {
      const { id } = this.rows[at]!
      if (this.stale.has(id) || this.asOf[at]! < this.world) ids.push(id)
      if (ids.length === AT_ONCE) return ids
    }
    for (const id of this.unknown) {
      ids.push(id)
      if (ids.length === AT_ONCE) break
    }
    return ids
  }

  private async first(): Promise<void> {
    const world = this.world
    this.beginAgain = false
    const page = await this.ports.page(null).catch(async (error: unknown) => {
      if (this.next === undefined) await this.fromDevice(error)
      this.beginAgain = this.next !== undefined
      throw error
    })
    this.rows = []
    this.places = new Map()
    this.asOf = []
    this.fetched = []
    this.left = new Set()
    this.stale = new Set()
    this.arrived = new Map()
    // What was to be asked was written before this page was read. What has happened since was not.
    this.unknown = new Set(this.meanwhile.touched)
    this.append(page, null, world)
  }

  /** What the device had kept is what is known, as old as it is. All of it is asked for anew as soon as somebody answers. */
  private async fromDevice(error: unknown): Promise<void> {
    const kept = await this.ports.kept?.(error)
    if (kept === undefined) return
    this.append({ items: kept.items, next: null }, null, this.world)
    this.updatedAt = kept.at
  }

  private async more(after: string): Promise<void> {
    const world = this.world
    this.append(await this.ports.page(after), after, world)
  }

  private append({ items, next }: Page<T>, from: string | null, world: number): void {
    const first = this.rows.length
    for (const item of items) {
      // It was shown further up, and has come down since: it stays where it was shown.
      if (this.update(item, world)) continue
      this.places.set(item.id, this.rows.length)
      this.rows.push(item)
      this.asOf.push(world)
      this.arrived.delete(item.id)
      if (this.meanwhile.touched.has(item.id)) this.stale.add(item.id)
      else this.unknown.delete(item.id)
    }
    this.next = next
    const last = items.at(-1)
    const upTo = next === null || last === undefined ? null : { id: last.id, severity: last.severity }
    this.fetched.push({ from, first, end: this.rows.length, upTo, whole: true })
  }

  /** Reads a page anew: what it has that is not held has come, and what it lacks is asked about. */
  private async readAgain(page: Fetched): Promise<void> {
    const world = this.world
    if (page.resume === undefined) for (let at = page.first; at < page.end; at++) this.stale.add(this.rows[at]!.id)
    const { items, next } = await this.ports.page(page.resume ?? page.from)
    for (const item of items) if (!this.update(item, world)) this.comes(item)
    const last = items.at(-1)
    const covered = next === null || last === undefined || (page.upTo !== null && inOrder(last, page.upTo) >= 0)
    if (this.meanwhile.missed) return
    page.whole = covered
    if (covered) delete page.resume
    else page.resume = next
  }

  private async askAbout(ids: readonly string[]): Promise<void> {
    const world = this.world
    this.asked = this.ports.now()
    const now = new Map((await this.ports.these(ids)).map((item) => [item.id, item]))
    for (const id of ids) {
      const item = now.get(id)
      if (!this.meanwhile.touched.has(id)) this.unknown.delete(id)
      if (item === undefined) this.gone(id)
      else if (this.update(item, world)) {
        if (!this.ports.passes(item)) this.left.add(id)
      } else if (this.ports.passes(item)) this.comes(item)
      else this.arrived.delete(id)
    }
  }

  /** A held row as it is now. Answers whether it is held. */
  private update(item: T, world: number): boolean {
    const at = this.places.get(item.id)
    if (at === undefined) return false
    this.rows[at] = item
    this.asOf[at] = world
    this.left.delete(item.id)
    if (!this.meanwhile.touched.has(item.id)) this.stale.delete(item.id)
    return true
  }

  /** A row that is not held. Behind what is held it comes with its page; before that it waits. */
  private comes(item: T): void {
    const frontier = this.fetched.at(-1)?.upTo
    if (frontier && inOrder(item, frontier) > 0) this.arrived.delete(item.id)
    else this.arrived.set(item.id, item)
  }

  private gone(id: string): void {
    this.arrived.delete(id)
    this.stale.delete(id)
    if (this.places.has(id)) this.left.add(id)
  }

  private changed(): void {
    this.version++
    for (const listener of this.listeners) listener()
  }
}
