import { Refused, type Figure, type Incident, type PlanBody } from '@firebreak/flow'
import type { JsonObject, ServiceDirectory } from '@firebreak/kit'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { select } from '../http/select.js'
import { figuresWhere, figureView } from '../targets/figures.js'
import { aroundOf } from './around.js'
import { LOOK_BACK_MS, rankedChanges, type Effect, type Remembered } from './changes.js'
import type { Changes, Figures } from './incidents.schema.js'

type Row = Pick<Incident, 'id' | 'service' | 'opened_at' | 'resolved_at'> & { alert_began_at: string | null }

/** Workloads of a cluster that are looked through for changes, and effects of our runs. */
const [MOST_WORKLOADS, MOST_EFFECTS] = [5_000, 500]
/** A loan is said to be back when that was written down: so long before that it may have been given back. Milliseconds. */
const GIVING_BACK = 30_000

/** Alerts tell of something that began so long before they came, at most. Milliseconds. */
const BEFORE_OPENING = 3_600_000

/** The finer row of a figure reaches back an hour: enough for what began so long ago. Milliseconds. */
const FINE = 45 * 60_000
/** And the other one eight hours. Milliseconds. */
const REACH = 8 * 3_600_000

/** In which order figures are shown: what is wrong first. */
const ORDER = [
  ...['p95_ms', 'error_rate_percent', 'primary_error_rate_percent', 'fallback_error_rate_percent', 'failed'],
  ...['requests_per_second', 'utilisation_percent', 'ready', 'restarts', 'waiting', 'downstream_depth'],
]

/**
 * When what is wrong began: by its alerts, for an incident that is open again opened long before. RFC 3339. A monitor that
 * says that it was far earlier is not believed: Firebreak was not there then, or the monitor's clock is wrong.
 */
function beganAt({ opened_at, alert_began_at: alert }: Row): string {
  return alert !== null && Date.parse(alert) > Date.parse(opened_at) - BEFORE_OPENING ? alert : opened_at
}

/** What is around an incident, out of what the worker saw: the figures of what it is about, and what changed there. */
export class SurroundingsReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly directory: ServiceDirectory,
    private readonly now: () => Date,
  ) {}

  async figures(id: string): Promise<z.input<typeof Figures>> {
    const incident = await this.incident(id)
    const { about } = aroundOf(this.directory, incident.service)
    const now = this.now()
    const rows = await this.read(about, beganAt(incident))
    const over = incident.resolved_at !== null && now.getTime() - Date.parse(incident.resolved_at) > REACH
    const forgotten = over ? { points: [], unavailable: 'It is over for longer than figures reach back.' } : {}
    const place = ({ target, value }: Figure) => about.indexOf(target) * ORDER.length + ORDER.indexOf(value.name)
    return {
      items: rows.sort((a, b) => place(a) - place(b)).map((row) => ({ ...figureView(row, now), ...forgotten })),
    }
  }

  async changes(id: string): Promise<z.input<typeof Changes>> {
    const incident = await this.incident(id)
    const { service, resolved_at } = incident
    const began_at = beganAt(incident)
    const around = aroundOf(this.directory, service)
    const from = new Date(Date.parse(began_at) - LOOK_BACK_MS).toISOString()
    const until = resolved_at ?? this.now().toISOString()
    const [seen, figures, effects] = await Promise.all([
      this.workloads(),
      this.read([...around.near.keys()], began_at),
      this.effects(from, until),
    ])
    const near = seen.filter(({ target }) => around.near.has(target))
    const looks = (near.length > 0 ? near : seen).map(({ at }) => at).sort()
    return {
      items: rankedChanges({ incident: id, began_at, until, around, remembered: seen, figures, effects }),
      ...{ from, until, looked_at: looks.at(-1) ?? null },
    }
  }

  private async incident(id: string): Promise<Row> {
    const [row] = await select<Row>(
      this.source,
      `select id, service, opened_at, resolved_at,
         (select min(starts_at) from flow.alert a where a.incident_id = i.id
          and (a.state = 'firing' or i.resolved_at is not null)) as alert_began_at
       from flow.incident i where id = $1`,
      [id],
    )
    if (!row) throw new Refused('not-found', `There is no incident ${id}.`)
    return row
  }

  /** Figures, by the row that reaches back to before what is wrong began. */
  private read(targets: readonly string[], began: string): Promise<Figure[]> {
    const reach = this.now().getTime() - Date.parse(began) < FINE ? 'fine' : 'far'
    return select<Figure>(this.source, figuresWhere('target = any($1)', reach), [targets])
  }

  /** What the worker remembers of things that somebody changes. An older worker remembered less of them. */
  private async workloads(): Promise<(Remembered & { at: string })[]> {
    const rows = await select<{ id: string; at: string; value: JsonObject }>(
      this.source,
      `select id, at, value from flow.observation
       where starts_with(id, 'deployment:') or starts_with(id, 'model:') or starts_with(id, 'ocr:') order by id limit ${MOST_WORKLOADS}`,
    )
    return rows.map(({ id, at, value }) => {
      const { changes, last_change, autoscaler, at_maximum_since, watched_since } = value as Partial<Remembered> & { last_change?: Remembered['changes'][number] | null } // prettier-ignore
      const remembered = Array.isArray(changes) ? changes : last_change ? [last_change] : []
      return { target: id, at, changes: remembered, autoscaler: autoscaler ?? null, at_maximum_since: at_maximum_since ?? null, watched_since: watched_since ?? at } // prettier-ignore
    })
  }

  /** What runs of ours did in that time, and what they gave back. */
  private async effects(from: string, until: string): Promise<Effect[]> {
    const done = await select<
      Omit<Effect, 'target' | 'says' | 'returned'> & { step: PlanBody['steps'][number] | null; verb: string }
    >(
      this.source,
      `select r.id as run, r.recipe_id as recipe, r.incident_id as incident, s.verb,
         coalesce(s.intended_at, s.ended_at) as "from", s.ended_at as until, p.body->'steps'->(s.number - 1) as step
       from flow.run r join flow.step s on s.run_id = r.id join flow.plan p on p.id = r.plan_id
       where (r.ended_at >= $1 or r.state in ('running', 'waiting', 'verifying', 'cancelling', 'undoing', 'needs-a-person'))
         and s.state in ('done', 'kept', 'undone') and s.ended_at between $1 and $2
         and (s.items is not null or s.before is distinct from s.after)
       order by s.ended_at desc limit ${MOST_EFFECTS}`,
      [from, until],
    )
    const back = await select<Omit<Effect, 'says' | 'from' | 'returned'>>(
      this.source,
      `select r.id as run, r.recipe_id as recipe, r.incident_id as incident, l.target, l.returned_at as until
       from flow.loan l join flow.run r on r.id = l.run_id
       where l.returned_at between $1 and $2 order by l.returned_at desc limit ${MOST_EFFECTS}`,
      [from, until],
    )
    return [
      ...done.flatMap(({ step, verb, ...effect }) =>
        (step?.targets ?? []).map((target) => ({ ...effect, target, says: step?.says ?? verb, returned: false })),
      ),
      ...back.map((loan) => ({
        ...loan,
        from: new Date(Date.parse(loan.until) - GIVING_BACK).toISOString(),
        ...{ says: `${loan.target} is as it was before`, returned: true },
      })),
    ]
  }
}
