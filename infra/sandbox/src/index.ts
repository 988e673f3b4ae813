export { faults, type Fault } from './faults.js'
export type { Effect } from './kubernetes/api.js'
export { alertOf, type AlertLabels } from './monitors/alerting.js'
export { startSandbox, type Sandbox, type SandboxOptions, type SandboxState } from './sandbox.js'
