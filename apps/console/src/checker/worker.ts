import { carryOut } from './carry-out.js'
import { parseOrder, type Told } from './messages.js'

/*
 * The check, beside the page. The server's policy for this script lets it open no connection at all, so that nothing of
 * what it reads can leave the device. The page ends it when it has answered, or when the person has seen enough.
 */

const worker = self as unknown as DedicatedWorkerGlobalScope
const tell = (told: Told) => worker.postMessage(told)

worker.onmessage = ({ data }: MessageEvent<unknown>) => {
  // What is thrown here is a fault of ours: it reaches the page as the worker's error.
  carryOut(parseOrder(data), tell, () => performance.now()).catch((error: unknown) => {
    setTimeout(() => {
      throw error
    })
  })
}
