import { join } from 'node:path'
import { PATIENCE } from './moments.js'
import { Victim } from './victim.js'

/** Built workers as victims. They differ in what `each` says of them; `before` is preloaded into their program. */
export function workerVictims(
  many: number,
  folder: string,
  env: Record<string, string>,
  { before = [], each = () => ({}) }: { before?: string[]; each?: (number: number) => Record<string, string> } = {},
): Victim[] {
  return Array.from({ length: many }, (_, at) => {
    const number = at + 1
    return new Victim(
      {
        name: `worker-${number}`,
        args: [...before.flatMap((file) => ['--import', file]), 'apps/worker/dist/main.js'],
        env: {
          FIREBREAK_BLOBS: join(folder, 'blobs'),
          FIREBREAK_TENURE_S: String(PATIENCE.tenureS),
          FIREBREAK_SWEEP_MS: '300',
          ...env,
          ...each(number),
        },
      },
      join(folder, 'logs'),
    )
  })
}
