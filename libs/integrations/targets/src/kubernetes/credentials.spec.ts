import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { credentialsContract } from '@firebreak/kit/testing'
import { startSandbox } from '@firebreak/sandbox'
import { KubernetesCredentials } from './credentials.js'

credentialsContract('the Kubernetes adapter on the sandbox', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'firebreak-credentials-'))
  const sandbox = await startSandbox({ dir, speed: 20 })
  const as = (kubeconfig: string) => new KubernetesCredentials(kubeconfig, 'prod', { timeoutMs: 5_000 })
  // The sandbox's own hands have the rights that verbs of the catalogue need, and none of those keeps a secret yet.
  let of = as(sandbox.kubeconfigs.operator)
  return {
    credentials: {
      put: (handle, secret) => of.put(handle, secret),
      get: (handle) => of.get(handle),
      forget: (handle) => of.forget(handle),
    },
    loseNextAnswer: () => void sandbox.break('hang'),
    forbid: () => void (of = as(sandbox.kubeconfigs.reader)),
    close: async () => {
      await sandbox.stop()
      await rm(dir, { recursive: true })
    },
  }
})
