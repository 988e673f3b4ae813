import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { activeQuery } from '../api/incidents.js'
import { recipesQuery } from '../api/recipes.js'
import { navFor } from '../nav.js'
import { paths } from '../paths.js'
import { useBindings } from '../ui/keys.js'
import type { Offer } from './find.js'

/** All that the palette offers here and now: what this page does, the pages, what is wrong, and the rest that has a key. */
export function useOffers(roles: readonly string[]): readonly Offer[] {
  const go = useNavigate()
  const bindings = useBindings()
  const incidents = useQuery(activeQuery)
  const recipes = useQuery(recipesQuery)
  const verbs = (everywhere: boolean): Offer[] =>
    bindings
      .filter(({ where, keys }) => where !== 'Go to' && keys !== 'Mod+k' && (where === 'Everywhere') === everywhere)
      .map(({ does, where, keys, run }) => ({ group: everywhere ? where : `Here: ${where}`, says: does, keys, run }))
  return [
    ...verbs(false),
    ...navFor(roles).map(({ to, name, about, key }) => ({
      ...{ group: 'Pages', says: name, about, keys: `g ${key}` },
      run: () => void go({ to }),
    })),
    ...(incidents.data?.items ?? []).map(({ id, severity, title, service }) => ({
      ...{ group: 'Incidents', says: `${severity} ${title}`, about: service ?? '' },
      run: () => void go({ to: paths.incident, params: { id } }),
    })),
    ...(recipes.data?.items ?? []).map(({ id, title }) => ({
      ...{ group: 'Recipes', says: title, about: id },
      run: () => void go({ to: paths.recipe, params: { id } }),
    })),
    ...verbs(true),
  ]
}
