import { expect, test } from 'vitest'
import type { Place } from '../../bridge/surface.js'
import { Mailbox } from './mailbox.js'

const place = (id: string): Place => ({ kind: 'incident', id })

test('SEC-51: each place reaches the page once: cold, warm, and while it is loaded anew', () => {
  const mailbox = new Mailbox()
  const heard: string[] = []
  const listen = () => {
    const waiting = mailbox.listen(({ id }) => void heard.push(id))
    if (waiting) heard.push(waiting.id)
  }
  mailbox.put(place('cold'))
  listen()
  mailbox.put(place('warm'))
  // The page subscribes a second time.
  listen()
  mailbox.deaf()
  mailbox.put(place('while loading'))
  listen()
  listen()
  expect(heard).toEqual(['cold', 'warm', 'while loading'])
})

test('of several that wait the latest is meant', () => {
  const mailbox = new Mailbox()
  for (const id of ['one', 'two']) mailbox.put(place(id))
  expect(mailbox.listen(() => {})).toEqual(place('two'))
})
