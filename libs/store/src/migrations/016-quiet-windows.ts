/** Times in which planned work waits. Planned, open and over are read off the clock; one that is open ends by itself. */
export const quietWindows = /* sql */ `

create table flow.quiet_window (
  id                text primary key,
  -- As those of a freeze; never empty.
  scopes            jsonb not null check (jsonb_typeof(scopes) = 'array' and jsonb_array_length(scopes) between 1 and 500),
  reason            text not null,
  "by"              text not null,
  at                timestamptz not null,
  starts_at         timestamptz not null,
  ends_at           timestamptz not null check (ends_at > starts_at and ends_at <= starts_at + interval '32 days'),
  cancelled_by      text,
  cancelled_at      timestamptz check (cancelled_at < starts_at),
  cancelled_because text,
  check ((cancelled_at is not null) = (cancelled_by is not null and cancelled_because is not null))
);
-- Asked with every yes and every start.
create index quiet_over on flow.quiet_window using gin (scopes) where cancelled_at is null;

-- Cancelled once, for good, and before it began: now is now, whatever the writer's clock says.
create function flow.refuse_late_cancel() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
begin
  if old.cancelled_at is not null or new.cancelled_at is null or old.starts_at <= now() - interval '5 minutes' then
    raise exception 'the quiet window % is cancelled already, or has begun', old.id
      using errcode = 'check_violation', constraint = 'passage';
  end if;
  return new;
end $$;
create trigger passage before update on flow.quiet_window for each row execute function flow.refuse_late_cancel();
alter table flow.quiet_window enable always trigger passage;
revoke execute on function flow.refuse_late_cancel() from public;

create constraint trigger audited after insert or update or delete on flow.quiet_window
  deferrable initially deferred for each row execute function audit.require_entry('quiet_window');
alter table flow.quiet_window enable always trigger audited;

grant select on flow.quiet_window to fb_api, fb_worker, fb_reader;
grant insert on flow.quiet_window to fb_api;
grant update (cancelled_by, cancelled_at, cancelled_because) on flow.quiet_window to fb_api;
`
