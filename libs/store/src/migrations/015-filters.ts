/** Each filter of a list is a walk along an index in the order in which it is shown (`npm run bench -- lists`). */
export const filters = /* sql */ `

create index incident_of_class on flow.incident (class, id);
create index incident_of_severity on flow.incident (severity, id);
create index run_in_state on flow.run (state, id);
create index run_of_recipe_by_id on flow.run (recipe_id, id);

-- The ledger of alerts adds up every delivery there ever was: from this alone, and from none of their bodies.
create index delivery_counts on flow.delivery (source)
  include (state, received, opened, joined, repeated, resolved, suppressed, refused, received_at);
`
