/** Budgets of runs that start by themselves: that one was spent, and that it was told. */
export const budgets = /* sql */ `

create table flow.budget (
  id      text primary key,
  -- Whose: recipe:scale-api, target:deployment:prod/api, service:api.
  budget  text not null,
  runs    int  not null,
  minutes int  not null,
  -- The plan that found nothing left.
  plan_id text not null references flow.plan,
  at      timestamptz not null,
  because text not null,
  -- The delivery by which it came in as an alert, and the one by which that is over.
  told    text not null references flow.delivery,
  over    text references flow.delivery
);
create index budget_spent on flow.budget (budget, id);
create index budget_to_tell on flow.budget (id) where over is null;
-- Counted with every start by itself, and only of a budget's minutes.
create index run_by_itself_since on flow.run (started_at) where standing is not null;
-- Asked of the last time that a budget was spent.
create index request_to_rearm on flow.request (subject) where kind = 'rearm';

-- Told once that it is over.
create function flow.refuse_second_end() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
begin
  if old.over is not null or not exists (select from flow.request where kind = 'rearm' and subject = old.id) then
    raise exception 'the budget % is told of already, or nobody re-armed it', old.budget
      using errcode = 'check_violation', constraint = 'passage';
  end if;
  return new;
end $$;
create trigger passage before update on flow.budget for each row execute function flow.refuse_second_end();
alter table flow.budget enable always trigger passage;
revoke execute on function flow.refuse_second_end() from public;

create constraint trigger audited after insert or update or delete on flow.budget
  deferrable initially deferred for each row execute function audit.require_entry('budget');
alter table flow.budget enable always trigger audited;

grant select on flow.budget to fb_api, fb_worker, fb_reader;
grant insert on flow.budget to fb_worker;
grant update (over) on flow.budget to fb_worker;
`
