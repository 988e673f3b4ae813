/**
 * A recipe that did harm is sent back to watching, and what it did is taken back by a plan of the same recipe: that one starts.
 * Whether a plan takes a run back is read from the API's wish, and not from what the worker says of it.
 */
export const revertsOfWatching = /* sql */ `

create or replace function flow.refuse_run_before_its_stage() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
declare
  plan  flow.plan;
  stage text;
begin
  select * into plan from flow.plan where id = new.plan_id;
  stage := flow.stage_in_force(plan.recipe_id, plan.recipe_digest, plan.body #>> '{recipe,stage}');
  if stage = 'watch' and not exists (select from flow.request r where r.id = plan.id and r.kind = 'plan'
      and r.subject = plan.recipe_id and r.body ->> 'reverts' = plan.body ->> 'reverts') then
    raise exception 'the recipe % only watches', plan.recipe_id using errcode = 'check_violation', constraint = 'stage';
  end if;
  if new.standing is not null and stage is distinct from 'auto' then
    raise exception 'the recipe % is in the stage %: it starts nothing by itself', plan.recipe_id, stage
      using errcode = 'check_violation', constraint = 'stage';
  end if;
  return new;
end $$;
`
