import type { Severity } from '@firebreak/flow'
import type { IncidentClass } from '@firebreak/kit'
import type { House } from './house.js'

/*
 * Labels are outside input. Whoever can send an alert can choose its class and severity by them; neither gives a
 * right to anything, and a person may correct both.
 */

/** Which page of the runbook an alert with these labels is. */
export function classify({ classes }: Pick<House, 'classes'>, labels: Record<string, string>): IncidentClass {
  return classes.find((rule) => matches(rule.when, labels))?.class ?? 'unclassified'
}

/** Where no rule of the house says otherwise: what proves everything else is in doubt, or somebody has broken the glass. */
const OWN = [
  { when: { alertname: 'AuditLogSelfCheckFailed' }, severity: 'SEV1' },
  { when: { alertname: 'BreakGlassUsed' }, severity: 'SEV2' },
  { when: { alertname: 'BreakGlassReviewOverdue' }, severity: 'SEV2' },
] as const

/** How bad an alert with these labels is. An alert that no rule knows is neither ignored nor wakes everybody: SEV3. */
export function severityOf({ severities }: Pick<House, 'severities'>, labels: Record<string, string>): Severity {
  return [...severities, ...OWN].find((rule) => matches(rule.when, labels))?.severity ?? 'SEV3'
}

const matches = (when: Record<string, string>, labels: Record<string, string>) =>
  Object.entries(when).every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value)
