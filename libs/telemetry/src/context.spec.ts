import { expect, test } from 'vitest'
import { bound, carried, correlation, current, isRequestId, learn, received, within } from './context.js'
import { readTraceparent, traceparentOf } from './traceparent.js'

const TEXT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

test('a traceparent is read and written as the W3C has it', () => {
  expect(traceparentOf(readTraceparent(TEXT)!)).toBe(TEXT)
  expect(readTraceparent(TEXT.replace(/01$/, 'ff'))).toMatchObject({ traceFlags: 1, isRemote: true })
  // A later version is read as far as we know it.
  expect(readTraceparent(`cc${TEXT.slice(2)}-what-comes`)).toBeDefined()
  const wrong = ['', 'ff' + TEXT.slice(2), `${TEXT}-more`, TEXT.toUpperCase(), TEXT.replace('4bf', '4bg'), ` ${TEXT}`, `${TEXT}\n`, TEXT.replace(/-[0-9a-f]{32}-/, `-${'0'.repeat(32)}-`), TEXT.replace(/-[0-9a-f]{16}-/, `-${'0'.repeat(16)}-`), `cc${TEXT.slice(2)}-${'x'.repeat(200)}`, undefined, [TEXT], 7] // prettier-ignore
  for (const text of wrong) expect(readTraceparent(text), String(text)).toBeUndefined()
})

test('what is known goes with the work, through a job, and back', async () => {
  expect(current()).toEqual({})
  const job = await within({ request_id: 'req-00000001', span: readTraceparent(TEXT)! }, async () => {
    await Promise.resolve()
    learn({ actor: 'hannah' })
    expect(current()).toMatchObject({ request_id: 'req-00000001', actor: 'hannah' })
    expect(correlation()).toEqual({ request_id: 'req-00000001', trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' })
    return carried()
  })
  expect(job).toEqual({ request_id: 'req-00000001', traceparent: TEXT })
  expect(received(JSON.parse(JSON.stringify(job)) as object)).toEqual({ request_id: 'req-00000001', span: readTraceparent(TEXT) }) // prettier-ignore
})

test('what a job carries that has no form is as if it were not there', () => {
  expect(received({ request_id: 'a\nb', traceparent: 'x' })).toEqual({})
  expect(received({ request_id: { $gt: '' } })).toEqual({})
  for (const text of ['short', 'x'.repeat(101), 'with blank', 'new\nline', 'ünïcödé1', undefined, ['abcdefgh']])
    expect(isRequestId(text), String(text)).toBe(false)
})

test('work that is done for several at once is done on the account of each', () => {
  const [one, two] = ['req-00000001', 'req-00000002'].map((request_id) => within({ request_id }, bound))
  within({ request_id: 'req-00000003' }, () => {
    expect(one!(() => current().request_id)).toBe('req-00000001')
    expect(two!(() => correlation())).toEqual({ request_id: 'req-00000002' })
    expect(current().request_id).toBe('req-00000003')
  })
})
