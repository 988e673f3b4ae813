import { createRoute, redirect } from '@tanstack/react-router'
import { parseFilter } from '../../api/filter.js'
import { incidentQuery, suggestionsQuery, timelineQuery } from '../../api/incidents.js'
import { changesQuery, figuresQuery } from '../../api/surroundings.js'
import { paths } from '../../paths.js'
import { root } from '../../root.js'
import { InboxPage } from './InboxPage.js'
import { IncidentPage } from './IncidentPage.js'
import { lastView } from './view.js'

const inbox = createRoute({
  getParentRoute: () => root,
  path: paths.incidents,
  validateSearch: parseFilter,
  // An address that says nothing means the view that was left last; a choice on the page itself is a choice.
  beforeLoad: ({ search, cause }) => {
    if (cause !== 'enter' || Object.keys(search).length > 0) return
    const kept = lastView()
    if (Object.keys(kept).length > 0) throw redirect({ to: paths.incidents, search: kept, replace: true }) // eslint-disable-line @typescript-eslint/only-throw-error
  },
  component: InboxPage,
})

const incident = createRoute({
  getParentRoute: () => root,
  path: paths.incident,
  // Begun while the pointer or the focus rests on a link to it: the room is there when it is opened.
  loader: ({ params: { id }, context: { queries } }) => {
    void queries.prefetchQuery(incidentQuery(id))
    void queries.prefetchQuery(suggestionsQuery(id))
    void queries.prefetchQuery(timelineQuery(id))
    void queries.prefetchQuery(changesQuery(id))
    void queries.prefetchQuery(figuresQuery(id))
  },
  component: IncidentPage,
})

/** The minute of whoever is on call: these two are in the first script, every other page comes when it is opened. */
export const incidentRoutes = [inbox, incident] as const
