import { runnerImport } from 'vite'

// `npm run screens [-- <part of a name>]`: the script is TypeScript, as everything here; vite reads it.
const { module } = await runnerImport('./screens/take.ts', { resolve: { conditions: ['@firebreak/source', 'node'] } })
await module.takeAll(process.argv[2] ?? '')
