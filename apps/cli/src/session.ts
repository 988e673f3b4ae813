import { createFirebreakClient, type FirebreakClient } from '@firebreak/client'
import { events, type StreamedEvent } from './asking/events.js'
import { sending } from './asking/sending.js'
import { until } from './asking/until.js'
import { Ended, EXIT } from './exits.js'
import { isInTheClear, type Settings } from './settings.js'
import type { Output } from './terminal/output.js'

/** The person at the terminal, where there is one. */
export interface Person {
  /** Both ends are a terminal, so a question can be asked. */
  there: boolean
  /** Asks on stderr; answers what was typed, or undefined at the end of the input. */
  ask: (question: string) => Promise<string | undefined>
  /** All of stdin, as it was piped in. */
  input: () => Promise<string>
}

/** What the outside gives a command: replaced in specs. */
export interface Outside {
  fetch: typeof globalThis.fetch
  sleep: (ms: number) => Promise<void>
  now: () => number
  env: NodeJS.ProcessEnv
  /** Where names of files that a person types begin. */
  cwd: string
  checkout: string
  signal: AbortSignal
  person: Person
}

/** All that a command speaks with. */
export class Session {
  private client: FirebreakClient | undefined
  private read: Settings | undefined

  /** @param readSettings called at most once, by the first who needs to know */
  constructor(
    readonly out: Output,
    private readonly readSettings: () => Settings,
    readonly outside: Outside,
  ) {}

  /** Where to ask, and as whom. Throws Ended where that is set wrong: only what asks the API is kept from working by it. */
  get settings(): Settings {
    this.read ??= this.readSettings()
    return this.read
  }

  /** The API, as whoever the token says. Every write has its idempotency key, and what can be tried again is. */
  get api(): FirebreakClient {
    this.client ??= createFirebreakClient({ baseUrl: this.settings.url, fetch: this.fetch })
    return this.client
  }

  get fetch(): typeof globalThis.fetch {
    const { fetch, now, signal, sleep } = this.outside
    const { token, url } = this.settings
    return sending({ url, token, fetch, sleep, now, signal, say: (line) => this.out.say(line) })
  }

  events(): AsyncGenerator<StreamedEvent> {
    const { fetch, signal, sleep } = this.outside
    const { token, url } = this.settings
    return events({ url, token, fetch, sleep, signal, say: (line) => this.out.say(line) })
  }

  /** As `until`, as long as `--timeout` says. */
  until<T>(what: string, look: (told: (progress: string) => void) => Promise<T | undefined>): Promise<T> {
    const { now, sleep } = this.outside
    return until(what, { timeoutMs: this.settings.timeoutMs, now, sleep, say: (line) => this.out.say(line) }, look)
  }

  /** Throws Ended (exit 4) with how to get a token. */
  insistOnToken(): void {
    if (this.settings.token === undefined)
      throw new Ended(
        EXIT.notSignedIn,
        'you are not signed in. Put an API key into FIREBREAK_TOKEN, or into a file of mode 0600 named by --token-file, FIREBREAK_TOKEN_FILE or ~/.config/firebreak/token. In the sandbox --as hannah takes the key that npm start made.',
        'not-signed-in',
      )
    this.warnInTheClear()
  }

  /** Says so where a token goes along that others can read on the way. */
  warnInTheClear(): void {
    const { token, url } = this.settings
    if (token !== undefined && isInTheClear(url))
      this.out.say(`careful: ${url} is not https, so your token can be read on the way there`)
  }
}
