import type { V1Job } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { attemptIn, linesOf, nextAttempt } from './attempts.js'
import { errorIn } from './last-words.js'

const QUEUE = { namespace: 'prod', labels: { app: 'import' } }
const SECRET = { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'import', key: 'token' } } }

const aJob = (name: string, labels: Record<string, string> = {}, spec: Partial<V1Job['spec']> = {}): V1Job => ({
  metadata: {
    name,
    namespace: 'prod',
    uid: `uid-${name}`,
    resourceVersion: '1',
    creationTimestamp: new Date(0),
    labels: { app: 'import', 'job-name': name, 'batch.kubernetes.io/controller-uid': 'x', ...labels },
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', team: 'archive' },
    finalizers: ['somebody/else'],
  },
  spec: {
    selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'x' } },
    backoffLimit: 2,
    suspend: true,
    template: {
      metadata: { labels: { app: 'import', 'job-name': name, 'controller-uid': 'x' } },
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'import',
            image: 'import:1',
            env: [{ name: 'KEY', value: 'a' }, SECRET, { name: 'OLD', value: 'x' }],
          },
        ],
      },
    },
    ...spec,
  },
  status: {
    failed: 3,
    conditions: [
      { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', lastTransitionTime: new Date(1_000) },
    ],
  },
})

test('the next attempt has nothing that ties it to the one before, and everything that says what is done', () => {
  const made = nextAttempt(attemptIn(QUEUE, aJob('import-7'))!, undefined)
  expect(made).toEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: 'import-7-again-1',
      labels: { app: 'import', 'firebreak.dev/attempt-of': 'import-7', 'firebreak.dev/attempt': '1' },
      annotations: { team: 'archive' },
    },
    spec: {
      backoffLimit: 2,
      suspend: false,
      template: { metadata: { labels: { app: 'import' } }, spec: aJob('x').spec!.template.spec },
    },
  })
})

test('what it is told replaces what stands there, adds to it and takes away from it; what comes from elsewhere stays', () => {
  const { template } = nextAttempt(attemptIn(QUEUE, aJob('import-7'))!, { KEY: 'b', NEW: 'y' }).spec!
  expect(template.spec!.containers[0]!.env).toEqual([{ name: 'KEY', value: 'b' }, SECRET, { name: 'NEW', value: 'y' }])
})

test.each([[{ KEY: 1 }], [{ 'A B': 'x' }], ['text'], [['a']]])('a Job cannot be told %j', (data) => {
  expect(() => nextAttempt(attemptIn(QUEUE, aJob('import-7'))!, data)).toThrow('texts by the names of variables')
})

test('a name that would be too long is cut, and is still of this job and of no other', () => {
  const long = (end: string) =>
    nextAttempt(attemptIn(QUEUE, aJob(`${'x'.repeat(60)}${end}`))!, undefined).metadata!.name!
  expect([long('aa').length, long('aa') === long('aa'), long('aa') === long('bb')]).toEqual([63, true, false])
  expect(() => nextAttempt(attemptIn(QUEUE, aJob('x'.repeat(70)))!, undefined)).toThrow('is not the name of a Job')
})

test('a job is as its newest attempt is, and fails at a time of its own each time', () => {
  const later = aJob('import-7-again-1', { 'firebreak.dev/attempt-of': 'import-7', 'firebreak.dev/attempt': '1' })
  const lines = linesOf([later, aJob('import-7')].map((one) => attemptIn(QUEUE, one)!))
  expect([...lines.keys()]).toEqual(['import-7'])
  expect(lines.get('import-7')!.map(({ name, failed_ms }) => [name, failed_ms])).toEqual([
    ['import-7', 1_000],
    ['import-7-again-1', 1_001],
  ])
})

test.each([
  [['start', 'fatal: NoSuchKey: a', 'bye'], 'fatal: NoSuchKey: a'],
  [['Error: torn', '    at read (a.js:1:2)', '    at main (a.js:3:4)'], 'Error: torn'],
  [['one', 'two', ''], 'two'],
  [['', '   '], undefined],
])('of %j the error is %j', (lines, error) => expect(errorIn(lines)).toBe(error))
