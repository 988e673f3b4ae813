import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { launched } from '../fixtures.js'
import { away } from './away.js'
import { decides } from './decides.js'
import { personAt, type Journey, type Person } from './person.js'
import { onTheMock, onTheWhole, type Place } from './places.js'
import { repairs } from './repairs.js'

const launch = launched()

/*
 * What people do at night, each told once, by the keyboard alone, in both places. They play one after the other in one
 * place: starting everything costs more than most of them.
 */
describe.each([
  ['on the mock', onTheMock],
  ['on the real API, with its worker and sandbox', onTheWhole],
])('%s', (_, begin) => {
  let place: Place
  const here: Person[] = []
  beforeAll(async () => void (place = await begin(launch.built)), 180_000)
  afterAll(() => place?.close(), 60_000)
  afterEach(async () => {
    for (const person of here.splice(0)) await person.leave()
  })
  const journey: Journey = {
    get place() {
      return place
    },
    come: async (as, path = '/') => {
      const person = await personAt(launch.browser, place, as, path)
      here.push(person)
      return person
    },
  }
  decides(journey)
  repairs(journey)
  away(journey)
})
