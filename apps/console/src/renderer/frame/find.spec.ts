import { expect, test } from 'vitest'
import { answers, fits, type Offer } from './find.js'

const offer = (says: string, about?: string): Offer => ({ group: 'Pages', says, run: () => {}, ...(about ? { about } : {}) }) // prettier-ignore
const found = (typed: string, ...offers: Offer[]) => answers(typed, offers).map(({ says }) => says)

test('letters in their order find it, others do not', () => {
  expect(fits('rbk', 'Runbook')).not.toBeNull()
  expect(fits('kbr', 'Runbook')).toBeNull()
  expect(fits('', 'Runbook')).toBe(0)
})

test('what stands together, and begins a word, goes first', () => {
  expect(found('run', offer('Return a loan: up now'), offer('Forerunner'), offer('Runs'))).toEqual([
    'Runs',
    'Forerunner',
    'Return a loan: up now',
  ])
})

test('what something is for finds it too, after what it is called', () => {
  expect(found('lent', offer('Loans', 'what is lent out'), offer('Lent rooms'))).toEqual(['Lent rooms', 'Loans'])
})

test('nothing typed leaves the order, and a hundred are not all drawn', () => {
  expect(found(' ', offer('b'), offer('a'))).toEqual(['b', 'a'])
  expect(
    answers(
      '',
      Array.from({ length: 100 }, () => offer('x')),
    ),
  ).toHaveLength(40)
})
