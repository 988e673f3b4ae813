import { headersFor, withNonce } from '@firebreak/page'
import { safePath } from './address.js'
import type { PageFiles } from './files.js'

export interface Serving {
  files: PageFiles
  /** Base64, another one for each answer. */
  nonce(): string
  /** `/v1/…`, and nothing else. */
  proxy(request: Request, path: string, search: string): Promise<Response>
  /** What is shown when the page itself fails again and again; plain text without a script. */
  safePage(): string
}

export const SAFE_PAGE = '/safe'

/**
 * Everything that the page may load: itself, the files that were built with it, and the API through `proxy`. A function of
 * the request alone, as `protocol.handle` takes it; tests call it in Node and put it before a real browser.
 */
export const pageHandler =
  ({ files, nonce, proxy, safePage }: Serving) =>
  async (request: Request): Promise<Response> => {
    const path = safePath(request.url)
    if (!path) return nothing()
    if (path.startsWith('/v1/')) return proxy(request, path, new URL(request.url).search)
    if (request.method !== 'GET' && request.method !== 'HEAD') return nothing(405, { allow: 'GET, HEAD' })
    const body = request.method === 'HEAD' ? () => null : <T>(value: T) => value
    const asset = files.assets.get(path)
    if (asset)
      return new Response(body(asset.bytes), {
        headers: {
          ...headersFor('script'),
          'content-type': asset.type,
          // Its name carries a hash of its content.
          'cache-control': 'public, max-age=31536000, immutable',
        },
      })
    if (path === SAFE_PAGE)
      return new Response(body(safePage()), { headers: { ...headersFor('api'), 'content-type': HTML } })
    // A file that was not built, or an API that there is not, is no page: as on the web (apps/api/src/page).
    if (path.startsWith('/assets') || /^\/v\d+$/.test(path) || /\.\w{1,8}$/.test(path)) return nothing()
    const once = nonce()
    return new Response(body(withNonce(files.html, once)), {
      headers: { ...headersFor('page', once), 'content-type': HTML },
    })
  }

const HTML = 'text/html; charset=utf-8'

const nothing = (status = 404, more: Record<string, string> = {}): Response =>
  new Response(null, { status, headers: { ...headersFor('api'), ...more } })
