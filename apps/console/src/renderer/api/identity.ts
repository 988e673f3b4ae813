import { queryOptions } from '@tanstack/react-query'
import { client, told } from './client.js'
import { stopKeeping } from './keeping.js'
import { forgetNotes } from './notes.js'
import { shelf } from './shelf.js'

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => told(client.GET('/v1/me')),
  staleTime: Infinity,
})

export const seededQuery = queryOptions({
  queryKey: ['people', 'seeded'],
  queryFn: () => told(client.GET('/v1/people/seeded')),
})

export const signInAs = (person: string) => told(client.POST('/v1/sign-in/seeded', { body: { person } }))
/** What this person's device kept is not left for the next: also when the server did not hear it. */
export const signOut = () => {
  stopKeeping()
  return told(client.POST('/v1/sign-out')).finally(() => {
    forgetNotes()
    return shelf.clear()
  })
}
