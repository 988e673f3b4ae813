import { faults } from '../faults.js'
import { readRules } from './rules.js'

/** Which alert each fault makes fire by itself. The others stop a repair, or a client, and nothing that is measured. */
const alerting: Readonly<Record<string, string>> = {
  slow: 'HighApiLatency',
  'hot-reload-thrash': 'HighApiLatency',
  'crash-loop': 'HighApiLatency',
  'batch-heavy': 'HighApiLatency',
  'bad-model': 'ModelErrorRateHigh',
  drift: 'ModelErrorRateHigh',
  'ocr-corrupt': 'OcrErrorRateHigh',
  'ocr-torn-inputs': 'OcrErrorRateHigh',
  'ocr-hung': 'OcrDown',
  'ocr-down': 'OcrDown',
  'batch-failing': 'BatchJobsFailing',
  'batch-misspelt': 'BatchJobsFailing',
  'batch-torn': 'BatchJobsFailing',
  'jobs-misspelt': 'BatchJobsFailing',
  'scans-misspelt': 'BatchJobsFailing',
  'storage-denied': 'StorageErrors',
  'storage-throttled': 'StorageErrors',
  'storage-quota': 'StorageErrors',
  'storage-expired': 'StorageErrors',
  'storage-unavailable': 'StorageErrors',
  exfiltration: 'DataExfiltrationSuspected',
}

export type AlertLabels = { alertname: string } & Record<string, string>

/** The labels of the alert that a fault makes fire, as its rule gives them; `undefined` for a fault that alerts nobody. */
export function alertOf(fault: string): AlertLabels | undefined {
  const name = Object.hasOwn(alerting, fault) ? alerting[fault] : undefined
  const rule = readRules().find(({ alert }) => alert === name)
  return rule && { ...rule.labels, alertname: rule.alert }
}

/** The same for every fault that there is, as `GET /break` tells it; null for one that alerts nobody. */
export const alertsOfFaults = (): Record<string, AlertLabels | null> =>
  Object.fromEntries(Object.keys(faults).map((fault) => [fault, alertOf(fault) ?? null]))
