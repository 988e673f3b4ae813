import { parentPort, workerData } from 'node:worker_threads'
import { auditCheck } from './check-command.js'

/** The check itself, in a thread whose memory has an end; `audit-check.ts` has the terminal. */

export type Message = { out: string } | { err: string } | { progress: string } | { code: number }

const say = (message: Message) => parentPort!.postMessage(message)

const code = await auditCheck(workerData as string[], {
  out: (line) => say({ out: line }),
  err: (line) => say({ err: line }),
  progress: (words) => say({ progress: words }),
  now: Date.now,
})
say({ code })
