import { expect, test } from 'vitest'
import { incidentState, place } from './words.js'

test('an incident without an environment does not pretend to have one', () => {
  expect(place({ environment: 'prod' })).toBe('PROD')
  expect(place({ environment: null })).toBe('an unnamed environment')
})

test('what is over is not mitigated any more', () => {
  expect(incidentState({ state: 'acknowledged', phase: 'mitigating' })).toBe('acknowledged, mitigating')
  expect(incidentState({ state: 'resolved', phase: 'mitigated' })).toBe('resolved')
})
