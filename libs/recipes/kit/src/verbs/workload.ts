import { z } from 'zod'

/** `namespace/name`, both DNS labels, as Kubernetes names them. */
export const workload = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'expected namespace/name')
