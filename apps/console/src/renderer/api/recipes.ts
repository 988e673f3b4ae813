import { queryOptions } from '@tanstack/react-query'
import { client, keyed, told } from './client.js'
import type { Graduations } from './view.js'

/** The whole catalogue: there is one page of it. */
export const recipesQuery = queryOptions({
  queryKey: ['recipe', 'list'],
  queryFn: () => told(client.GET('/v1/recipes')),
})

export const recipeQuery = (id: string) =>
  queryOptions({
    queryKey: ['recipe', id],
    queryFn: () => told(client.GET('/v1/recipes/{id}', { params: { path: { id } } })),
  })

/** How far it may go by itself, and who decided so. Under the recipe's own key. */
export const graduationsQuery = (id: string) =>
  queryOptions({
    queryKey: ['recipe', id, 'graduations'],
    queryFn: () => told(client.GET('/v1/recipes/{id}/graduations', { params: { path: { id } } })),
  })

/** Moves it to another stage, by the record of the recipe that was read. */
export const graduate = (id: string, body: { digest: string; to: Graduations['stage']; reason: string }, key: string) =>
  told(client.POST('/v1/recipes/{id}/graduations', { params: { path: { id } }, body, headers: keyed(key) }))
