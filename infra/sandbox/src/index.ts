export { faults, type Fault } from './faults.js'
export type { Effect } from './kubernetes/api.js'
export { startSandbox, type Sandbox, type SandboxOptions, type SandboxState } from './sandbox.js'
