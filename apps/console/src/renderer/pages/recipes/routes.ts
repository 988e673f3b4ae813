import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { graduationsQuery, recipeQuery, recipesQuery } from '../../api/recipes.js'
import { paths } from '../../paths.js'
import { root } from '../../root.js'
import { parseLook } from './catalogue.js'

const list = createRoute({
  getParentRoute: () => root,
  path: paths.recipes,
  validateSearch: parseLook,
  loader: ({ context: { queries } }) => void queries.prefetchQuery(recipesQuery),
  component: lazyRouteComponent(() => import('./RecipesPage.js'), 'RecipesPage'),
})

const one = createRoute({
  getParentRoute: () => root,
  path: paths.recipe,
  // A link fills in the form, by the names that the recipe has; the form judges it like anybody's writing.
  validateSearch: (search: Record<string, unknown>): Record<string, unknown> => search,
  loader: ({ params: { id }, context: { queries } }) => {
    void queries.prefetchQuery(recipeQuery(id))
    void queries.prefetchQuery(graduationsQuery(id))
  },
  component: lazyRouteComponent(() => import('./RecipePage.js'), 'RecipePage'),
})

export const recipeRoutes = [list, one] as const
