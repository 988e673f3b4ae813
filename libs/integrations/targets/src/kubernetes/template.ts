import type { Asks, TemplateContainer } from '@firebreak/kit'
import { z } from 'zod'
import { amounts, quantity } from './quantity.js'

/** The template of pods of a Deployment or a Job. */
export const template = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }).prefault({}),
  spec: z.object({
    containers: z.array(
      z.object({
        name: z.string(),
        image: z.string().default(''),
        env: z
          .array(z.object({ name: z.string(), value: z.string().nullish(), valueFrom: z.unknown().optional() }))
          .default([]),
        resources: z.object({ requests: amounts, limits: amounts }).prefault({}),
      }),
    ),
  }),
})
type Template = z.output<typeof template>

/** What one pod asks for, in all. A request that is left out is what the limit says, as the API server fills it in. */
export function asksOf({ spec: { containers } }: Template): Asks {
  const total = (of: 'requests' | 'limits', resource: 'cpu' | 'memory'): number | null =>
    containers.reduce<number | null>((sum, { resources }) => {
      const amount = resources[of][resource] ?? (of === 'requests' ? resources.limits[resource] : undefined)
      return sum === null || amount === undefined
        ? null
        : sum + quantity(amount, resource === 'cpu' ? 'millis' : 'pieces')
    }, 0)
  const both = (of: 'requests' | 'limits') => ({ cpu_millis: total(of, 'cpu'), memory_bytes: total(of, 'memory') })
  return { requests: both('requests'), limits: both('limits') }
}

export const containersOf = ({ spec: { containers } }: Template): TemplateContainer[] =>
  containers.map(({ name, image, env }) => ({
    name,
    image,
    env: Object.fromEntries(
      env.flatMap(({ name, value, valueFrom }) => (valueFrom == null ? [[name, value ?? '']] : [])),
    ),
  }))
