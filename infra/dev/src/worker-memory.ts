/**
 * What Node is told before the worker's program, wherever it is started. What an export reads dies young, and V8 would keep up
 * to 100 MiB for it; with semi-spaces of 4 MiB a million entries go out as fast and take a third of that (`npm run bench -- audit`).
 */
export const WORKER_MEMORY = ['--max-semi-space-size=4'] as const
