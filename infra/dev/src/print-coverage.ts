import { coverageOf, duties, tableOf, totalOf } from './coverage.js'

/** `npm run coverage`: every line of the on-call checklist, what does it, and what shows that it works. */
const covered = coverageOf(duties())
process.stdout.write([...tableOf(covered), '', totalOf(covered), ''].join('\n'))
process.exitCode = covered.some(({ says }) => says === 'not rehearsed') ? 1 : 0
