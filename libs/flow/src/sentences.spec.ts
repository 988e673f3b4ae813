import { entryTypes, type EntryBody, type EntryType } from '@firebreak/audit-log'
import { expect, test } from 'vitest'
import { sayEntry } from './sentences.js'

const types = Object.keys(entryTypes) as EntryType[]
const digest = `sha256:3f2a9c0b77e1${'0'.repeat(52)}`

/** An entry of a type, as full or as bare as a test wants it. */
const anEntry = (type: EntryType, rest: object = {}): EntryBody =>
  ({
    v: 1,
    entry_id: '01900000-0000-7000-8000-000000000000',
    stream: 'plan:pln_1',
    stream_seq: 0,
    type,
    ts: '2026-11-23T03:07:00.000Z',
    about: `${type.split('.')[0]}:${type.split('.')[0]}_1`,
    actor: { kind: 'person', id: 'hannah' },
    ...rest,
  }) as EntryBody

test.each(types)('%s is one sentence, even when it says nothing more than its type', (type) => {
  const says = sayEntry(anEntry(type))
  expect(says.length).toBeGreaterThan(8)
  expect(says).not.toBe(type)
  expect(says).not.toMatch(/undefined|NaN|\[object|null|: ?\.$|\s{2}|\(\)/)
  expect(says).not.toContain('\n')
})

test.each<[EntryType, object, string]>([
  [
    'incident.opened',
    {
      actor: { kind: 'process', id: 'api' },
      detail: { severity: 'SEV2', title: 'API latency is high', service: 'api', class: 'high-api-latency' },
    },
    'SEV2 incident opened: API latency is high (api), class high-api-latency.',
  ],
  ['incident.resolved', { actor: { kind: 'process', id: 'api' } }, 'The incident resolved with its last alert.'],
  ['incident.resolved', { reason: 'false alarm' }, 'Hannah resolved the incident: false alarm.'],
  ['incident.reopened', { actor: { kind: 'process', id: 'api' } }, 'The incident is open again: the same problem is back.'], // prettier-ignore
  ['incident.reopened', { reason: 'it is slow again.' }, 'Hannah opened the incident again: it is slow again.'],
  ['incident.changed', { detail: { owner: 'sam' } }, 'Hannah gave the incident to sam.'],
  ['incident.changed', { detail: { owner: 'hannah' } }, 'Hannah took the incident over.'],
  ['incident.changed', { detail: { severity: 'SEV1' }, reason: 'customers see it' }, 'Hannah corrected the severity to SEV1: customers see it.'], // prettier-ignore
  [
    'plan.proposed',
    { plan_digest: digest, detail: { tier: 'T1', quorum: 1, steps: ['Scale prod/api from 2 to 5'] } },
    'Proposed: Scale prod/api from 2 to 5. T1, needs 1 approval (3f2a9c0b77e1).',
  ],
  [
    'approval.given',
    { plan_digest: digest, reason: 'looks right', detail: { plan: 'pln_1', decision: 'yes', quorum: 1 } },
    'Hannah approved exactly this plan (3f2a9c0b77e1): looks right.',
  ],
  [
    'run.started',
    { approvals: [{ id: 'apr_1', by: 'hannah', over: digest }], detail: { plan: 'pln_1', steps: 2 } },
    'The run started: 2 steps, approved by Hannah.',
  ],
  [
    'step.done',
    {
      detail: { number: 1, verb: 'scale-deployment', found: false },
      before: { digest, summary: { replicas: 2 } },
      after: { digest, summary: { replicas: 5 } },
    },
    'Step 1 (scale-deployment) done: replicas 2 → replicas 5.',
  ],
  [
    'step.done',
    { detail: { number: 1, verb: 'scale-deployment', found: true } },
    'Step 1 (scale-deployment) was found done.',
  ],
  ['run.succeeded', { detail: { because: 'p95 of api is 120 ms.' } }, 'The run succeeded. p95 of api is 120 ms.'],
  [
    'loan.out',
    { target: 'deployment:prod/api', detail: { until: '2026-11-23T04:07:00.000Z' } },
    'deployment:prod/api is on loan until 04:07 UTC.',
  ],
  [
    'export.ready',
    { detail: { entries: 1, size: 10_240, sha256: 'ab'.repeat(32) } },
    'Export export_1 is ready: 1 entry, 10240 bytes, SHA-256 abababababab.',
  ],
  [
    'delivery.refused',
    { detail: { source: 'alertmanager', faults: [{ pointer: '/alerts', message: 'expected a list' }] } },
    'A delivery of alertmanager could not be read and was kept as refused: /alerts expected a list.',
  ],
])('%s %o', (type, rest, sentence) => {
  expect(sayEntry(anEntry(type, rest), (id) => (id === 'hannah' ? 'Hannah' : id))).toBe(sentence)
})

test('a type of a newer version says its name', () => {
  expect(sayEntry(anEntry('freeze.thawed' as EntryType))).toBe('freeze.thawed')
  expect(sayEntry(anEntry('toString' as EntryType))).toBe('toString')
})
