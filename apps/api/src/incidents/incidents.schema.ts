import { classes } from '@firebreak/kit'
import { z } from 'zod'
import { at, json, may, page, paging, who } from '../http/view.js'
import { changeKinds } from './changes.js'

export const AlertView = z
  .object({
    id: z.string(),
    source: z.string(),
    fingerprint: z.string(),
    state: z.enum(['firing', 'resolved']),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
    generator_url: z.string().nullable(),
    starts_at: at,
    ends_at: at.nullable(),
    flaps: z.int(),
    incident: z.string(),
  })
  .meta({ id: 'Alert' })
export const AlertPage = page(AlertView, 'AlertPage')

const severity = z.enum(['SEV1', 'SEV2', 'SEV3', 'SEV4'])

const summary = {
  id: z.string(),
  state: z.enum(['open', 'acknowledged', 'resolved', 'closed']),
  /** Derived from its runs. */
  phase: z.enum(['none', 'mitigating', 'mitigated']),
  class: z.enum(classes),
  severity,
  title: z.string(),
  service: z.string().nullable(),
  environment: z.string().nullable(),
  owner: who.nullable(),
  opened_at: at,
  resolved_at: at.nullable(),
  alerts_firing: z.int(),
  /** The newest plan that is offered for it and waits for people; null where there is none. Its page says what stands in its way. */
  offered: z
    .object({
      plan: z.string(),
      recipe: z.object({ id: z.string(), title: z.string() }),
      tier: z.enum(['T0', 'T1', 'T2', 'T3']),
    })
    .nullable(),
  version: z.int(),
}
export const IncidentSummary = z.object(summary).meta({ id: 'IncidentSummary' })
export const IncidentPage = page(IncidentSummary, 'IncidentPage')

export const IncidentView = z
  .object({
    ...summary,
    /** Who acknowledged it themselves last: they lead it, whoever was given it since. */
    lead: who.nullable(),
    /** The runbook page of its class: `/v1/runbook/high-api-latency`. */
    page: z.string(),
    alerts: z.array(AlertView),
    /** Ids of its plans, newest first. */
    plans: z.array(z.string()),
    /** Ids of the recipes that the house suggests for its class, the most apt first: each can be asked for a plan. */
    suggested: z.array(z.string()),
    may: z.object({ acknowledge: may, assign: may, correct: may, resolve: may, reopen: may, note: may, plan: may }),
  })
  .meta({ id: 'Incident' })

/** One line of the timeline: an entry of the log as a sentence. */
export const TimelineItem = z
  .object({
    entry: z.string(),
    /** Its place in the log; null until it is covered by the sequencer. */
    position: z.int().nullable(),
    at,
    type: z.string(),
    about: z.string(),
    by: who,
    says: z.string(),
    outcome: z.string().nullable(),
    detail: json,
  })
  .meta({ id: 'TimelineItem' })
export const Timeline = z.object({ items: z.array(TimelineItem) }).meta({ id: 'Timeline' })

/** Evidence that a run has kept, as the entry of its step names it. */
export const EvidenceItem = z
  .object({
    entry: z.string(),
    /** Its place in the log; null until it is covered by the sequencer. */
    position: z.int().nullable(),
    at,
    run: z.string(),
    /** Of its bytes, hexadecimal: by this name it lies in a bundle, `blobs/<sha256>`. */
    sha256: z.string(),
    size: z.int(),
    media_type: z.string(),
    /** What is in it and what is not, in words. */
    contents: z.string(),
  })
  .meta({ id: 'EvidenceItem' })
export const Evidence = z.object({ items: z.array(EvidenceItem) }).meta({ id: 'Evidence' })

/** One figure over time, as the worker read it. */
export const Figure = z
  .object({
    target: z.string().meta({ description: 'Whose it is: `service:api`, `model:invoice-classifier`, `queue:batch`' }),
    /** Its name among the figures of the target: `p95_ms`. */
    name: z.string(),
    title: z.string(),
    unit: z.string().meta({ description: '`ms`, `%`, `/s`, `jobs`, `pods`; empty where it is a bare number' }),
    /** Above this it is bad, as the house says. */
    threshold: z.number().nullable(),
    at: at.nullable().meta({ description: 'When it was last read, RFC 3339, UTC; null: never yet' }),
    age_ms: z.int().nullable(),
    step_s: z.int().meta({ description: 'Seconds between two points' }),
    points: z
      .array(z.tuple([z.int(), z.number().nullable()]))
      .meta({ description: 'Oldest first: seconds since 1970, and the value; null is a gap, and never a zero' }),
    /** Why it could not be read when the worker last tried; its points are those of before then. */
    unavailable: z.string().nullable(),
  })
  .meta({ id: 'Figure' })
export const Figures = z.object({ items: z.array(Figure) }).meta({ id: 'Figures' })
export const FigurePage = page(Figure, 'FigurePage')

/** Something that became other than it was, around the time when the incident began. */
export const Change = z
  .object({
    kind: z.enum(changeKinds),
    target: z.string(),
    /** One sentence of facts. */
    says: z.string(),
    at: at.meta({ description: 'When it was first seen so, RFC 3339, UTC' }),
    after: at.nullable().meta({ description: 'When it was last seen as it had been; null where that is not known' }),
    weight: z.number().min(0).max(1).meta({ description: 'How likely it is the cause, among what changed' }),
    /** Why it ranks there. */
    because: z.string(),
    /** The run of ours that did it. */
    run: z.string().nullable(),
  })
  .meta({ id: 'Change' })
export const Changes = z
  .object({
    items: z.array(Change),
    from: at,
    until: at,
    looked_at: at.nullable().meta({ description: 'When the worker last looked at what it is about; null: never' }),
  })
  .meta({ id: 'Changes' })

export const Resolve = z.strictObject({ reason: z.string().trim().min(1).max(2000) })
export const Reopen = Resolve
/** What is corrected: a severity with a reason. Both at once are both. */
export const Correct = z
  .strictObject({
    /** Somebody who may acknowledge, by their id. */
    owner: z.string().min(1).max(200).optional(),
    severity: severity.optional(),
    reason: z.string().trim().min(1).max(2000).optional(),
  })
  .refine(({ owner, severity }) => owner !== undefined || severity !== undefined, 'names neither owner nor severity')
  .refine(({ severity, reason }) => severity === undefined || reason !== undefined, {
    path: ['reason'],
    message: 'a severity is corrected with a reason',
  })
export const Note = z.strictObject({ text: z.string().trim().min(1).max(2000) })
/** Several values, with commas between them. */
const several = (one: RegExp, most: number, says: string) =>
  z
    .string()
    .transform((text) => [...new Set(text.split(','))])
    .refine((values) => values.length <= most && values.every((value) => one.test(value)), says)

/** What of all incidents is wanted; what is left out filters nothing. */
const filters = {
  /** `active`: open or acknowledged. */
  state: z.enum(['open', 'acknowledged', 'resolved', 'closed', 'active']).optional(),
  class: z.enum(classes).optional(),
  /** One or more of them: `SEV1,SEV2`. */
  severity: several(/^SEV[1-4]$/, 4, 'is one or more of SEV1, SEV2, SEV3, SEV4, with commas between them').optional(),
  service: z.string().min(1).max(200).optional(),
  /** A person’s id; `me`; or `nobody`. */
  owner: z.string().min(1).max(100).optional(),
  /** Stands somewhere in the title or in the name of the service, in whatever case. */
  text: z.string().trim().min(1).max(200).optional(),
}

/** Ids of one request. */
export const MOST_IDS = 200

export const IncidentQuery = z
  .strictObject({
    ...filters,
    /** Only these, at most 200, with commas between them: for a page that holds them and has heard that they changed. */
    ids: several(/^[\w-]{1,64}$/, MOST_IDS, `is at most ${MOST_IDS} ids, with commas between them`).optional(),
    /** `urgency`: the worst first, of equals the newest. A cursor of one order is none of the other. */
    order: z.enum(['newest', 'urgency']).default('newest'),
    ...paging,
    limit: z.coerce.number().int().min(1).max(1_000).default(50),
  })
  .refine(({ order, after }) => after === undefined || (order === 'urgency') === (urgencyIn(after) !== undefined), {
    path: ['after'],
    message: 'is the `next` of another order',
  })

export const IncidentFilter = z.strictObject(filters)

/** The place in the order of urgency that a cursor’s key names; undefined for any other key. */
export function urgencyIn(key: string): { severity: string; id: string } | undefined {
  const [, severity, id] = /^(SEV[1-4]) (\S+)$/.exec(key) ?? []
  return severity === undefined || id === undefined ? undefined : { severity, id }
}

const count = z.int().min(0)
export const IncidentCounts = z
  .object({
    /** How many there are, whatever the filter. */
    total: count,
    /** How many pass the filter. */
    matching: count,
    /** By each value of one filter, of those that pass the others: what would be seen with that value instead. */
    state: z.object({ open: count, acknowledged: count, resolved: count, closed: count }),
    severity: z.object({ SEV1: count, SEV2: count, SEV3: count, SEV4: count }),
    /** The fifty that have most of them, and the one that is asked for. */
    services: z.array(z.object({ service: z.string(), count })),
    owner: z.object({ me: count, nobody: count }),
    /** Of each filter that is set: how many would pass without it. */
    without: z.object({
      state: count.optional(),
      class: count.optional(),
      severity: count.optional(),
      service: count.optional(),
      owner: count.optional(),
      text: count.optional(),
    }),
    /** When they were counted: a second ago at most, or as much longer as counting takes long. */
    at,
  })
  .meta({ id: 'IncidentCounts' })
