import { createHash, timingSafeEqual } from 'node:crypto'
import { CoreV1Api } from '@kubernetes/client-node'
import { assertHandle, CredentialHands, PortFailure, Secret } from '@firebreak/kit'
import { z } from 'zod'
import { connect, type ConnectionOptions } from './connection.js'
import { failureOf } from './failure.js'

/** Where a secret's value stands in its object. */
const FIELD = 'value'
const kept = z.object({ data: z.object({ [FIELD]: z.base64() }) })

/** Who did it, in the cluster's `managedFields`. */
const fieldManager = 'firebreak'

/**
 * Keeps secrets as Kubernetes Secrets in one namespace, one object each, immutable: the cluster that holds the workloads
 * is the one place that has to be trusted with them anyway. The object's name is a digest, because a handle may be longer
 * and freer than a name there; the handle itself stands beside it as an annotation.
 *
 * It needs create, get and delete on secrets in that namespace, and never lists.
 */
export class KubernetesCredentials extends CredentialHands {
  readonly #core: CoreV1Api

  constructor(
    kubeconfig: string,
    private readonly namespace: string,
    options: ConnectionOptions = { timeoutMs: 10_000 },
  ) {
    super()
    this.#core = connect(CoreV1Api, kubeconfig, options)
  }

  async put(handle: string, secret: Secret): Promise<void> {
    assertHandle(handle)
    const body = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: nameOf(handle),
        labels: { 'app.kubernetes.io/managed-by': 'firebreak' },
        annotations: { 'firebreak.dev/handle': handle },
      },
      type: 'Opaque',
      immutable: true,
      data: { [FIELD]: Buffer.from(secret.reveal()).toString('base64') },
    }
    try {
      await this.#core.createNamespacedSecret({ namespace: this.namespace, body, fieldManager })
    } catch (error) {
      const failure = withoutValue(error, `keep the secret ${handle}`)
      if (failure.kind !== 'conflict') throw failure
      const there = await this.get(handle)
      if (there && same(there, secret)) return
      throw new PortFailure('conflict', `there is another secret under ${handle}`)
    }
  }

  async get(handle: string): Promise<Secret | undefined> {
    assertHandle(handle)
    try {
      const found = await this.#core.readNamespacedSecret({ namespace: this.namespace, name: nameOf(handle) })
      const read = kept.safeParse(found)
      if (!read.success) throw new PortFailure('invalid', `the Secret of ${handle} does not hold what was kept in it`)
      return new Secret(Buffer.from(read.data.data[FIELD], 'base64').toString())
    } catch (error) {
      const failure = withoutValue(error, `read the secret ${handle}`)
      if (failure.kind === 'not-found') return undefined
      throw failure
    }
  }

  async forget(handle: string): Promise<void> {
    assertHandle(handle)
    try {
      await this.#core.deleteNamespacedSecret({ namespace: this.namespace, name: nameOf(handle) })
    } catch (error) {
      const failure = withoutValue(error, `forget the secret ${handle}`)
      if (failure.kind !== 'not-found') throw failure
    }
  }
}

const nameOf = (handle: string): string => `firebreak-${createHash('sha256').update(handle).digest('hex').slice(0, 40)}`

const same = (a: Secret, b: Secret): boolean => {
  const [one, two] = [a, b].map((secret) => createHash('sha256').update(secret.reveal()).digest())
  return timingSafeEqual(one!, two!)
}

/**
 * What went wrong, in our own words alone: a server that refuses an object may repeat what was in it, and a webhook on the
 * way may add anything.
 */
function withoutValue(error: unknown, doing: string): PortFailure {
  const { kind } = failureOf(error, doing)
  return new PortFailure(kind, `${doing}: ${kind}`)
}
