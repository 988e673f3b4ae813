import { expect, test } from 'vitest'
import { within } from './within.js'

test('a change is neither begun when the time is up, nor put by for a connection that comes later', async () => {
  const client = { status: 'ready' }
  let written = 0
  let goOn = () => {}
  const answer = new Promise<void>((resolve) => (goOn = resolve))
  const change = async (stillIn: () => void) => {
    stillIn()
    await answer
    stillIn()
    written++
  }
  const late = within('batch', client, 5, change)
  await expect(late).rejects.toMatchObject({ kind: 'timeout' })
  goOn()
  await new Promise(setImmediate)
  expect(written).toBe(0)

  await within('batch', client, 1_000, change)
  expect(written).toBe(1)
  client.status = 'reconnecting'
  await expect(within('batch', client, 1_000, change)).rejects.toMatchObject({ kind: 'unreachable' })
  expect(written).toBe(1)
})
