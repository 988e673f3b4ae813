import type { KnownTarget, Service } from '@firebreak/kit'

/** Everything there is: what the stop switch stops. Every target lies in it. */
export const EVERYTHING = 'house:everything'

/** What flows through several workloads, queues and buckets, as `firebreak.yaml` names it. */
export interface Pipeline {
  name: string
  /** Targets, as steps name them: `deployment:prod/ocr`, `queue:batch`, `bucket:documents`. */
  targets: readonly string[]
}

/**
 * Which scopes a target lies in: itself, the workloads that it lives in, the pipelines of all these, its service, its
 * environment, and the house. Asked when a step is claimed and not when it was planned, so that a pipeline that was defined
 * later covers it too.
 */
export class Scopes {
  readonly #environments: ReadonlySet<string>
  readonly #services: ReadonlySet<string>
  readonly #targets: readonly KnownTarget[]

  /** `targets` are what the house knows besides the Deployments of its services: queues, buckets, models, OCR. */
  constructor(
    services: readonly Service[],
    private readonly pipelines: readonly Pipeline[],
    targets: readonly KnownTarget[] = [],
  ) {
    const served = services.map(({ name, environment, deployment }): KnownTarget => {
      return { target: `deployment:${deployment}`, service: name, environment, within: [] }
    })
    this.#targets = [...served, ...targets]
    this.#services = new Set(this.#targets.map(({ service }) => service))
    this.#environments = new Set(this.#targets.map(({ environment }) => `environment:${environment}`))
  }

  /** The scopes of these targets, each once, sorted. A target that the house does not know lies in every environment. */
  of(targets: readonly string[]): string[] {
    const scopes = new Set([EVERYTHING])
    for (const target of targets) {
      const owners = this.#targets.filter((known) => known.target === target)
      const places = [target, ...owners.flatMap(({ within }) => within)]
      for (const place of places) scopes.add(place)
      for (const { name } of this.pipelines.filter((pipeline) => places.some((at) => pipeline.targets.includes(at))))
        scopes.add(`pipeline:${name}`)
      for (const { service, environment } of owners) scopes.add(`service:${service}`).add(`environment:${environment}`)
      // What nobody has described is not outside: a freeze that misses it would be one with a hole.
      if (owners.length === 0) for (const environment of this.#environments) scopes.add(environment)
    }
    return [...scopes].sort()
  }

  /** Whether this names something: a service, a pipeline, an environment of the house, or a target (`kind:name`). */
  knows(scope: string): boolean {
    const [kind, name] = [scope.slice(0, scope.indexOf(':')), scope.slice(scope.indexOf(':') + 1)]
    switch (kind) {
      case 'house':
        return scope === EVERYTHING
      case 'environment':
        return this.#environments.has(scope)
      case 'service':
        return this.#services.has(name)
      case 'pipeline':
        return this.pipelines.some((pipeline) => pipeline.name === name)
      default:
        return TARGET.test(scope)
    }
  }

  /** What a person may name besides targets, for the error that says so. */
  names(): string[] {
    return [
      ...this.#environments,
      ...[...this.#services].map((name) => `service:${name}`),
      ...this.pipelines.map(({ name }) => `pipeline:${name}`),
      EVERYTHING,
    ]
  }
}

/** The kinds of target that verbs touch; any other word in front is a typing error, and would freeze nothing. */
const TARGET =
  /^(?:deployment|statefulset|job|cronjob|autoscaler|queue|bucket|model|ocr|credential|route|configmap):[!-~]{1,180}$/
