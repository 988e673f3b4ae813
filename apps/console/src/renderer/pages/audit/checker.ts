import url from '../../../checker/worker.ts?worker&url'
import { parseTold, plain, type Order, type Told } from '../../../checker/messages.js'

/** What of Trusted Types is used here; TypeScript's own library does not have them yet. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(asked: string): string },
  ): { createScriptURL(asked: string): unknown }
}

/**
 * The page's policy wants every script's address vouched for, and knows one name of ours (`headers.ts` in the API). Who
 * asks through it gets this one script, and nothing else.
 */
const vouched = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('firebreak-checker', {
  createScriptURL: (asked) => {
    if (asked !== url) throw new TypeError('no script but the checker is started from here')
    return asked
  },
}) ?? { createScriptURL: (asked: string) => asked }

/**
 * Has a worker of its own carry out the order. It is ended when it has answered, so that nothing of a bundle stays in
 * memory; the returned function ends it before that, whatever it is doing.
 */
export function carryOut(order: Order, tell: (told: Told) => void, broke: (sentence: string) => void): () => void {
  const worker = new Worker(vouched.createScriptURL(url) as string, { type: 'module', name: 'checker' })
  worker.onmessage = ({ data }: MessageEvent<unknown>) => {
    try {
      const told = parseTold(data)
      if (told.told !== 'progress') worker.terminate()
      tell(told)
    } catch (error) {
      worker.terminate()
      broke(plain(String(error)))
    }
  }
  worker.onerror = (event) => {
    event.preventDefault()
    worker.terminate()
    broke(plain(event.message || 'its script could not be loaded. Load the page again.'))
  }
  worker.postMessage(order)
  return () => worker.terminate()
}
