import { randomUUID } from 'node:crypto'
import { modelRegistryContract } from '@firebreak/kit/testing'
import { describe, test } from 'vitest'
import { MlflowHands, MlflowReader } from './registry.js'

/** The same contract on a real MLflow, in a model of its own, which is deleted afterwards. */
const { MLFLOW_URL: url, FIREBREAK_TEST_REAL: meant } = process.env

if (url && meant === '1') {
  const call = async (method: string, path: string, fields: object) => {
    const response = await fetch(new URL(`api/2.0/mlflow/${path}`, url.endsWith('/') ? url : `${url}/`), {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  }
  modelRegistryContract('the MLflow adapter on MLFLOW_URL', async () => {
    const name = `firebreak-test-${randomUUID()}`
    await call('POST', 'registered-models/create', { name })
    for (let version = 1; version <= 3; version++)
      await call('POST', 'model-versions/create', { name, source: `s3://models/${name}/${version}` })
    return {
      reader: new MlflowReader(url),
      hands: new MlflowHands(url),
      model: name,
      close: () => call('DELETE', 'registered-models/delete', { name }),
    }
  })
} else {
  const why = url ? 'FIREBREAK_TEST_REAL is not 1' : 'MLFLOW_URL is not set'
  describe.skip('the MLflow adapter on a real MLflow', () => {
    test(`skipped: ${why}`, () => undefined)
  })
  console.info(`skipped: the model registry contract on a real MLflow: ${why}`)
}
