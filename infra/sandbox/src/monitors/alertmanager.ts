import { readJson } from '../files.js'
import { payload, type Episode } from './payload.js'
import { evaluate, type RuleState } from './rule.js'

/** Where alerts go. */
export interface Receiver {
  url: string
  /** A file `{ people: [{ id, key }] }`; the key of `alertmanager` is read at each delivery. */
  keyFile?: string
}

/** What must outlive a restart: the alert, and whether its receiver knows. */
export interface AlertState {
  episode?: Episode
  /** What was last delivered of this episode. */
  told: 'nothing' | 'firing' | 'resolved'
}

const REPEAT_MS = 30_000
const FIRST_BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 60_000
const BACKOFF_FACTOR = 1.5

/**
 * One rule and one route of an Alertmanager. As there: an answer of 5xx or none at all is tried again with growing
 * pauses, 4xx is not; what fires is repeated; what was never told as firing is not told as resolved.
 */
export class Alertmanager {
  #rule: RuleState
  #nextAt = 0
  #failures = 0
  #delivering: AbortController | undefined
  #printed = ''

  constructor(
    readonly state: AlertState,
    private readonly receiver: Receiver | undefined,
    /** Of the sandbox, for the links in the alert. */
    private readonly url: string,
    private readonly changed: () => void,
    private readonly print: (line: string) => void,
  ) {
    const { episode } = state
    this.#rule = episode && episode.endsAt === undefined ? { is: 'firing' } : { is: 'inactive' }
  }

  get rule(): RuleState['is'] {
    return this.#rule.is
  }

  /** Evaluates the rule and delivers what is due. `now` is the sandbox's time. */
  step(p95Ms: number, now: number): void {
    const was = this.#rule.is
    this.#rule = evaluate(this.#rule, p95Ms, now)
    const is = this.#rule.is
    if (was !== 'firing' && is === 'firing') this.#turn({ startsAt: new Date().toISOString() }, 'nothing', now)
    if (was === 'firing' && is !== 'firing') {
      const { episode, told } = this.state
      this.#turn({ ...episode!, endsAt: new Date().toISOString() }, told, now)
    }
    if (this.#due(now)) void this.#deliver(now)
  }

  stop(): void {
    this.#delivering?.abort()
  }

  #turn(episode: Episode, told: AlertState['told'], now: number): void {
    this.print(episode.endsAt === undefined ? 'alert HighApiLatency fires' : 'alert HighApiLatency is over')
    Object.assign(this.state, { episode, told })
    this.#nextAt = now
    this.#failures = 0
    this.changed()
  }

  #due(now: number): boolean {
    const { episode, told } = this.state
    if (!this.receiver || !episode || this.#delivering || now < this.#nextAt) return false
    return episode.endsAt === undefined || told === 'firing'
  }

  async #deliver(now: number): Promise<void> {
    const episode = this.state.episode!
    this.#delivering = new AbortController()
    const outcome = await this.#send(episode, this.#delivering.signal)
    const stopped = this.#delivering.signal.aborted
    this.#delivering = undefined
    // The alert may have turned while this was under way; then the next step tells the newer fact.
    if (stopped || this.state.episode !== episode) {
      if (!stopped && outcome === 'delivered' && this.state.episode?.startsAt === episode.startsAt)
        this.state.told = 'firing'
      return
    }
    if (outcome === 'again') {
      const pause = FIRST_BACKOFF_MS * BACKOFF_FACTOR ** this.#failures++
      this.#nextAt = now + Math.min(pause, LONGEST_BACKOFF_MS)
      return
    }
    this.#failures = 0
    this.#nextAt = now + REPEAT_MS
    if (episode.endsAt !== undefined) this.state.told = 'resolved'
    else if (outcome === 'delivered') this.state.told = 'firing'
    this.changed()
  }

  async #send(episode: Episode, stop: AbortSignal): Promise<'delivered' | 'given-up' | 'again'> {
    const { url, keyFile } = this.receiver!
    try {
      const authorization = keyFile === undefined ? {} : { authorization: `Bearer ${keyOf(keyFile)}` }
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Alertmanager/firebreak-sandbox',
          ...authorization,
        },
        body: JSON.stringify(payload(episode, this.url)),
        redirect: 'manual',
        signal: AbortSignal.any([stop, AbortSignal.timeout(10_000)]),
      })
      await response.body?.cancel()
      if (response.ok) {
        this.#printed = ''
        return 'delivered'
      }
      const again = response.status >= 500
      this.#say(`${url} answered ${response.status}; ${again ? 'trying again' : 'not trying again'}`)
      return again ? 'again' : 'given-up'
    } catch (error) {
      if (!stop.aborted) this.#say(`${url} cannot be told: ${why(error)}; trying again`)
      return 'again'
    }
  }

  /** Says each trouble once, not at each attempt. */
  #say(line: string): void {
    if (line !== this.#printed) this.print(line)
    this.#printed = line
  }
}

function keyOf(file: string): string {
  const known = readJson(file) as { people?: { id?: unknown; key?: unknown }[] } | undefined
  if (!known) throw new Error(`there is no key file ${file} yet`)
  const key = known.people?.find(({ id }) => id === 'alertmanager')?.key
  if (typeof key !== 'string') throw new Error(`${file} has no key for alertmanager`)
  return key
}

function why(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure'
  const { cause } = error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message
}
