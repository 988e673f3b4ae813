/** What was done under which Idempotency-Key, and what was answered, for a day; and who clears away what is over. */
export const manners = /* sql */ `

create table flow.idempotency (
  -- SHA-256 of who, which route, and their key.
  id         text primary key check (id ~ '^[0-9a-f]{64}$'),
  -- SHA-256 of what was asked.
  digest     text not null check (digest ~ '^[0-9a-f]{64}$'),
  -- What its transactions returned, and the ids that were made on the way: to go on after a crash where it was.
  results    json not null,
  ids        json not null,
  at         timestamptz not null,
  expires_at timestamptz not null check (expires_at >= at + interval '24 hours'),
  -- Together, once there is an answer.
  status     int,
  headers    json,
  answer     text,
  check ((status is null) = (answer is null) and (status is null) = (headers is null))
);
create index idempotency_over on flow.idempotency (expires_at);
create index session_over on flow.session (expires_at);

grant select, insert, update (results, ids, status, headers, answer) on flow.idempotency to fb_api;
-- Answers are for whoever asked. The worker sees as much of them as it takes to clear them away.
grant select (id, expires_at), delete on flow.idempotency to fb_worker;
alter table flow.idempotency enable row level security;
create policy api_answers on flow.idempotency to fb_api using (true) with check (true);
create policy worker_clears_away on flow.idempotency to fb_worker using (expires_at < now());

grant delete on flow.session to fb_worker;
alter table flow.session enable row level security;
create policy api_signs_in on flow.session to fb_api using (true) with check (true);
create policy worker_reads on flow.session for select to fb_worker using (true);
create policy worker_clears_away on flow.session for delete to fb_worker using (expires_at < now());
`
