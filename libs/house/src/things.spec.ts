import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HouseDirectory, houseScopes } from './directory.js'
import { environmentOf, loadHouse } from './house.js'

const OURS = readFileSync(join(import.meta.dirname, '../../../firebreak.yaml'), 'utf8')

/** What is said about our own house when one text in it is replaced. */
function complaints(written: string, instead: string): string[] {
  expect(OURS).toContain(written)
  try {
    loadHouse(OURS.replace(written, instead), 'firebreak.yaml')
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^firebreak\.yaml:\d+:\d+ /, ''))
  }
  throw new Error('the house was read')
}

const house = loadHouse(OURS, 'firebreak.yaml')

test('our house knows its queues, and what is left out has a default', () => {
  const { queues, buckets } = new HouseDirectory(house).things()
  expect(queues.map(({ name, kind, jobs }) => [name, kind, jobs])).toEqual([
    ['batch', 'bull', undefined],
    ['scans', 'bullmq', undefined],
    ['imports', 'kubernetes', { namespace: 'prod', labels: { app: 'import-document' } }],
  ])
  expect(queues.slice(0, 1)).toEqual([
    {
      name: 'batch',
      service: 'batch',
      environment: 'prod',
      kind: 'bull',
      worker: 'prod/batch',
      inputs: { bucket: 'documents', prefix: 'incoming/', pointer: 'key', formats: ['png'], most_bytes: 20_000_000 },
      outputs: { bucket: 'outputs', key: '{name}.json' },
      corrections: [{ from: 'incomming/', to: 'incoming/' }],
      canary: 2,
      per_minute: 120,
      poison_after: 3,
      most_payload_bytes: 1_000_000,
      quarantine: { bucket: 'quarantine', prefix: 'batch/' },
    },
  ])
  expect(buckets.find(({ name }) => name === 'documents')?.canary_prefix).toBe('.firebreak/')
})

test('an alert may name a service that only things belong to: it runs where they are', () => {
  expect(environmentOf(house, 'batch')).toBe('prod')
  expect(environmentOf(house, 'api')).toBe('prod')
  expect(environmentOf(house, 'nobody')).toBeUndefined()
})

test('a freeze of the service, of its workload or of its pipeline holds the queue', () => {
  expect(houseScopes(house).of(['queue:batch'])).toEqual(
    expect.arrayContaining(['service:batch', 'deployment:prod/batch', 'pipeline:ingest', 'environment:prod']),
  )
})

test('a freeze of a CronJob holds the queue that its Jobs are', () => {
  const made = loadHouse(OURS.replace('labels: { app: import-document }', 'cron_job: import'), 'firebreak.yaml')
  expect(houseScopes(made).of(['queue:imports'])).toEqual(expect.arrayContaining(['cronjob:prod/import', 'environment:prod'])) // prettier-ignore
})

test.each([
  [
    'inputs: { bucket: documents',
    'inputs: { bucket: document',
    'queues.batch.inputs.bucket: found "document", expected one of documents, outputs, quarantine, samples; did you mean documents?',
  ],
  [
    'quarantine: { bucket: quarantine,',
    'quarantine: { bucket: elsewhere,',
    'queues.batch.quarantine.bucket: found "elsewhere", expected one of documents, outputs, quarantine, samples',
  ],
  [
    "key: '{name}.json'",
    'key: output.json',
    'queues.batch.outputs.key: found "output.json", expected a pattern with {key}, {name} or {stem}',
  ],
  ['kind: bull', 'kind: bul', /^queues\.batch\.kind: found "bul", expected one of .*; did you mean bull\?$/],
  [
    'canary: { percent: 10,',
    'canary: { percent: 51,',
    'ocr.documents.canary.percent: found 51, expected a whole number of percent from 1 to 50',
  ],
  [
    'share: fallback_percent',
    'share: engine',
    'ocr.documents.routing.share: found "engine", expected another key than that of the engine',
  ],
  [
    'engine: fallback\n',
    'engine: primary\n',
    'ocr.documents.fallback.engine: found "primary", expected another engine than the primary one',
  ],
  [
    'queue: batch',
    'queue: btch',
    'ocr.documents.queue: found "btch", expected one of batch, scans, imports; did you mean batch?',
  ],
  [
    'kind: bullmq',
    'kind: kubernetes',
    'queues.scans.jobs: found nothing, expected jobs of kind kubernetes, and of no other kind: which Jobs of the cluster the queue is',
  ],
  [
    'labels: { app: import-document }',
    'labels: {}',
    /^queues\.imports\.jobs: .*expected cron_job, labels, or both: all Jobs of a namespace are no queue$/,
  ],
  ['app: import-document', 'app: "a,b"', /^queues\.imports\.jobs\.labels\.app: .*expected the value of a label$/],
  ['formats: [png]', 'formats: [pnk]', /^queues\.batch\.inputs\.formats\[0\]: found "pnk", .*did you mean png\?$/],
  [
    'name: golden-sample\n',
    'name: health\n',
    'smoke.model.checks[1].name: found "health", expected one check of each name',
  ],
  [
    'path: /v1/predict\n',
    'path: //elsewhere/\n',
    /^smoke\.model\.checks\[1\]\.path: .*expected a path that begins with one \//,
  ],
  ['path: /v1/predict\n', 'path: /v1/../admin\n', /expected a path that begins with one \/, without \.\./],
  ['prefix: batch/', 'prefix: batch', /expected the beginning of keys, ending with \/$/],
  ['canary: 2', 'canary: 0', 'queues.batch.canary: found 0, expected a whole number of jobs from 1 to 50'],
])('names what is wrong with it: %s → %s', (written, instead, complaint) => {
  const said = complaints(written, instead)
  expect(said).toHaveLength(1)
  if (typeof complaint === 'string') expect(said[0]).toBe(complaint)
  else expect(said[0]).toMatch(complaint)
})

test('an OCR of which nothing is said goes ahead with a tenth, for a minute', () => {
  const without = OURS.replace('    canary: { percent: 10, seconds: 5 }\n', '').replace(', share: fallback_percent', '')
  const [route] = loadHouse(without, 'firebreak.yaml').things.ocr
  expect(route?.canary).toEqual({ percent: 10, seconds: 60 })
  expect(route?.routing).toEqual({ config_map: 'prod/ocr-routing', key: 'engine' })
})

test('a budget may be of a service that only things belong to', () => {
  expect(() =>
    loadHouse(OURS.replace('{ service: api, runs', '{ service: batch, runs'), 'firebreak.yaml'),
  ).not.toThrow()
  expect(complaints('{ service: api, runs', '{ service: btch, runs')[0]).toContain('did you mean batch?')
})
