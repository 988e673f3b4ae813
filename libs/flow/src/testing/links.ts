import { checks, Fault } from '@firebreak/audit-log'
import type { Draft } from '../audit.js'

/** What the auditor's check `chain` says of this log: the first link that does not hold, or undefined. */
export function brokenLink(log: readonly Draft[]): string | undefined {
  const chain = checks.find(({ name }) => name === 'chain')!
  const watch = chain.start({ manifest: { completeness: 'FULL' } } as never) as unknown as {
    see: (batch: { entry: Draft; index: number }[]) => void
  }
  try {
    watch.see(log.map((entry, index) => ({ entry, index })))
    return undefined
  } catch (error) {
    if (error instanceof Fault) return error.message
    throw error
  }
}
