import { runVitest } from './lane-runs.js'
import { realSpecs } from './lanes.js'

/**
 * `npm run test:real`: the contract suites against whatever real systems are there. A suite whose system is missing skips
 * itself, and is named here.
 */
const { passed, failed, skipped, output } = await runVitest(realSpecs())
for (const test of skipped) console.log(`skipped: ${test}`)
if (failed > 0) console.log(output)
console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`)
if (failed > 0) process.exitCode = 1
