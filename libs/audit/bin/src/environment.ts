import { masked } from '@firebreak/telemetry'

/** Ends the program with one sentence, or the reason's own; never with a stack, which helps nobody who runs it. */
export function endBecause(program: string, error: unknown): void {
  console.error(`${program}: ${masked(error instanceof Error ? error.message : String(error))}`)
  process.exitCode = 1
  // A launcher's channel would keep the process alive.
  if (process.connected) process.disconnect()
}
