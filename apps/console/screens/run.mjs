import { runnerImport } from 'vite'

// `npm run screens [-- <part of a name> [width]]`: the script is TypeScript, as everything here; vite reads it.
const { module } = await runnerImport('./screens/take.ts', { resolve: { conditions: ['@firebreak/source', 'node'] } })
const [part = '', width] = process.argv.slice(2)
await module.takeAll(part, width === undefined ? undefined : [Number(width)])
