import { expect, test } from 'vitest'
import { classify, severityOf } from './rules.js'

const classes = [
  { when: { alertname: 'Slow', service: 'ocr' }, class: 'ocr-failures' },
  { when: { alertname: 'Slow' }, class: 'high-api-latency' },
] as const

test('the first rule whose every label matches decides', () => {
  expect(classify({ classes }, { alertname: 'Slow', service: 'ocr', pod: 'a' })).toBe('ocr-failures')
  expect(classify({ classes }, { alertname: 'Slow', service: 'api' })).toBe('high-api-latency')
  expect(classify({ classes }, { alertname: 'Slow' })).toBe('high-api-latency')
})

test('an alert that no rule knows is unclassified', () => {
  expect(classify({ classes }, { alertname: 'slow' })).toBe('unclassified')
  expect(classify({ classes }, { service: 'ocr' })).toBe('unclassified')
  expect(classify({ classes }, {})).toBe('unclassified')
})

test('what every object inherits is not a label', () => {
  const rule = [{ when: { constructor: 'x' }, class: 'ocr-failures' }] as const
  expect(classify({ classes: rule }, { alertname: 'Slow' })).toBe('unclassified')
  expect(classify({ classes: rule }, { constructor: 'x' })).toBe('ocr-failures')
})

test('the first rule gives the severity, and SEV3 stands where none does', () => {
  const severities = [
    { when: { alertname: 'Leak' }, severity: 'SEV1' },
    { when: { severity: 'critical' }, severity: 'SEV2' },
  ] as const
  expect(severityOf({ severities }, { alertname: 'Leak', severity: 'critical' })).toBe('SEV1')
  expect(severityOf({ severities }, { alertname: 'Slow', severity: 'critical' })).toBe('SEV2')
  expect(severityOf({ severities }, { alertname: 'Slow', severity: 'CRITICAL' })).toBe('SEV3')
  expect(severityOf({ severities }, {})).toBe('SEV3')
})

test('that the audit log does not pass its check is SEV1, unless the house says otherwise', () => {
  const labels = { alertname: 'AuditLogSelfCheckFailed', target: 'log:x' }
  expect(severityOf({ severities: [] }, labels)).toBe('SEV1')
  expect(
    severityOf({ severities: [{ when: { alertname: 'AuditLogSelfCheckFailed' }, severity: 'SEV2' }] }, labels),
  ).toBe('SEV2')
})
