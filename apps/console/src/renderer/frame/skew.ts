/*
 * Whether the server has another console by now than the one that is open. It is seen by the name of its script, which
 * is its content. Nobody is interrupted: runs go on without a page, but half a sentence of a postmortem does not.
 */

const SCRIPT = /<script[^>]+src="([^"]+)"/

/** The first script that a page names; undefined when it is no page of ours. */
export const scriptOf = (html: string): string | undefined => SCRIPT.exec(html)?.[1]

/** Asks for the page again. True when it names another script than this one; a server that does not answer says nothing. */
export async function hasNewer(mine: string, ask: typeof fetch = fetch): Promise<boolean> {
  try {
    const answer = await ask('/', { cache: 'no-store', headers: { accept: 'text/html' } })
    if (!answer.ok) return false
    const theirs = scriptOf(await answer.text())
    return theirs !== undefined && theirs !== mine
  } catch {
    return false
  }
}

/** The script that this page came with. */
export const ownScript = (): string =>
  new URL(document.querySelector<HTMLScriptElement>('script[type="module"][src]')?.src ?? '/', location.href).pathname
