/** How far a recipe may go by itself: what only watches starts nothing, and what starts by itself has graduated. */
export const stages = /* sql */ `

-- A recipe that only watches leaves what it would have done: stopped, with a body, and nothing can follow.
alter table flow.plan drop constraint plan_check;
alter table flow.plan add constraint plan_digest_of_state
  check (case state when 'failed' then digest is null when 'stopped' then true else digest is not null end);
create index plan_of_digest on flow.plan (recipe_digest);

create index graduation_of_recipe on flow.request (subject, id) where kind = 'graduation';

-- The same as \`inForce\` of @firebreak/flow; a spec asks both. Reads what people decided, and not what a worker says of it.
create function flow.stage_in_force(recipe text, digest text, written text) returns text
  language sql stable set search_path = pg_catalog
  as $$
  select case
    when last.body is null then written
    when last.body ->> 'digest' = digest then last.body ->> 'to'
    when array_position('{watch,propose,auto}'::text[], coalesce(written, 'propose'))
      < array_position('{watch,propose,auto}'::text[], last.body ->> 'to') then coalesce(written, 'propose')
    else last.body ->> 'to'
  end
  from (values (1)) as one left join lateral (
    select body from flow.request where kind = 'graduation' and subject = recipe order by id desc limit 1
  ) as last on true
$$;

create function flow.refuse_run_before_its_stage() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
declare
  plan  flow.plan;
  stage text;
begin
  select * into plan from flow.plan where id = new.plan_id;
  stage := flow.stage_in_force(plan.recipe_id, plan.recipe_digest, plan.body #>> '{recipe,stage}');
  if stage = 'watch' then
    raise exception 'the recipe % only watches', plan.recipe_id using errcode = 'check_violation', constraint = 'stage';
  end if;
  if new.standing is not null and stage is distinct from 'auto' then
    raise exception 'the recipe % is in the stage %: it starts nothing by itself', plan.recipe_id, stage
      using errcode = 'check_violation', constraint = 'stage';
  end if;
  return new;
end $$;

create trigger stage before insert on flow.run for each row execute function flow.refuse_run_before_its_stage();
alter table flow.run enable always trigger stage;

revoke execute on function flow.stage_in_force(text, text, text), flow.refuse_run_before_its_stage() from public;
grant execute on function flow.stage_in_force(text, text, text) to fb_api, fb_worker, fb_reader;
`
