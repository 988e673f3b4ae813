import { z } from 'zod'
import { at, json, may, page, paging, who } from '../http/view.js'

export const ApprovalView = z
  .object({ id: z.string(), by: who, decision: z.enum(['yes', 'no']), digest: z.string(), note: z.string(), at })
  .meta({ id: 'Approval' })

export const PlanStepView = z
  .object({
    verb: z.string(),
    /** By which later steps refer to what it gives. */
    name: z.string().optional(),
    /** An argument that an earlier step will give stands here as `{ "ref": { "step": …, "path": … } }`. */
    args: json,
    says: z.string(),
    targets: z.array(z.string()),
    before: json,
    after: json,
    reversible: z.enum(['yes', 'compensable', 'no']),
    undo: z.union([z.object({ says: z.string() }), z.object({ none: z.string() })]),
    loan_minutes: z.int().nullable(),
    /** Of a step over many: each effect, and how it goes through them. */
    items: z
      .array(z.object({ args: json, says: z.string(), targets: z.array(z.string()), before: json, after: json }))
      .optional(),
    pace: z
      .object({
        first: z.int(),
        most: z.int(),
        pause_s: z.int(),
        stop_above_percent: z.int(),
        within_s: z.int(),
      })
      .optional(),
  })
  .meta({ id: 'PlanStep' })

/** The value that the digest is taken over, exactly as it stands in the record. */
export const PlanBodyView = z
  .object({
    v: z.literal(1),
    id: z.string(),
    recipe: z.object({
      ...{ id: z.string(), version: z.int(), digest: z.string() },
      /** Where its file says that it begins. Not in plans of before. */
      stage: z.enum(['watch', 'propose', 'auto']).optional(),
    }),
    params: json,
    trigger: z.record(z.string(), z.string()),
    incident: z.string().nullable(),
    requested_by: z.string(),
    reason: z.string(),
    /** The run that it takes back: its recipe is that run's, and its steps are the way back. */
    reverts: z.string().optional(),
    reads: z.array(z.object({ what: z.string(), at })),
    facts: json,
    findings: z.array(z.object({ says: z.string(), suggests: z.string().nullable() })).optional(),
    guards: z.array(json),
    steps: z.array(PlanStepView),
    blast_radius: z.object({ targets: z.int(), steps: z.int(), items: z.int().optional() }),
    /** It only contains, or captures evidence: a freeze lets it pass. */
    contains: z.boolean().optional(),
    /** How far the house let anything go when it was made; the start is held to it. Not in plans of before. */
    limits: z
      .object({
        cooldown_minutes: z.int(),
        caps: z.array(
          z.object({
            environment: z.string().optional(),
            targets: z.int().optional(),
            effects: z.int().optional(),
            there: z.array(z.string()),
          }),
        ),
      })
      .optional(),
    verify: z.object({ within_s: z.int(), says: z.string() }),
    approval: z.object({
      tier: z.enum(['T0', 'T1', 'T2', 'T3']),
      roles: z.array(z.string()),
      people: z.int(),
      raised_from: z.enum(['T0', 'T1', 'T2', 'T3']).optional(),
    }),
    made_at: at,
    expires_at: at,
  })
  .meta({ id: 'PlanBody' })

export const PlanView = z
  .object({
    id: z.string(),
    /** `requested` until the worker has looked; `approved` when its digest has its quorum. Both derived. */
    state: z.enum([
      'requested',
      'proposed',
      'approved',
      'stopped',
      'failed',
      'used',
      'refused',
      'stale',
      'expired',
      'cancelled',
    ]),
    recipe: z.object({ id: z.string(), title: z.string(), version: z.int(), meaning: z.string(), impact: z.string() }),
    incident: z.string().nullable(),
    requested_by: who,
    requested_at: at,
    reason: z.string(),
    /** The run that it takes back. */
    reverts: z.string().nullable(),
    /** Null until the plan is made, and when the recipe said stop. */
    digest: z.string().nullable(),
    body: PlanBodyView.nullable(),
    because: z.string().nullable(),
    expires_at: at.nullable(),
    approvals: z.array(ApprovalView),
    quorum: z.object({ needed: z.int(), given: z.int() }),
    /** What a yes has to bring along as `typed`: the target, or how many there are. Null where the plan can be taken back. */
    to_type: z.string().nullable(),
    run: z.string().nullable(),
    /** `refuse` is the "no": it is taken also while a "yes" has to wait. */
    may: z.object({ approve: may, refuse: may, cancel: may, break_glass: may }),
  })
  .meta({ id: 'Plan' })
export const PlanPage = page(PlanView, 'PlanPage')

/** Of a recipe, or, with `reverts`, of the way back of a run: recipe, parameters and incident are that run's then. */
export const NewPlan = z
  .strictObject({
    recipe: z.string().min(1).max(100).optional(),
    params: json.default({}),
    incident: z.string().max(100).optional(),
    reason: z.string().max(2000).default(''),
    labels: z.record(z.string().max(200), z.string().max(2000)).optional(),
    /** A run that is over, to take back. */
    reverts: z.string().min(1).max(100).optional(),
  })
  .superRefine((wish, { addIssue }) => {
    const named = (['recipe', 'incident', 'labels'] as const).filter((name) => wish[name] !== undefined)
    const given = Object.keys(wish.params).length > 0 ? [...named, 'params' as const] : named
    if (wish.reverts === undefined && wish.recipe === undefined)
      addIssue({ code: 'custom', path: ['recipe'], message: 'expected a recipe, or `reverts`: a run to take back' })
    for (const name of wish.reverts === undefined ? [] : given)
      addIssue({ code: 'custom', path: [name], message: 'leave it out: with `reverts` it is that of the run' })
  })

export const NewApproval = z.strictObject({
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits'),
  decision: z.enum(['yes', 'no']),
  note: z.string().max(2000).default(''),
  /** For a yes to a plan with `to_type`: exactly that. */
  typed: z.string().max(500).optional(),
})

export const CancelPlan = z.strictObject({ reason: z.string().trim().min(1).max(2000) })

export const PlanQuery = z.strictObject({
  incident: z.string().max(100).optional(),
  /**
   * `proposed`: those that wait for people. A row may be further than that already (`approved`, `refused`, `expired`):
   * its state is what the record will say as soon as the worker comes by.
   */
  state: z.enum(['proposed']).optional(),
  /** Who asked for it: a person's id, or `me`. */
  requested_by: z.string().max(100).optional(),
  ...paging,
})
