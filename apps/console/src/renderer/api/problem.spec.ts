import { expect, test } from 'vitest'
import { isRefusal, noAnswer, problemOf, refusalOf } from './problem.js'

const problem = {
  type: 'urn:firebreak:problem:stale',
  title: 'Conflict',
  status: 409,
  code: 'stale',
  detail: 'Changed.',
  request_id: 'req_1',
}

test('a problem is believed as it is', () => {
  const refusal = refusalOf(problem, new Response(null, { status: 409 }))
  expect(problemOf(refusal)).toEqual(problem)
  expect(isRefusal(refusal, 409)).toBe(true)
  expect(isRefusal(refusal, 401)).toBe(false)
})

test.each([null, 'gateway', { error: 'x' }, { status: '409', code: 1 }])('another body is not: %j', (body) => {
  const answer = new Response(null, { status: 502, headers: { 'x-request-id': 'req_2' } })
  expect(problemOf(refusalOf(body, answer))).toMatchObject({ status: 502, code: 'unreadable', request_id: 'req_2' })
})

test('no answer is not a no', () => {
  expect(noAnswer()).toMatchObject({ answered: false, problem: { status: 0, code: 'no-answer' } })
})
