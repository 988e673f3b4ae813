import { born } from '../manifests.js'
import {
  ownedBy,
  stamp,
  type Condition,
  type ContainerStatus,
  type KubeObject,
  type Pod,
  type PodTemplate,
} from '../objects.js'
import { pods } from '../resources.js'
import { drawName, keep, type Ground } from './ground.js'

/** The one node that there is not. */
const NODE = 'simulator'

/** How a container came to its end. */
export interface Ending {
  exitCode: number
  /** As in a container's status: `Error`, `OOMKilled`, `Completed`. */
  reason: string
}

/** A pod for its owner, waiting to start. */
export function makePod(ground: Ground, owner: KubeObject, template: PodTemplate): Pod {
  const { namespace = '', name: prefix } = owner.metadata
  const name = drawName(ground, pods, namespace, prefix)
  const { metadata, spec } = template
  const pod = born(
    {
      apiVersion: 'v1',
      kind: pods.kind,
      metadata: {
        name,
        namespace,
        labels: metadata?.labels ?? {},
        annotations: { ...metadata?.annotations, 'firebreak.dev/simulated': 'true' },
        ownerReferences: [ownedBy(owner)],
      },
      spec: { ...spec, nodeName: NODE, serviceAccountName: 'default' },
    },
    ground.seed,
  ) as unknown as Pod
  const made = keep(ground, pods, undefined, { ...pod, status: waiting(pod, addressOf(ground)) }, '')
  ground.recorder.say(
    made,
    'default-scheduler',
    'Normal',
    'Scheduled',
    `Successfully assigned ${namespace}/${name} to ${NODE}`,
  )
  return made
}

/** Its containers run, and it serves. */
export function start(ground: Ground, pod: Pod): Pod {
  const since = stamp()
  const containerStatuses = pod.status.containerStatuses.map((status) => ({
    ...status,
    ready: true,
    started: true,
    state: { running: { startedAt: since } },
  }))
  for (const { name, image } of containerStatuses) {
    ground.logs.write(pod, `simulator: container ${name} started (${image}); nothing runs in it`, { container: name })
    ground.recorder.say(pod, 'kubelet', 'Normal', 'Started', `Started container ${name}`)
  }
  return keep(ground, pods, pod, {
    ...pod,
    status: { ...pod.status, phase: 'Running', conditions: conditions(pod, true), containerStatuses },
  })
}

/** Its first container dies and waits to be started again: `CrashLoopBackOff`. */
export function crash(ground: Ground, pod: Pod, { exitCode, reason }: Ending): Pod {
  const now = stamp()
  const [first, ...others] = pod.status.containerStatuses
  if (!first) return pod
  ground.logs.restart(pod, first.name)
  const terminated = { exitCode, reason, startedAt: first.state.running?.startedAt ?? now, finishedAt: now }
  const dead: ContainerStatus = {
    ...first,
    ready: false,
    started: false,
    restartCount: first.restartCount + 1,
    state: { waiting: { reason: 'CrashLoopBackOff', message: `back-off restarting failed container ${first.name}` } },
    lastState: { terminated },
  }
  ground.recorder.say(
    pod,
    'kubelet',
    'Warning',
    'BackOff',
    `Back-off restarting failed container ${first.name} in pod ${pod.metadata.name}`,
  )
  return keep(ground, pods, pod, {
    ...pod,
    status: { ...pod.status, conditions: conditions(pod, false), containerStatuses: [dead, ...others] },
  })
}

/** Its containers came to their end and are not started again. */
export function finish(ground: Ground, pod: Pod, { exitCode, reason }: Ending): Pod {
  const now = stamp()
  const containerStatuses = pod.status.containerStatuses.map((status) => ({
    ...status,
    ready: false,
    started: false,
    state: { terminated: { exitCode, reason, startedAt: status.state.running?.startedAt ?? now, finishedAt: now } },
  }))
  const phase = exitCode === 0 ? 'Succeeded' : 'Failed'
  return keep(ground, pods, pod, {
    ...pod,
    status: { ...pod.status, phase, conditions: conditions(pod, false), containerStatuses },
  })
}

/** A status that says so already. */
function waiting({ spec, metadata }: Pod, podIP: string): Pod['status'] {
  return {
    phase: 'Pending',
    startTime: metadata.creationTimestamp,
    podIP,
    conditions: conditions(undefined, false),
    containerStatuses: spec.containers.map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready: false,
      started: false,
      restartCount: 0,
      state: { waiting: { reason: 'ContainerCreating' } },
      lastState: {},
    })),
  }
}

function conditions(pod: Pod | undefined, ready: boolean): Condition[] {
  return ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => {
    const status = ready || type === 'PodScheduled' || type === 'Initialized' ? 'True' : 'False'
    const was = pod?.status.conditions.find((known) => known.type === type)
    return { type, status, lastTransitionTime: was?.status === status ? was.lastTransitionTime : stamp() }
  })
}

/** An address of the block for documentation (RFC 5737) that no pod has; with more pods than addresses they share. */
function addressOf({ store }: Ground): string {
  const taken = new Set(store.list(pods).map(({ status }) => status.podIP))
  for (let last = 1; last < 255; last++) if (!taken.has(`192.0.2.${last}`)) return `192.0.2.${last}`
  return '192.0.2.254'
}
