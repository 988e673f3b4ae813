import { runnerImport } from 'vite'

// `npm run bench:console [-- size|row|press|many]`: the script is TypeScript, as everything here; vite reads it.
const { module } = await runnerImport('./bench/bench.ts', { resolve: { conditions: ['@firebreak/source', 'node'] } })
process.exitCode = (await module.bench(process.argv[2])) ? 0 : 1
