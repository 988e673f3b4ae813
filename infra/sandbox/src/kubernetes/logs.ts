import type { Pod } from './objects.js'

interface Line {
  at: number
  text: string
}

/** What one container said in this life, and in the one before. */
interface Book {
  lines: Line[]
  previous?: Line[]
}

/** What `kubectl logs` asks for. */
export interface LogQuery {
  previous: boolean
  timestamps: boolean
  tailLines?: number
  /** Wall time in milliseconds. */
  since?: number
  limitBytes?: number
}

/** A container that talks without end must not fill the memory: the oldest lines go, as when a file is rotated. */
const MOST_LINES = 2_000

/** What containers say. Nothing runs in them: whoever simulates a service writes its lines here. Kept in memory only. */
export class Logs {
  readonly #books = new Map<string, Book>()
  readonly #listeners = new Set<(uid: string, container: string, line: Line) => void>()

  /** Adds a line, at wall time `at`. The container is the pod's first one when it is not named. */
  write(pod: Pod, text: string, { container = pod.spec.containers[0]!.name, at = Date.now() } = {}): void {
    const { uid } = pod.metadata
    for (const one of text.split('\n')) {
      const line = { at, text: one }
      const { lines } = this.#book(uid, container)
      lines.push(line)
      if (lines.length > MOST_LINES) lines.shift()
      for (const listener of this.#listeners) listener(uid, container, line)
    }
  }

  /** The container begins a new life; what it said in this one is what `--previous` shows. */
  restart({ metadata: { uid } }: Pod, container: string): void {
    const { lines } = this.#book(uid, container)
    this.#books.set(`${uid}/${container}`, { lines: [], previous: lines })
  }

  forget({ metadata: { uid } }: { metadata: { uid: string } }): void {
    for (const key of this.#books.keys()) if (key.startsWith(`${uid}/`)) this.#books.delete(key)
  }

  read({ metadata: { uid } }: Pod, container: string, query: LogQuery): string {
    const { lines, previous = [] } = this.#book(uid, container)
    const since = query.since ?? 0
    const all = (query.previous ? previous : lines).filter(({ at }) => at >= since)
    const tail = query.tailLines === undefined ? all : query.tailLines === 0 ? [] : all.slice(-query.tailLines)
    const text = tail.map((line) => `${this.#shown(line, query)}\n`).join('')
    return query.limitBytes === undefined ? text : Buffer.from(text).subarray(0, query.limitBytes).toString()
  }

  /** Calls back on each line from now on. Answers how to stop that. */
  follow({ metadata }: Pod, container: string, query: LogQuery, tell: (text: string) => void): () => void {
    const listener = (uid: string, name: string, line: Line) => {
      if (uid === metadata.uid && name === container) tell(`${this.#shown(line, query)}\n`)
    }
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #shown({ at, text }: Line, { timestamps }: LogQuery): string {
    return timestamps ? `${new Date(at).toISOString()} ${text}` : text
  }

  #book(uid: string, container: string): Book {
    const key = `${uid}/${container}`
    let book = this.#books.get(key)
    if (!book) this.#books.set(key, (book = { lines: [] }))
    return book
  }
}
