import type { OpenIncident } from '../../bridge/surface.js'

/** What the system is to show, and take away. */
export interface Told {
  show: Notice[]
  /** Keys of notices that are over. */
  close: string[]
  /** For the badge and the title of the window. */
  count: number
}

export interface Notice {
  /** One at a time for each key. */
  key: string
  title: string
  body: string
  /** Where it leads; undefined: to the inbox. */
  incident: string | undefined
}

const AGAIN_MS = 5 * 60_000
/** More within this time are one notice together. */
const STORM = 5
const STORM_MS = 60_000
const STORM_KEY = 'storm'

interface Known {
  severity: number
  title: string
  at: number
}

/**
 * When to disturb somebody: an incident of SEV1 or SEV2 that nobody has yet. Once; again at once when it has become worse,
 * and after five minutes when it has become another. What was there when the console was opened is on its screen already.
 * This is a help, and not a pager.
 */
export class NoticePolicy {
  private readonly known = new Map<string, Known>()
  private readonly shown = new Set<string>()
  private recent: number[] = []
  private stormAt = -Infinity
  private begun = false

  /**
   * @param open everything that is open now
   * @param now milliseconds
   */
  hear(open: readonly OpenIncident[], now: number): Told {
    const loud = open.filter(({ severity }) => levelOf(severity) <= 2)
    const waiting = loud.filter(({ acknowledged }) => !acknowledged)
    const due = this.begun ? waiting.filter((incident) => this.isDue(incident, now)) : []
    this.learn(open, this.begun ? due : loud, now)
    this.begun = true

    const { show, close } = this.inAll(due, now)
    // Somebody has it, or it is over.
    const over = [...this.shown].filter((key) =>
      key === STORM_KEY ? waiting.length === 0 : !waiting.some(({ id }) => id === key),
    )
    const closed = [...new Set([...over, ...close])]
    for (const key of closed) this.shown.delete(key)
    for (const { key } of show) this.shown.add(key)
    return { show, close: closed, count: waiting.length }
  }

  /** Somebody else sits here now. Answers what to take away. */
  forget(): string[] {
    const close = [...this.shown]
    this.shown.clear()
    this.known.clear()
    this.recent = []
    this.stormAt = -Infinity
    this.begun = false
    return close
  }

  private isDue({ id, severity, title }: OpenIncident, now: number): boolean {
    const before = this.known.get(id)
    if (!before || levelOf(severity) < before.severity) return true
    return title !== before.title && now - before.at >= AGAIN_MS
  }

  private learn(open: readonly OpenIncident[], told: readonly OpenIncident[], now: number): void {
    for (const { id, severity, title } of told) this.known.set(id, { severity: levelOf(severity), title, at: now })
    for (const id of this.known.keys()) if (!open.some((incident) => incident.id === id)) this.known.delete(id)
  }

  /** One by one; or when there are too many, all of them together, once a minute. */
  private inAll(due: readonly OpenIncident[], now: number): Pick<Told, 'show' | 'close'> {
    this.recent = [...this.recent.filter((at) => now - at < STORM_MS), ...due.map(() => now)]
    if (due.length === 0) return { show: [], close: [] }
    if (this.recent.length <= STORM) return { show: due.map(noticeOf), close: [] }
    const close = [...this.shown].filter((key) => key !== STORM_KEY)
    if (now - this.stormAt < STORM_MS) return { show: [], close }
    this.stormAt = now
    const worst = Math.min(...due.map(({ severity }) => levelOf(severity)))
    const title = `${this.recent.length} incidents within a minute, the worst SEV${worst}`
    return { show: [{ key: STORM_KEY, title, body: 'Open Firebreak to see them.', incident: undefined }], close }
  }
}

const noticeOf = ({ id, severity, title }: OpenIncident): Notice => ({
  key: id,
  title: `${severity} ${plain(title)}`,
  body: 'Nobody has it yet.',
  incident: id,
})

const levelOf = (severity: OpenIncident['severity']): number => Number(severity.slice(3))

/** Words of an alert, for a box of the system's: no markup that some desktops obey, nothing that turns text around. */
const plain = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/[<>&]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 120)
