import { queryOptions } from '@tanstack/react-query'
import { client, told } from '../../api/client.js'

/** The ids of every recipe, for a filter: of the recipes nothing else is needed here. */
export const recipeNames = queryOptions({
  queryKey: ['recipe', 'names'],
  queryFn: async () => (await told(client.GET('/v1/recipes'))).items.map(({ id }) => id).sort(),
  staleTime: 300_000,
})
