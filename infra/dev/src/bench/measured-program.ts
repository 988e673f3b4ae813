import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

/** What a program took in a process of its own. */
export interface Took {
  seconds: number
  /** The most it had in memory at any time, MiB; NaN where there is no /proc. */
  peakMiB: number
  code: number
  said: string
}

export async function measured(program: string, args: readonly string[]): Promise<Took> {
  const began = performance.now()
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  let said = ''
  let peakMiB = Number.NaN
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  // The kernel keeps the highest mark itself; only the last look has to come before the end.
  const look = () => {
    const mark = peakOf(child.pid!)
    if (mark !== undefined) peakMiB = mark
  }
  const looking = setInterval(look, 20)
  const [code] = (await once(child, 'close')) as [number | null]
  clearInterval(looking)
  return { seconds: (performance.now() - began) / 1_000, peakMiB, code: code ?? -1, said }
}

/** `VmHWM` of a process that runs. */
export function peakOf(pid: number | 'self'): number | undefined {
  return fromStatus(pid, 'VmHWM')
}

export const residentOf = (pid: number | 'self'): number | undefined => fromStatus(pid, 'VmRSS')

function fromStatus(pid: number | 'self', name: string): number | undefined {
  try {
    const found = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return found === undefined ? undefined : Number(found) / 1_024
  } catch {
    return undefined
  }
}
