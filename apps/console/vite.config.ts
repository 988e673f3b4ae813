import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

/**
 * The renderer. `vite` serves it on the mock API, with no backend at all; `vite --mode api` puts the running API of
 * `npm start` behind it. The page calls `/v1` on its own origin in every case.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react()],
  resolve: { conditions: ['@firebreak/source', ...defaultClientConditions] },
  worker: { format: 'es' },
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
})
