import { expect, test } from 'vitest'
import type { Incident, Plan } from '../../api/view.js'
import { armedSentence, guardSays, incidentState, shortDigest } from './words.js'

const incident = { environment: 'prod' } as Incident
const plan = (...steps: { says: string; loan_minutes: number | null }[]) => ({ body: { steps } }) as Plan

test('the armed sentence says what, where, and for how long', () => {
  expect(
    armedSentence(plan({ says: 'Scale deployment prod/api from 2 to 5 replicas', loan_minutes: 60 }), incident),
  ).toBe('Scale deployment prod/api from 2 to 5 replicas, in PROD, given back after 60 min')
})

test('several steps stand in their order; without a loan nothing is given back', () => {
  expect(armedSentence(plan({ says: 'A', loan_minutes: null }, { says: 'B', loan_minutes: null }), incident)).toBe(
    'A; then B, in PROD',
  )
})

test('an incident without an environment does not pretend to have one', () => {
  expect(armedSentence(plan({ says: 'A', loan_minutes: null }), { environment: null } as Incident)).toBe(
    'A, in an unnamed environment',
  )
})

test('guards are sentences; one of a kind that is not known is shown as it is', () => {
  expect(guardSays({ fact: 'a', same: true })).toBe('must stay the same')
  expect(guardSays({ fact: 'a', at_least: 1, at_most: 3 })).toBe('must be at least 1 and at most 3')
  expect(guardSays({ fact: 'a', matches: 'x' })).toBe('{"fact":"a","matches":"x"}')
})

test('what is over is not mitigated any more', () => {
  expect(incidentState({ state: 'acknowledged', phase: 'mitigating' })).toBe('acknowledged, mitigating')
  expect(incidentState({ state: 'resolved', phase: 'mitigated' })).toBe('resolved')
})

test('a digest is short to the eye', () => {
  expect(shortDigest(`sha256:${'9c41e2'.padEnd(58, '0')}f0a1b2`)).toBe('sha256:9c41e2…f0a1b2')
})
