import {
  Refused,
  sayEntry,
  whyNotAcknowledge,
  whyNotAssign,
  whyNotCorrect,
  whyNotPlanFor,
  whyNotReopen,
  whyNotResolve,
  type Alert,
  type AlertRules,
  type Incident,
} from '@firebreak/flow'
import { text, type EntryBody } from '@firebreak/audit-log'
import type { Recipe } from '@firebreak/kit'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { alertView } from '../alerts/alerts.read-model.js'
import { cursorAfter } from '../http/cursor.js'
import { mayNow } from '../http/rights.js'
import { select } from '../http/select.js'
import type { Caller } from '../people/callers.js'
import { nameOf } from '../people/names.js'
import { conditionsOf, URGENCY, whereOf } from './filter.js'
import { urgencyIn, type IncidentQuery } from './incidents.schema.js'

interface Row extends Incident {
  owner_name: string | null
  alerts_firing: number
  phase: 'none' | 'mitigating' | 'mitigated'
  offered: { plan: string; recipe: string; tier: 'T0' | 'T1' | 'T2' | 'T3' } | null
}

const SUMMARY = `
  select i.*, p.name as owner_name,
    (select count(*)::int from flow.alert a where a.incident_id = i.id and a.state = 'firing') as alerts_firing,
    -- By its newest run alone: what an earlier one mended may have broken again since.
    coalesce((select case
       when r.state in ('queued', 'running', 'waiting', 'verifying', 'cancelling', 'undoing') then 'mitigating'
       when r.state = 'succeeded' and not exists (
         select from flow.alert a where a.incident_id = i.id and a.state = 'firing' and a.starts_at > r.ended_at
       ) and not (i.state in ('open', 'acknowledged') and exists (
         -- Whoever opened it again says that it is back, whatever the alerts say.
         select from audit.entry e where e.stream_id = 'incident:' || i.id and e.type = 'incident.reopened'
           and (convert_from(e.body, 'utf8')::json->>'ts')::timestamptz > r.ended_at)
       ) then 'mitigated' else 'none' end
     from flow.run r where r.incident_id = i.id order by r.id desc limit 1), 'none') as phase,
    (select jsonb_build_object('plan', o.id, 'recipe', o.recipe_id, 'tier', o.tier)
     from flow.plan o where o.incident_id = i.id and o.state = 'proposed' order by o.id desc limit 1) as offered
  from flow.incident i left join flow.person p on p.id = i.owner`

/** A timeline longer than this is cut at its old end; the log has it all. */
const MOST_LINES = 1_000

/** Incidents as screens show them. */
export class IncidentsReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly rules: AlertRules,
    private readonly recipes: ReadonlyMap<string, Recipe>,
    private readonly now: () => Date,
  ) {}

  async page({ limit, after, order, ids, ...filter }: z.infer<typeof IncidentQuery>, by: Pick<Caller, 'id'>) {
    const { conditions, params, place } = conditionsOf(filter, by, order)
    if (ids !== undefined) conditions.push(`i.id = any(${place(ids)})`)
    const from = after === undefined ? undefined : urgencyIn(after)
    if (from)
      conditions.push(`(${URGENCY}, i.id) < (translate(${place(from.severity)}, '1234', '4321'), ${place(from.id)})`)
    else if (after !== undefined) conditions.push(`i.id < ${place(after)}`)
    const many = Math.max(limit, ids?.length ?? 0)
    const rows = await select<Row>(
      this.source,
      `${SUMMARY} ${whereOf(conditions)}
       order by ${order === 'urgency' ? `${URGENCY} desc, i.id desc` : 'i.id desc'} limit ${place(many + 1)}`,
      params,
    )
    const items = rows.slice(0, many)
    const last = rows.length > many ? items.at(-1) : undefined
    const key = last && (order === 'urgency' ? `${last.severity} ${last.id}` : last.id)
    return { items: items.map((row) => this.summary(row)), next: key === undefined ? null : cursorAfter(key) }
  }

  async one(id: string, by: Caller) {
    const [row] = await select<Row>(this.source, `${SUMMARY} where i.id = $1`, [id])
    if (!row) throw new Refused('not-found', `There is no incident ${id}.`)
    const alerts = await select<Alert>(
      this.source,
      'select * from flow.alert where incident_id = $1 order by id desc limit 500',
      [id],
    )
    const plans = await select<{ id: string }>(
      this.source,
      `select id from flow.request where kind = 'plan' and incident_id = $1 order by id desc limit 100`,
      [id],
    )
    const [lead] = await select<{ id: string; name: string }>(
      this.source,
      'select id, name from flow.person where id = flow.lead_of($1)',
      [id],
    )
    return {
      ...this.summary(row),
      lead: lead ?? null,
      page: `/v1/runbook/${row.class}`,
      alerts: alerts.map(alertView),
      plans: plans.map((plan) => plan.id),
      suggested: this.rules.suggestionsFor(row.class).map((recipe) => recipe.id),
      may: {
        acknowledge: mayNow('incident.acknowledge', by, whyNotAcknowledge(row, by)),
        assign: mayNow('incident.assign', by, whyNotAssign(row)),
        correct: mayNow('incident.correct', by, whyNotCorrect(row)),
        reopen: mayNow('incident.reopen', by, whyNotReopen(row, this.rules.resolveWindowMinutes, this.now())),
        resolve: mayNow('incident.resolve', by, whyNotResolve(row)),
        note: mayNow('incident.note', by, undefined),
        plan: mayNow('plan.request', by, whyNotPlanFor(row)),
      },
    }
  }

  /** What the log says about the incident, its plans and its runs, oldest first, in sentences. */
  async timeline(id: string) {
    const rows = await select<{ body: Uint8Array; position: number | null; name: string | null }>(
      this.source,
      `with of as (
         select 'incident:' || id as stream from flow.incident where id = $1
         union all select 'plan:' || id from flow.request where kind = 'plan' and incident_id = $1
         union all select 'run:' || id from flow.run where incident_id = $1)
       select * from (
         select e.era, e.xid, e.id, e.body, l.position::int
         from audit.entry e left join audit.leaf l on (l.era, l.xid, l.id) = (e.era, e.xid, e.id)
         where e.stream_id in (select stream from of)
         order by e.era desc, e.xid desc, e.id desc limit ${MOST_LINES}) as newest
       order by era, xid, id`,
      [id],
    )
    if (rows.length === 0) throw new Refused('not-found', `There is no incident ${id}.`)
    const names = await nameOf(this.source)
    return {
      items: rows.map(({ body, position }) => {
        const entry = JSON.parse(text(body)) as EntryBody
        return {
          entry: entry.entry_id,
          position,
          at: entry.ts,
          type: entry.type,
          about: entry.about,
          by: names(entry.actor.id),
          says: sayEntry(entry, (person) => names(person).name),
          outcome: entry.outcome ?? null,
          detail: entry.detail ?? {},
        }
      }),
    }
  }

  /** What its runs have put into our own store, as the log names it. */
  async evidence(id: string) {
    const known = await select(this.source, 'select from flow.incident where id = $1', [id])
    if (known.length === 0) throw new Refused('not-found', `There is no incident ${id}.`)
    const rows = await select<{ body: Uint8Array; position: number | null }>(
      this.source,
      `select e.body, l.position::int
       from audit.entry e left join audit.leaf l on (l.era, l.xid, l.id) = (e.era, e.xid, e.id)
       where e.stream_id in (select 'run:' || id from flow.run where incident_id = $1) and e.type = 'step.done'
       order by e.era, e.xid, e.id limit ${MOST_LINES}`,
      [id],
    )
    return {
      items: rows.flatMap(({ body, position }) => {
        const { entry_id, ts, output = [], detail } = JSON.parse(text(body)) as EntryBody<'step.done'>
        const contents = detail?.output?.['contents']
        return output.map((sealed) => ({
          ...{ entry: entry_id, position, at: ts, run: detail?.run ?? '', ...sealed },
          contents: typeof contents === 'string' ? contents : '',
        }))
      }),
    }
  }

  private summary({ owner_name, offered, ...row }: Row) {
    return {
      ...row,
      owner: row.owner === null ? null : { id: row.owner, name: owner_name ?? row.owner },
      offered: offered && {
        ...offered,
        recipe: { id: offered.recipe, title: this.recipes.get(offered.recipe)?.title ?? offered.recipe },
      },
    }
  }
}
