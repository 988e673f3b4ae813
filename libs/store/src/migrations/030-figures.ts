/** Figures of targets over the last hour, as the worker read them: like observations, and no part of the audited record. */
export const figures = /* sql */ `

create table flow.figure (
  -- The target and the figure's name: \`service:api p95_ms\`.
  id     text primary key check (length(id) <= 500),
  target text not null,
  value  jsonb not null,
  -- When it was last read; null: never yet.
  at     timestamptz
);
create index figure_of on flow.figure (target);
-- What runs gave back lately is looked for where something changed.
create index loan_back on flow.loan (returned_at) where returned_at is not null;

grant select on flow.figure to fb_api, fb_worker, fb_reader;
grant insert, update (value, at), delete on flow.figure to fb_worker;
`
