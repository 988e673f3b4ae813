import type { ServiceDirectory } from '@firebreak/kit'

/** How a target stands to the service that an incident is about. */
export interface Near {
  /** From 0 to 1: 1 is the service itself. */
  closeness: number
  /** What it is to the service, in words that go on with `, 7 min before it began`. */
  words: string
}

/** What an incident is about, and what stands around it. */
export interface Around {
  /** What it is about: its service and the things that belong to that, each as it is shown. */
  about: readonly string[]
  near: ReadonlyMap<string, Near>
}

/**
 * What the house says of a service: its Deployment, the models, OCR and queues that are its own, and what these stand on. Of a
 * service that the house does not know nothing is near.
 */
export function aroundOf(directory: ServiceDirectory, service: string | null): Around {
  const near = new Map<string, Near>()
  // Whoever is told first is nearest.
  const put = (target: string, closeness: number, words: string) => {
    if (!near.has(target)) near.set(target, { closeness, words })
  }
  if (service === null) return { about: [], near }
  const known = directory.service(service)
  const { queues, buckets, models, ocr } = directory.things()
  const own = <Thing extends { service: string }>(things: readonly Thing[]) =>
    things.filter((thing) => thing.service === service)

  put(`service:${service}`, 1, 'the service itself')
  if (known) put(`deployment:${known.deployment}`, 1, 'the service’s own Deployment')
  for (const { name, deployment } of own(models)) {
    put(`model:${name}`, 1, 'the model itself')
    put(`deployment:${deployment}`, 1, `serves the model ${name}`)
  }
  for (const { name, primary, fallback, routing } of own(ocr)) {
    put(`ocr:${name}`, 1, 'the OCR itself')
    put(`deployment:${primary.deployment}`, 1, `runs the engine ${primary.engine}`)
    put(`deployment:${fallback.deployment}`, 0.8, `runs the engine ${fallback.engine}`)
    put(`configmap:${routing.config_map}`, 1, `says which engine reads ${name}`)
  }
  for (const { name, worker } of own(queues)) {
    put(`queue:${name}`, 1, 'the queue itself')
    if (worker) put(`deployment:${worker}`, 1, `works off the queue ${name}`)
  }
  for (const ref of directory.evidence().workloads[service] ?? []) put(`deployment:${ref}`, 1, `runs ${service}`)
  const about = [...near.keys()]
  for (const { name } of own(buckets)) put(`bucket:${name}`, 0.9, `a bucket of ${service}`)

  // What it stands on, or hands over to.
  for (const { name, deployment, hot_reload } of models)
    if (known && hot_reload?.deployment === known.deployment) {
      put(`model:${name}`, 0.7, `a model that ${service} loads`)
      put(`deployment:${deployment}`, 0.6, `serves a model that ${service} loads`)
    }
  for (const { name, queue, primary, fallback } of ocr)
    if (queue !== undefined && about.includes(`queue:${queue}`)) {
      put(`ocr:${name}`, 0.7, `reads what waits in ${queue}`)
      for (const { engine, deployment } of [primary, fallback])
        put(`deployment:${deployment}`, 0.6, `runs the engine ${engine} that reads ${queue}`)
    }
  for (const { name, inputs, outputs, worker } of queues) {
    const fed = own(ocr).some(({ queue }) => queue === name)
    // Its query is all that the house says of what waits behind a service; it names the queue where it is one of the house.
    const behind = known?.metrics.downstream_depth?.includes(`"${name}"`) === true
    if (!fed && !behind && !about.includes(`queue:${name}`)) continue
    put(`queue:${name}`, 0.6, fed ? `waits for ${service}` : `waits behind ${service}`)
    if (worker) put(`deployment:${worker}`, 0.5, `works off the queue ${name}, which ${fed ? 'waits for' : 'waits behind'} ${service}`) // prettier-ignore
    for (const bucket of [inputs.bucket, outputs.bucket]) put(`bucket:${bucket}`, 0.5, `a bucket of the queue ${name}`)
  }
  return { about, near }
}

/** What the house does not connect with the service. A Deployment in the same namespace may take room from it all the same. */
export function asNeighbour(target: string, { near }: Around): Near {
  if (!target.startsWith('deployment:')) return { closeness: 0.1, words: 'of another service' }
  const namespace = (of: string) => of.slice(0, of.indexOf('/'))
  return [...near.keys()].some((one) => one.startsWith('deployment:') && namespace(one) === namespace(target))
    ? { closeness: 0.2, words: 'in the same namespace' }
    : { closeness: 0.1, words: 'elsewhere in the cluster' }
}
