import type { z } from 'zod'
import type { BridgeError, Outcome } from '../../bridge/surface.js'
import { ours } from '../page/address.js'

/** Who sent something over the bridge, as far as it is looked at. */
export interface Sender {
  /** The frame's address at the time; undefined when it is gone. */
  url: string | undefined
  isMainFrame: boolean
}

/** Where the messages of the page arrive. Electron's is used here, and nowhere else in the shell. */
export abstract class Wire {
  abstract handle(channel: string, answer: (sender: Sender, args: unknown[]) => Promise<unknown>): void
}

/** Thrown by a handler for what the person may read. Anything else becomes a sentence that tells nothing. */
export class BridgeRefusal extends Error {
  constructor(
    readonly code: BridgeError['code'],
    message: string,
  ) {
    super(message)
  }
}

const MOST = 64 * 1024

/**
 * The one way to hear the page: only from our page in a main frame, only what the shape allows, only an answer that is
 * plain data.
 * @param log hears what the page is not told
 */
export function register<Asked, Told>(
  wire: Wire,
  channel: string,
  shape: z.ZodType<Asked>,
  handler: (asked: Asked) => Promise<Told> | Told,
  log: (line: string) => void,
): void {
  wire.handle(channel, async (sender, args): Promise<Outcome<Told>> => {
    if (!sender.isMainFrame || sender.url === undefined || !ours(sender.url))
      return refused('not-ours', 'Only the console’s own page is heard.')
    const [given, ...more] = args
    const asked = more.length === 0 && isSmall(given) ? shape.safeParse(given) : undefined
    if (!asked?.success) return refused('malformed', `This is nothing that ${channel} takes.`)
    try {
      return { ok: true, value: await handler(asked.data) }
    } catch (error) {
      if (error instanceof BridgeRefusal) return refused(error.code, error.message)
      log(`${channel} failed: ${error instanceof Error ? error.message : String(error)}`)
      return refused('failed', 'The shell failed at this; its log says why.')
    }
  })
}

const refused = (code: BridgeError['code'], message: string) => ({ ok: false, error: { code, message } }) as const

/** Plain data of a size that somebody meant to send. */
function isSmall(given: unknown): boolean {
  try {
    return given === undefined || JSON.stringify(given).length <= MOST
  } catch {
    return false
  }
}
