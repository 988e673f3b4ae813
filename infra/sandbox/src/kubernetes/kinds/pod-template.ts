import type { PodTemplate } from '../objects.js'
import { isObject, missing, wrong } from '../resource.js'
import type { Cause } from '../status.js'

/** What the API server fills into a template of pods, as far as anything here shows it. */
export function withPodDefaults<Template extends PodTemplate>(template: Template, restartPolicy = 'Always'): Template {
  if (!isObject(template) || !isObject(template.spec) || !Array.isArray(template.spec.containers)) return template
  return {
    ...template,
    metadata: { creationTimestamp: null, ...template.metadata },
    spec: {
      restartPolicy,
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      securityContext: {},
      ...template.spec,
      containers: template.spec.containers.map((container) => {
        if (!isObject(container)) return container
        const { ports } = container
        return {
          imagePullPolicy: 'IfNotPresent',
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          ...container,
          ...(Array.isArray(ports)
            ? { ports: ports.map((port) => (isObject(port) ? { protocol: 'TCP', ...port } : port)) }
            : {}),
        }
      }),
    },
  }
}

/** What is wrong with a template of pods. The API server knows many more rules. */
export function podFaults(template: unknown, field: string): Cause[] {
  const spec = isObject(template) && isObject(template.spec) ? template.spec : {}
  const at = `${field}.spec.containers`
  const { containers } = spec
  if (!Array.isArray(containers) || containers.length === 0) return [missing(at)]
  const names = new Set<unknown>()
  return containers.flatMap((container: unknown, index): Cause[] => {
    if (!isObject(container)) return [wrong(`${at}[${index}]`, container, 'must be an object')]
    const { name, image } = container
    if (typeof name !== 'string' || name === '') return [missing(`${at}[${index}].name`)]
    if (typeof image !== 'string' || image === '') return [missing(`${at}[${index}].image`)]
    if (names.has(name))
      return [{ reason: 'FieldValueDuplicate', field: `${at}[${index}].name`, message: `Duplicate value: "${name}"` }]
    names.add(name)
    return []
  })
}

/** The names and images of the containers, as `-o wide` shows them. */
export const containersOf = ({ spec: { containers } }: PodTemplate): { names: string; images: string } => ({
  names: containers.map(({ name }) => name).join(','),
  images: containers.map(({ image }) => image).join(','),
})
