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

/** Things that changed, and effects of our runs, that are looked through: of more, the nearest and the newest. */
const [MOST_CHANGED, MOST_EFFECTS] = [500, 500]
/** A loan is said to be back when that was written down: so long before that it may have been given back. Milliseconds. */
const GIVING_BACK = 30_000

/** Alerts tell of something that began so long before they came, at most. Milliseconds. */
const BEFORE_OPENING = 3_600_000

/** The finer row of a figure reaches back an hour: enough for what began so long ago. Milliseconds. */
const FINE = 45 * 60_000
/** And the other one eight hours. Milliseconds. */
const REACH = 8 * 3_600_000

/** Observations of things that somebody changes. */
const THINGS = `(starts_with(id, 'deployment:') or starts_with(id, 'model:') or starts_with(id, 'ocr:'))`

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
  return alert ?? opened_at
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
    const near = [...around.near.keys()]
    const [remembered, looked_at, figures, effects] = await Promise.all([
      this.changed(near, from),
      this.lookedAt(near),
      this.read(near, began_at),
      this.effects(from, until),
    ])
    return {
      items: rankedChanges({ incident: id, began_at, until, around, remembered, figures, effects }),
      ...{ from, until, looked_at },
    }
  }

  private async incident(id: string): Promise<Row> {
    const [row] = await select<Row>(
      this.source,
      `select id, service, opened_at, resolved_at,
         (select min(starts_at) from flow.alert a where a.incident_id = i.id
          and (a.state = 'firing' or i.resolved_at is not null)
          and a.starts_at > i.opened_at - make_interval(secs => $2)) as alert_began_at
       from flow.incident i where id = $1`,
      [id, BEFORE_OPENING / 1000],
    )
    if (!row) throw new Refused('not-found', `There is no incident ${id}.`)
    return row
  }

  /** Figures, by the row that reaches back to before what is wrong began. */
  private read(targets: readonly string[], began: string): Promise<Figure[]> {
    const reach = this.now().getTime() - Date.parse(began) < FINE ? 'fine' : 'far'
    return select<Figure>(this.source, figuresWhere('target = any($1)', reach), [targets])
  }

  /**
   * What the worker remembers of things that changed since then, or that stand at their maximum: a house has thousands that did
   * neither. An older worker remembered less of them.
   */
  private async changed(near: readonly string[], from: string): Promise<Remembered[]> {
    const rows = await select<{ id: string; at: string; value: JsonObject }>(
      this.source,
      `select id, at, value from (
         select *, coalesce(value->'changes'->0, value->'last_change')->>'at' collate "C" as changed_at
         from flow.observation where ${THINGS}) as thing
       where changed_at >= $2 or value->>'at_maximum_since' is not null
       order by id = any($1) desc, changed_at desc nulls last, id limit ${MOST_CHANGED}`,
      [near, from],
    )
    return rows.map(({ id, at, value }) => {
      const { changes, last_change, autoscaler, at_maximum_since, watched_since } = value as Partial<Remembered> & { last_change?: Remembered['changes'][number] | null } // prettier-ignore
      const remembered = Array.isArray(changes) ? changes : last_change ? [last_change] : []
      return { target: id, changes: remembered, autoscaler: autoscaler ?? null, at_maximum_since: at_maximum_since ?? null, watched_since: watched_since ?? at } // prettier-ignore
    })
  }

  /** When the worker last looked at one of these; at anything, where it has seen none of them. RFC 3339; null: never. */
  private async lookedAt(near: readonly string[]): Promise<string | null> {
    const [row] = await select<{ at: string | null }>(
      this.source,
      `select coalesce(max(at) filter (where id = any($1)), max(at)) as at from flow.observation where ${THINGS}`,
      [near],
    )
    return row?.at ?? null
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
       where s.state in ('done', 'kept', 'undone') and s.ended_at between $1 and $2
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
