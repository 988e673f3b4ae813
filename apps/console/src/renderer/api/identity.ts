import { queryOptions } from '@tanstack/react-query'
import { client, told } from './client.js'

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
export const signOut = () => told(client.POST('/v1/sign-out'))
