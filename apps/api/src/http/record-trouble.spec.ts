import { QueryFailedError } from 'typeorm'
import { expect, test } from 'vitest'
import { recordTrouble } from './record-trouble.js'

const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code })
const wrapped = (code: string) => new QueryFailedError('select 1', [], coded(code))

test.each([
  ['a refused connection', coded('ECONNREFUSED')],
  ['one for each address of localhost', new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')])],
  ['a server that is going', wrapped('57P01')],
  ['a server that is coming', wrapped('57P03')],
  ['a connection that broke', wrapped('08006')],
  ['a pool that waited for one', new Error('timeout exceeded when trying to connect')],
  ['a socket that was closed', new Error('Connection terminated unexpectedly')],
  ['a cause of a cause', new Error('outer', { cause: coded('ECONNRESET') })],
])('%s is not-recording', (_, error) => {
  expect(recordTrouble(error)?.code).toBe('not-recording')
})

test.each([
  ['too many connections', wrapped('53300')],
  ['a lock that did not come', wrapped('55P03')],
  ['a statement that took too long', wrapped('57014')],
  ['a deadlock', wrapped('40P01')],
])('%s is overloaded', (_, error) => {
  expect(recordTrouble(error)?.code).toBe('overloaded')
})

test.each([
  ['a broken rule', wrapped('23514')],
  ['a missing grant', wrapped('42501')],
  ['a bug', new TypeError('x is undefined')],
  ['nothing', undefined],
  ['a text', 'ECONNREFUSED'],
])('%s is ours, and no trouble of the record', (_, error) => {
  expect(recordTrouble(error)).toBeUndefined()
})
