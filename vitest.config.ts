import { defineConfig } from 'vitest/config'

const conditions = ['@firebreak/source', 'node']

/** One configuration for every project: tests read the sources, so nothing has to be built first. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['**/src/**/*.spec.{ts,tsx}', '**/e2e/**/*.e2e.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '.firebreak/**'],
    pool: 'forks',
    // Files that share a process load the sources once: a third of the CPU. A spec leaves the process as it found it.
    isolate: false,
    // For what hangs, and not for what is slow: nothing is told from how long a busy machine takes.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 10_000 } },
  },
})
