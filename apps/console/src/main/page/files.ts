import { lstat, readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'

/** The built page: what the shell serves is exactly what was there when it started. */
export interface PageFiles {
  /** The text of `index.html`, with the places for the nonce. */
  html: string
  /** By path: `/assets/index-1a2b.js`. */
  assets: ReadonlyMap<string, Asset>
}

export interface Asset {
  type: string
  bytes: Uint8Array<ArrayBuffer>
}

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

/**
 * Reads the folder that `vite build` makes. A link is not followed, and a kind of file that no page of ours uses is not
 * served. Throws when there is no page.
 */
export async function readPage(folder: string): Promise<PageFiles> {
  const html = await readFile(join(folder, 'index.html'), 'utf8').catch(() => {
    throw new Error(`There is no page in ${folder}: npm run build --workspace apps/console makes it.`)
  })
  const assets = new Map<string, Asset>()
  for (const name of await readdir(join(folder, 'assets')).catch(() => [])) {
    const type = TYPES[extname(name)]
    const file = join(folder, 'assets', name)
    if (type === undefined || !(await lstat(file)).isFile()) continue
    assets.set(`/assets/${name}`, { type, bytes: new Uint8Array(await readFile(file)) })
  }
  return { html, assets }
}
