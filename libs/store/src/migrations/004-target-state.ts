/** How each target was left, or seen last: what the runner holds it against when it comes by again. */
export const targetState = /* sql */ `

-- Not controlled: every line of it follows from the entries about the target (audit-log's chain.ts), and the checker
-- derives it anew. It stands here so that no run has to read the log. A value of null: it was left as nobody saw.
create table flow.target_state (
  id     text primary key,
  target text not null,
  verb   text not null,
  value  jsonb,
  at     timestamptz not null
);

grant select on flow.target_state to fb_api, fb_worker, fb_reader;
grant insert, update (value, at) on flow.target_state to fb_worker;

`
