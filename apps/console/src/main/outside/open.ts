import { judgeLink } from './links.js'

export interface Outside {
  /** Electron's own. Called here, and nowhere else in the shell. */
  openExternal(url: string): Promise<void>
  /** Shows the host, and hears whether it is to be opened. */
  ask(host: string): Promise<boolean>
  /** Says that a link was not opened, and why. */
  say(why: string): void
}

/** The one way in which an address leaves for the system's browser. */
export class Opener {
  /** Hosts that were said yes to since the start. */
  private readonly known = new Set<string>()

  constructor(
    private readonly outside: Outside,
    private readonly allowed: readonly string[],
  ) {}

  /** A link that somebody pressed. It never rejects; answers whether it was opened. */
  async open(address: string): Promise<boolean> {
    const judged = judgeLink(address, this.allowed)
    if (!judged.open) {
      this.outside.say(`This link is not opened: ${judged.why}.`)
      return false
    }
    if (!this.known.has(judged.host) && !(await this.outside.ask(judged.host))) return false
    this.known.add(judged.host)
    return this.leave(judged.url)
  }

  /** Where people sign in: the provider that the policy file names, and no other. */
  async openProvider(address: string, issuer: string): Promise<boolean> {
    const url = URL.parse(address)
    if (url?.origin !== new URL(issuer).origin || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
      this.outside.say('The identity provider names a place of another host to sign in at: it is not opened.')
      return false
    }
    return this.leave(url.href)
  }

  private async leave(url: string): Promise<boolean> {
    try {
      await this.outside.openExternal(url)
      return true
    } catch {
      this.outside.say('The system has no browser that opens this link.')
      return false
    }
  }
}
