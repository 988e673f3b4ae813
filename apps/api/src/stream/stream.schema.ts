import { z } from 'zod'

/** The `data` of one server-sent event. It only tells that something happened; what it is now is read from its own route. */
export const StreamEvent = z
  .object({
    /** The entry's type: `incident.opened`, `step.done`. */
    type: z.string(),
    /** Whose life it belongs to: `incident:inc_…`, `plan:pln_…`, `run:run_…`, `export:exp_…`. */
    id: z.string(),
    /** Its number in that life, without gaps: a jump means that something was missed. */
    version: z.int(),
    /** The row: `step:stp_…`. */
    about: z.string(),
  })
  .meta({ id: 'StreamEvent' })
