import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { incidentQuery, suggestionsQuery } from '../../api/incidents.js'
import { recipesQuery } from '../../api/recipes.js'
import type { Incident, Plan } from '../../api/view.js'
import { announce } from '../../ui/announce.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { useTitle } from '../../ui/title.js'
import { AlertsPane } from './AlertsPane.js'
import { ChangesPane } from './ChangesPane.js'
import { EvidencePane } from './EvidencePane.js'
import { useFits } from './fits.js'
import { Head } from './Head.js'
import css from './IncidentPage.module.css'
import { offersOf, shownOf } from './offers.js'
import { RepairPane } from './RepairPane.js'
import { SuggestedPane } from './SuggestedPane.js'
import { TimelinePane } from './TimelinePane.js'
import { isFollowed } from './words.js'

/** The incident room: what is wrong, what to do about it, and what has happened, on one page. */
export function IncidentPage() {
  const { id } = useParams({ from: '/incidents/$id' })
  // Another incident is another room: what was chosen or begun in this one stays in this one.
  return <Room key={id} id={id} />
}

function Room({ id }: { id: string }) {
  const query = useQuery(incidentQuery(id))
  const incident = query.data
  useTitle(incident ? `${incident.severity} ${incident.title}` : 'Incident')
  return (
    <>
      <Loaded query={query} what="this incident" rows={2}>
        {(incident) => <Head incident={incident} />}
      </Loaded>
      <div className={css.room}>
        <div className={css.known}>
          <ChangesPane incident={id} followed={incident ? isFollowed(incident) : true} />
          {incident ? <EvidencePane incident={incident} /> : null}
        </div>
        {incident ? <Repair incident={incident} /> : null}
      </div>
      <div className={css.below}>
        <TimelinePane id={id} may={incident?.may.note} />
        {incident ? <AlertsPane alerts={incident.alerts} /> : null}
      </div>
    </>
  )
}

/** What could be done, and the one of it that is looked at. Another that is chosen takes its place: what was armed is not. */
function Repair({ incident }: { incident: Incident }) {
  const plans = useQuery(suggestionsQuery(incident.id))
  const column = useFits()
  return (
    <div ref={column} className={css.repair}>
      {plans.data === undefined ? (
        <Pane title="Suggested">
          <Loaded query={plans} what="what is suggested" rows={4}>
            {() => null}
          </Loaded>
        </Pane>
      ) : (
        <Loaded query={plans} what="what is suggested">
          {({ items }) => <Chosen incident={incident} plans={items} />}
        </Loaded>
      )}
    </div>
  )
}

function Chosen({ incident, plans }: { incident: Incident; plans: Plan[] }) {
  const recipes = useQuery(recipesQuery).data?.items
  const [chosen, setChosen] = useState<string | null>(null)
  const [before, setBefore] = useState<string | null>(null)
  const offers = offersOf(incident, plans, recipes)
  const shown = shownOf(offers, { chosen, before, mitigating: incident.phase === 'mitigating' })
  if (shown && shown.id !== before) setBefore(shown.id)
  const choose = (id: string) => {
    setChosen(id)
    // A key chooses from wherever one is on the page.
    document.getElementById('suggested')?.scrollIntoView({ block: 'nearest' })
    announce(`Plan: ${offers.find((offer) => offer.id === id)?.title ?? id}`)
  }
  return (
    <>
      <div id="suggested" className={css.suggested}>
        <SuggestedPane incident={incident} offers={offers} recipes={recipes} chosen={shown?.id} onChoose={choose} />
      </div>
      {shown ? <RepairPane key={`${shown.id} ${shown.plan?.id ?? ''}`} incident={incident} offer={shown} /> : null}
    </>
  )
}
