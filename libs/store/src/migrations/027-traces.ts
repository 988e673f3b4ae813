/** Where the trace of a thing goes on, for a week: diagnosis, which decides nothing and is no part of the record. */
export const traces = /* sql */ `

create table flow.trace (
  -- \`plan:pln_…\`: on what the next one goes on who takes it up.
  id          text primary key check (length(id) <= 200),
  -- As the W3C has it.
  traceparent text not null check (traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$'),
  at          timestamptz not null default now()
);
create index trace_over on flow.trace (at);

grant select, insert, update (traceparent, at) on flow.trace to fb_api, fb_worker;
grant delete on flow.trace to fb_worker;
`
