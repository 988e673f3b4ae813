import { isDeepStrictEqual } from 'node:util'
import { decide, STABILISATION_MS, wish } from '../../world/autoscaler.js'
import { stamp, type Autoscaler, type Deployment } from '../objects.js'
import { autoscalers, deployments } from '../resources.js'
import { condition, keep, type Ground, type Weather } from './ground.js'

const COMPONENT = 'horizontal-pod-autoscaler'
/** How often an autoscaler looks. */
const LOOK_MS = 1_000

/** Scales Deployments by their load, within bounds. What somebody scaled by hand it takes back with its next look. */
export class Autoscalers {
  #lastLook = 0
  readonly #wishes = new Map<string, { at: number; replicas: number }[]>()

  constructor(private readonly ground: Ground) {}

  step(now: number, weather: Weather): void {
    if (now - this.#lastLook < LOOK_MS) return
    this.#lastLook = now
    for (const autoscaler of this.ground.store.list(autoscalers)) this.#look(autoscaler, now, weather)
  }

  #look(autoscaler: Autoscaler, now: number, { utilisation }: Weather): void {
    const { namespace = '', uid } = autoscaler.metadata
    const { scaleTargetRef, minReplicas: min, maxReplicas: max } = autoscaler.spec
    const deployment =
      scaleTargetRef.kind === 'Deployment'
        ? this.ground.store.get(deployments, namespace, scaleTargetRef.name)
        : undefined
    if (!deployment) return this.#lost(autoscaler)
    const ready = deployment.status.readyReplicas ?? 0
    const { replicas } = deployment.spec
    // Load is simulated for one Deployment; an autoscaler of another has no metrics, and only keeps its bounds.
    const measured = namespace === 'prod' && scaleTargetRef.name === 'api' && ready > 0
    // Pods that are not ready yet carry no load; counting them would ask for more with every look.
    const wanted = { at: now, replicas: measured ? wish(ready, utilisation) : replicas }
    const wishes = [...(this.#wishes.get(uid) ?? []), wanted]
    this.#wishes.set(
      uid,
      wishes.filter(({ at }) => now - at <= STABILISATION_MS),
    )
    // Nobody asks for pods: Kubernetes leaves a workload alone that was scaled to none.
    const desired = replicas === 0 ? 0 : decide(wishes, { min, max }, now)
    if (desired !== replicas) this.#scale(autoscaler, deployment, desired, wanted.replicas)
    this.#report(autoscaler, deployment, desired, measured ? utilisation : undefined, wanted.replicas)
  }

  #scale(autoscaler: Autoscaler, deployment: Deployment, replicas: number, wanted: number): void {
    const metadata = { ...deployment.metadata, generation: (deployment.metadata.generation ?? 1) + 1 }
    keep(
      this.ground,
      deployments,
      deployment,
      { ...deployment, metadata, spec: { ...deployment.spec, replicas } },
      'scale',
    )
    const { minReplicas: min, maxReplicas: max } = autoscaler.spec
    const why =
      deployment.spec.replicas < min
        ? 'Current number of replicas below Spec.MinReplicas'
        : deployment.spec.replicas > max
          ? 'Current number of replicas above Spec.MaxReplicas'
          : wanted > deployment.spec.replicas
            ? 'cpu resource utilization (percentage of request) above target'
            : 'All metrics below target'
    this.ground.recorder.say(
      autoscaler,
      COMPONENT,
      'Normal',
      'SuccessfulRescale',
      `New size: ${replicas}; reason: ${why}`,
    )
  }

  #report(
    autoscaler: Autoscaler,
    deployment: Deployment,
    desired: number,
    utilisation: number | undefined,
    wanted: number,
  ): void {
    const { conditions: known, lastScaleTime } = autoscaler.status
    const { minReplicas: min, maxReplicas: max } = autoscaler.spec
    const limited = wanted > max ? 'TooManyReplicas' : wanted < min ? 'TooFewReplicas' : undefined
    const limit = limited === 'TooManyReplicas' ? 'more than the maximum' : 'less than the minimum'
    const moved = desired !== deployment.spec.replicas
    const percent = Math.round(Math.min(utilisation ?? 0, 99) * 100)
    const status = {
      observedGeneration: autoscaler.metadata.generation ?? 1,
      ...(moved ? { lastScaleTime: stamp() } : lastScaleTime ? { lastScaleTime } : {}),
      currentReplicas: deployment.spec.replicas,
      desiredReplicas: desired,
      ...(utilisation === undefined
        ? {}
        : {
            currentMetrics: [
              {
                type: 'Resource',
                resource: { name: 'cpu', current: { averageUtilization: percent, averageValue: `${percent * 2}m` } },
              },
            ],
          }),
      conditions: [
        condition(
          known,
          {
            type: 'AbleToScale',
            holds: true,
            reason: moved ? 'SucceededRescale' : 'ReadyForNewScale',
            message: moved
              ? `the HPA controller was able to update the target scale to ${desired}`
              : 'recommended size matches current size',
          },
          'plain',
        ),
        condition(
          known,
          utilisation === undefined
            ? {
                type: 'ScalingActive',
                holds: false,
                reason: 'FailedGetResourceMetric',
                message: 'the sandbox simulates load for prod/api only',
              }
            : {
                type: 'ScalingActive',
                holds: true,
                reason: 'ValidMetricFound',
                message:
                  'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
              },
          'plain',
        ),
        condition(
          known,
          limited
            ? {
                type: 'ScalingLimited',
                holds: true,
                reason: limited,
                message: `the desired replica count is ${limit} replica count`,
              }
            : {
                type: 'ScalingLimited',
                holds: false,
                reason: 'DesiredWithinRange',
                message: 'the desired count is within the acceptable range',
              },
          'plain',
        ),
      ],
    }
    if (!isDeepStrictEqual(status, autoscaler.status))
      keep(this.ground, autoscalers, autoscaler, { ...autoscaler, status })
  }

  #lost(autoscaler: Autoscaler): void {
    const { kind, name } = autoscaler.spec.scaleTargetRef
    const lost = {
      type: 'AbleToScale',
      holds: false,
      reason: 'FailedGetScale',
      message: `there is no ${kind} ${name} to scale`,
    }
    const status = {
      currentReplicas: 0,
      desiredReplicas: 0,
      conditions: [condition(autoscaler.status.conditions, lost, 'plain')],
    }
    if (isDeepStrictEqual(status, autoscaler.status)) return
    keep(this.ground, autoscalers, autoscaler, { ...autoscaler, status })
    this.ground.recorder.say(autoscaler, COMPONENT, 'Warning', lost.reason, lost.message)
  }
}
