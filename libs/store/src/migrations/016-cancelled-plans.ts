/** A plan that somebody cancelled never becomes a run. */
export const cancelledPlans = /* sql */ `

-- The domain asks the same under the plan's stream lock. Here it is asked again, of whoever inserts a run.
create function flow.refuse_run_of_cancelled_plan() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  if exists (select from flow.request where kind = 'cancel' and subject = new.plan_id) then
    raise exception 'the plan % was cancelled', new.plan_id using errcode = 'check_violation', constraint = 'cancelled';
  end if;
  return new;
end $$;
revoke all on function flow.refuse_run_of_cancelled_plan() from public;
create trigger cancelled before insert on flow.run for each row execute function flow.refuse_run_of_cancelled_plan();
alter table flow.run enable always trigger cancelled;
`
