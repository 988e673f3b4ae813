import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { defaultServerConditions, defineConfig } from 'vite'

/** What `vite build --mode …` makes: the shell's two programs, and the one that tries Electron against the port's contract. */
const ENTRIES: Record<string, string> = {
  main: 'src/main/main.ts',
  preload: 'src/preload/preload.ts',
  contract: 'src/main/desktop/testing/contract-main.ts',
}

export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  publicDir: false,
  resolve: { conditions: ['@firebreak/source', ...defaultServerConditions] },
  build: {
    // The Node and the Chromium of Electron 45.
    target: mode === 'preload' ? 'chrome150' : 'node24',
    // Within the page's folder, which `vite build` empties: so that goes first.
    outDir: 'dist/shell',
    emptyOutDir: false,
    minify: false,
    lib: {
      entry: join(import.meta.dirname, ENTRIES[mode]!),
      // A preload in the sandbox cannot be a module.
      formats: [mode === 'preload' ? 'cjs' : 'es'],
      fileName: () => (mode === 'preload' ? 'preload.cjs' : `${mode}.mjs`),
    },
    rolldownOptions: { external: ['electron', ...builtinModules, ...builtinModules.map((name) => `node:${name}`)] },
  },
}))
