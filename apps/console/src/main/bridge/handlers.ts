import { z } from 'zod'
import { CHANNELS, type HostInfo, type OpenIncident, type Place } from '../../bridge/surface.js'
import { SignInFailed, SignInOver } from '../account/account.js'
import { BridgeRefusal, register, type Wire } from './register.js'

/** What the page may ask the shell for: everything, and nothing besides. */
export interface Capabilities {
  info(): HostInfo
  signIn(): Promise<void>
  incidents(open: OpenIncident[]): void
  /** The page listens for places to go to from now on; answers the one that waited. */
  listen(): Place | undefined
}

const nothing = z.undefined()

const openIncidents = z
  .array(
    z.strictObject({
      id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
      severity: z.enum(['SEV1', 'SEV2', 'SEV3', 'SEV4']),
      title: z.string().max(1000),
      acknowledged: z.boolean(),
    }),
  )
  .max(200)

/** @param log hears why something failed that the person is told of in a sentence alone */
export function answerThePage(wire: Wire, can: Capabilities, log: (line: string) => void): void {
  const hear = <Asked, Told>(
    channel: string,
    shape: z.ZodType<Asked>,
    handler: (asked: Asked) => Promise<Told> | Told,
  ) => register(wire, channel, shape, handler, log)
  hear(CHANNELS.info, nothing, () => can.info())
  hear(CHANNELS.signIn, nothing, async () => {
    try {
      await can.signIn()
      return null
    } catch (error) {
      if (error instanceof SignInOver) throw new BridgeRefusal('cancelled', error.message)
      if (error instanceof SignInFailed) throw new BridgeRefusal('failed', error.message)
      throw error
    }
  })
  hear(CHANNELS.incidents, openIncidents, (open) => {
    can.incidents(open)
    return null
  })
  hear(CHANNELS.listen, nothing, () => can.listen() ?? null)
}
