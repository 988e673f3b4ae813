import { randomBytes } from 'node:crypto'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig, type Plugin } from 'vite'

/**
 * The renderer. `vite` serves it on the mock API, with no backend at all; `vite --mode api` puts the running API of
 * `npm start` behind it; `vite build --mode demo` makes a page that brings the mock API along, for any server of files. The
 * page calls `/v1` on its own origin in every other case.
 */
export default defineConfig(async ({ mode }) => ({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), ...(mode === 'demo' ? [await demo()] : [])],
  resolve: { conditions: ['@firebreak/source', ...defaultClientConditions] },
  worker: { format: 'es' as const },
  server: { proxy: { '/v1': process.env['FIREBREAK_URL'] ?? 'http://127.0.0.1:4600' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsDir: 'assets',
    // A data: URL would need a wider policy, and the preload helper writes elements that ours has no nonce for.
    assetsInlineLimit: 0,
    modulePreload: false,
    target: 'es2023',
  },
}))

/**
 * Nobody answers for a demo but a server of files: its policy stands in the page itself, and the page is also what such
 * servers answer where they have no file, which is what a path is to them.
 */
async function demo(): Promise<Plugin> {
  const { headersFor } = await import('@firebreak/page')
  const nonce = randomBytes(16).toString('base64')
  const policy = headersFor('page', nonce)['content-security-policy']!.replace(/; frame-ancestors 'none'/, '')
  return {
    name: 'demo',
    transformIndexHtml: {
      order: 'post',
      handler: (html) => ({
        html: html.replaceAll('__NONCE__', nonce),
        tags: [
          {
            tag: 'meta',
            attrs: { 'http-equiv': 'Content-Security-Policy', content: policy },
            injectTo: 'head-prepend',
          },
        ],
      }),
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const page = bundle['index.html']
        if (page?.type === 'asset') this.emitFile({ type: 'asset', fileName: '404.html', source: page.source })
      },
    },
  }
}
