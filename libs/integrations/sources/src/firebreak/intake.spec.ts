import { readFileSync } from 'node:fs'
import { ownDelivery, ownFingerprint, type OwnAlert } from '@firebreak/flow'
import { expect, test } from 'vitest'
import { firebreak } from './intake.js'

const told: OwnAlert = {
  status: 'firing',
  alertname: 'AuditLogSelfCheckFailed',
  target: 'log:firebreak.local/log',
  summary: 'The audit log does not pass its check',
  description: 'The log is tampered at entry 41 (check "leaf"): entry 41 is not the one that the log holds.',
  starts_at: '2026-11-24T03:00:01.250Z',
  ends_at: null,
}
const body = (alert: object) => JSON.parse(new TextDecoder().decode(ownDelivery(alert as OwnAlert))) as unknown

test('reads what the worker tells', () => {
  const { alertname, target, summary, description, ...rest } = told
  expect(firebreak.parse(body(told))).toEqual({
    alerts: [
      {
        ...rest,
        fingerprint: ownFingerprint(alertname),
        labels: { alertname, target },
        annotations: { summary, description },
        generator_url: null,
      },
    ],
  })
})

test('the payload in the comment is the one that the spec reads', () => {
  const source = readFileSync(new URL('./intake.ts', import.meta.url), 'utf8')
  const [, comment] = /\n( \* \{\n.*?\n \* \})\n/s.exec(source)!
  expect(JSON.parse(comment!.replaceAll(/^ \* /gm, ''))).toEqual(body(told))
})

test('one that fires and one that is over are the same alert', () => {
  const over = firebreak.parse(body({ ...told, status: 'resolved', ends_at: '2026-11-24T04:00:00.000Z' }))
  expect(over).toMatchObject({
    alerts: [{ status: 'resolved', fingerprint: ownFingerprint('AuditLogSelfCheckFailed') }],
  })
})

test.each<[string, object, string]>([
  ['an alert that nobody of ours tells', { alertname: 'HighApiLatency' }, '/alerts/0/alertname'],
  ['a field too many', { severity: 'SEV4' }, '/alerts/0'],
  ['a target that is no log', { target: 'deployment:prod/api' }, '/alerts/0/target'],
  ['a time that is none', { starts_at: 'yesterday' }, '/alerts/0/starts_at'],
])('refuses %s', (_, different, pointer) => {
  const parsed = firebreak.parse(body({ ...told, ...different }))
  expect('faults' in parsed && parsed.faults.map((fault) => fault.pointer)).toEqual([pointer])
})

test('text that is none to Postgres is mended, for losing the alert would be worse', () => {
  const parsed = firebreak.parse({ v: 1, alerts: [{ ...told, description: 'a\0b' }] })
  expect('alerts' in parsed && parsed.alerts[0]!.annotations['description']).toBe('a\uFFFDb')
})
