import type { WorkloadRef } from '@firebreak/kit'

/** `namespace/name` in the parts that the API's paths are made of. */
export function split(ref: WorkloadRef): { namespace: string; name: string } {
  const at = ref.indexOf('/')
  return { namespace: ref.slice(0, at), name: ref.slice(at + 1) }
}
