import { setTimeout as wait } from 'node:timers/promises'
import type { Timers } from '@firebreak/flow'

/** The process's own clock. A round that fails is told of and does not end the others; rounds never overlap. */
export function processTimers(failed: (error: unknown) => void): Timers {
  return {
    sleep: (ms) => wait(ms),
    every: (ms, work) => {
      let busy = false
      const timer = setInterval(() => {
        if (busy) return
        busy = true
        work()
          .catch(failed)
          .finally(() => (busy = false))
      }, ms)
      return () => clearInterval(timer)
    },
  }
}
