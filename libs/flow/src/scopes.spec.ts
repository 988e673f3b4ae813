import { aService } from '@firebreak/kit/testing'
import { describe, expect, test } from 'vitest'
import { EVERYTHING, Scopes } from './scopes.js'

const scopes = new Scopes(
  [aService(), aService({ name: 'billing', environment: 'test', deployment: 'test/billing' })],
  [
    { name: 'ingest', targets: ['deployment:prod/api', 'queue:batch'] },
    { name: 'nightly', targets: ['queue:batch'] },
  ],
)

test('a target lies in itself, its pipelines, its service, its environment and the house', () => {
  expect(scopes.of(['deployment:prod/api'])).toEqual([
    'deployment:prod/api',
    'environment:prod',
    EVERYTHING,
    'pipeline:ingest',
    'service:api',
  ])
})

test('several targets give each scope once', () => {
  const all = scopes.of(['deployment:prod/api', 'queue:batch'])
  expect(all).toEqual([...new Set(all)].sort())
  expect(all).toEqual(expect.arrayContaining(['pipeline:ingest', 'pipeline:nightly', 'queue:batch']))
})

test('a target that nobody has described lies in every environment: no freeze has a hole there', () => {
  expect(scopes.of(['queue:unheard-of'])).toEqual([
    'environment:prod',
    'environment:test',
    EVERYTHING,
    'queue:unheard-of',
  ])
})

test.each([
  ['service:api', true],
  ['service:apy', false],
  ['environment:test', true],
  ['environment:prodd', false],
  ['pipeline:ingest', true],
  ['pipeline:digest', false],
  ['house:everything', true],
  ['house:elsewhere', false],
  ['deployment:prod/anything', true],
  ['deploiment:prod/anything', false],
  ['queue:', false],
  ['everything', false],
])('%s is a name: %s', (scope, known) => expect(scopes.knows(scope)).toBe(known))

describe('what the house knows besides its services', () => {
  const worker = { target: 'deployment:prod/batch', service: 'batch', environment: 'prod', within: [] }
  const known = new Scopes(
    [aService(), aService({ name: 'billing', environment: 'test', deployment: 'test/billing' })],
    [{ name: 'nightly', targets: ['deployment:prod/batch'] }],
    [{ target: 'queue:batch', service: 'batch', environment: 'prod', within: [worker.target] }, worker],
  )

  test('a queue lies in the workload that works on it, in the pipelines of that, in its service and environment', () => {
    expect(known.of(['queue:batch'])).toEqual([
      'deployment:prod/batch',
      'environment:prod',
      EVERYTHING,
      'pipeline:nightly',
      'queue:batch',
      'service:batch',
    ])
  })

  test('a workload does not lie in its queue: a freeze of the queue does not stop the Deployment', () => {
    expect(known.of(['deployment:prod/batch'])).not.toContain('queue:batch')
  })

  test('a service that only things belong to can be named', () => {
    expect(known.knows('service:batch')).toBe(true)
    expect(known.names()).toContain('service:batch')
    expect(known.knows('ocr:documents')).toBe(true)
  })
})
