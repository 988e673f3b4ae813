import type { Rehearsal } from '@firebreak/catalog/rehearsals'
import { expect, test } from 'vitest'
import { coverageOf, duties, nameOf, tableOf, totalOf, type Duty } from './coverage.js'

const aDuty = (different: Partial<Duty> = {}): Duty => ({
  line: 'Scale up replicas',
  page: 'high-api-latency',
  recipe: 'scale-api',
  rehearsal: 'slow + with-hpa',
  status: 'covered',
  ...different,
})
/** The same without a rehearsal. */
const none: Duty = { line: 'Scale up replicas', page: 'high-api-latency', recipe: 'scale-api', status: 'covered' }
const known = new Map<string, Rehearsal[]>([
  ['scale-api', [{ faults: ['slow'], around: ['with-hpa'], becomes: 'high-api-latency', ends: 'succeeded', says: '' }]],
])
const says = (duty: Duty) => coverageOf([duty], known)[0]!.says

test('a line is done when its recipe has the rehearsal that it names; what is planned is missing, and not left out', () => {
  expect(says(aDuty())).toBe('rehearsed')
  expect(says(aDuty({ rehearsal: 'slow' }))).toBe('not rehearsed')
  expect(says(aDuty({ recipe: 'other' }))).toBe('not rehearsed')
  expect(says(none)).toBe('not rehearsed')
  expect(says({ ...none, status: 'planned' })).toBe('missing')
  expect(says({ ...none, recipe: null })).toBe('people')
})

test('every line stands in the table, and the sum names what is missing', () => {
  const covered = coverageOf([aDuty(), { ...none, line: 'Tag', status: 'planned' }, { ...none, recipe: null }], known)
  expect(tableOf(covered)).toEqual([
    'line               recipe     rehearsal        status',
    'Scale up replicas  scale-api  slow + with-hpa  rehearsed',
    'Tag                scale-api  –                missing',
    'Scale up replicas  –          –                people',
  ])
  expect(totalOf(covered)).toBe("3 duties: 1 done by a recipe and rehearsed, 1 people's work, 1 missing")
  expect(totalOf(coverageOf([none], known))).toMatch(/, 1 done by a recipe and not rehearsed$/)
})

test('each line of ours that a recipe does names the rehearsal that shows it', () => {
  const bare = coverageOf(duties()).filter((one) => one.says === 'not rehearsed')
  expect(bare.map(({ line, rehearsal }) => `${line}: rehearsal ${rehearsal ?? 'is not named'} (runbook/coverage.yaml)`)).toEqual([]) // prettier-ignore
})

test('what cannot be rehearsed names no rehearsal', () => {
  const odd = duties().filter(({ recipe, status, rehearsal }) => rehearsal !== undefined && (recipe === null || status === 'planned')) // prettier-ignore
  expect(odd).toEqual([])
})

test('a rehearsal is named by what breaks and what stands around it', () => {
  expect(nameOf(known.get('scale-api')![0]!)).toBe('slow + with-hpa')
})
