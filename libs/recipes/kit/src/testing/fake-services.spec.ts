import { credentialsContract } from './credentials-contract.js'
import { FakeCredentials } from './fake-credentials.js'
import { evidenceContract } from './evidence-contract.js'
import { FakeEvidence } from './fake-evidence.js'
import { FakeJobQueues } from './fake-job-queues.js'
import { FakeModelRegistry } from './fake-model-registry.js'
import { FakeObjectStore } from './fake-object-store.js'
import { FakeOcr } from './fake-ocr.js'
import { FakePastRuns } from './fake-past-runs.js'
import { FakeSmoke } from './fake-smoke.js'
import { FakeTraces } from './fake-traces.js'
import { jobQueuesContract } from './job-queues-contract.js'
import { modelRegistryContract } from './model-registry-contract.js'
import { objectStoreContract } from './object-store-contract.js'
import { ocrContract } from './ocr-contract.js'
import { pastRunsContract } from './past-runs-contract.js'
import { smokeContract } from './smoke-contract.js'
import { tracesContract } from './traces-contract.js'

modelRegistryContract('the fake model registry', async () => {
  const registry = new FakeModelRegistry()
  for (let version = 1; version <= 3; version++) registry.register('classifier')
  return {
    reader: registry.reader,
    hands: registry.hands,
    model: 'classifier',
    takeDown: async () => registry.failNext('unreachable'),
  }
})

objectStoreContract('the fake object storage', async () => {
  const store = new FakeObjectStore().bucket('documents')
  return {
    reader: store.reader,
    hands: store.hands,
    bucket: 'documents',
    refuse: async (reason) => void (store.refusing = reason),
    takeDown: async () => void (store.refusing = 'unavailable'),
  }
})

jobQueuesContract('the fake job queues', async () => {
  const queues = new FakeJobQueues()
  return {
    reader: queues.reader,
    hands: queues.hands,
    queue: 'batch',
    fail: async (id, data, reason) => void queues.fail('batch', { id, data, reason }),
    failNext: async (reason) => {
      let given: unknown
      queues.work('batch', ({ data }) => ((given = data), reason))
      return given
    },
    spoil: async (id, text) => {
      const job = (await queues.reader.failedJob('batch', id))!
      queues.fail('batch', { ...job, data: undefined, bytes: text.length })
    },
    takeDown: async () => queues.failNext('unreachable'),
  }
})

ocrContract('the fake OCR', async () => {
  const image = Uint8Array.from([1, 2, 3, 4])
  const ocr = new FakeOcr().engine('primary').teach('primary', image, 'INVOICE 4711')
  return {
    ocr,
    engine: 'primary',
    sample: { image, text: 'INVOICE 4711' },
    takeDown: async () => ocr.failing('primary', 'unreachable'),
  }
})

credentialsContract('the fake keeper of secrets', async () => {
  const credentials = new FakeCredentials()
  return {
    credentials,
    loseNextAnswer: () => credentials.failNext('timeout', { afterEffect: true }),
    forbid: () => credentials.failNext('forbidden'),
  }
})

smokeContract('the fake services', async () => ({
  smoke: new FakeSmoke()
    .answers('model', 'health', { ok: true })
    .answers('model', 'moved', '', { status: 302 })
    .fails('model', 'hangs', 'timeout')
    .fails('model', 'flood', 'invalid')
    .fails('model', 'torn', 'unreachable')
    .fails('model', 'down', 'unreachable'),
  well: { suite: 'model', check: 'health', json: { ok: true } },
  ...{ redirects: 'moved', hangs: 'hangs', answersTooMuch: 'flood', breaksOff: 'torn', down: 'down' },
}))

pastRunsContract('the fake memory of runs', async () => {
  const past = new FakePastRuns()
  return {
    past,
    ran: async ({ id, recipe, facts, state, ended_minutes_ago }) => {
      const made_at = '2026-11-23T03:07:00.000Z'
      past.remember(
        recipe,
        { run: `run_${id}`, plan: `pln_${id}`, made_at, state, because: '', facts },
        ended_minutes_ago,
      )
    },
    // One that goes on is nothing that it remembers.
    isRunning: async () => undefined,
  }
})

evidenceContract('the fake evidence', async () => new FakeEvidence())

tracesContract('the fake traces', async () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736'
  const traces = new FakeTraces().keep(id, { name: 'a' }, { name: 'b' })
  return { traces, there: { id, spans: 2 }, takeDown: async () => void (traces.failing = 'unreachable') }
})
