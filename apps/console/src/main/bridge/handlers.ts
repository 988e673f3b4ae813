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

export function answerThePage(wire: Wire, can: Capabilities): void {
  register(wire, CHANNELS.info, nothing, () => can.info())
  register(wire, CHANNELS.signIn, nothing, async () => {
    try {
      await can.signIn()
      return null
    } catch (error) {
      if (error instanceof SignInOver) throw new BridgeRefusal('cancelled', error.message)
      if (error instanceof SignInFailed) throw new BridgeRefusal('failed', error.message)
      throw error
    }
  })
  register(wire, CHANNELS.incidents, openIncidents, (open) => {
    can.incidents(open)
    return null
  })
  register(wire, CHANNELS.listen, nothing, () => can.listen() ?? null)
}
