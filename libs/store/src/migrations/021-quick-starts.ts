/** What a run may begin in, asked without reading the plans of all runs before it where no target has to rest. */
export const quickStarts = /* sql */ `

-- As in 023, whose name comes later and which ran earlier.
create or replace function flow.why_not_begin(run flow.run, plan flow.plan) returns text
  language sql stable set search_path = pg_catalog
  as $$
  with asked as (
    select coalesce((plan.body -> 'contains')::boolean, false) as contains,
      array(select distinct t #>> '{}' from jsonb_path_query(plan.body, '$.steps[*].targets[*]') t) as targets,
      array(select jsonb_array_elements_text(run.scopes)) as scopes,
      -- What the API wrote, not what the worker copied.
      exists (select from flow.request r where r.id = plan.id and r.incident_id is not null)
        and plan.body #>> '{approval,raised_from}' is not null as raised,
      make_interval(mins => coalesce((plan.body #>> '{limits,cooldown_minutes}')::int, 0)) as cooldown
  )
  select case
    when run.scopes is null or not 'house:everything' = any (scopes) or not targets <@ scopes then 'scopes'
    when (select r.body -> 'on' = 'true' from flow.request r where r.kind = 'stop' order by r.id desc limit 1) then 'halted'
    when not contains and exists (
      select from flow."freeze" f where f.scopes ?| asked.scopes
        and not exists (select from flow.enforcement e where e.id = f.id and e.state = 'lifted')
        -- Its own pass goes over one freeze. As flow.passes_freeze, for a run that is not there yet.
        and not exists (select from flow.break_glass b join flow.break_glass_decision d on d.id = b.id
          where b.id = run.break_glass and b.plan_id = plan.id and b.freeze_id = f.id and d.decision = 'granted'
            and d.expires_at > run.started_at)) then 'frozen'
    when not contains and not raised and cardinality(targets) > 0 and exists (
      select from flow.quiet_window w where w.scopes ?| asked.scopes and w.cancelled_at is null
        and w.starts_at <= run.started_at and w.ends_at > run.started_at) then 'quiet'
    -- Asked only where there is a cooldown: it reads the plans of whatever ended meanwhile.
    when not contains and cooldown > interval '0' and exists (
      select from flow.run before join flow.plan p on p.id = before.plan_id,
        jsonb_path_query(p.body, '$.steps[*].targets[*]') as t(target)
      where before.id <> run.id and before.ended_at > run.started_at - cooldown and t.target #>> '{}' = any (targets)
        and exists (select from flow.step s where s.run_id = before.id and s.intended_at is not null)) then 'cooldown'
    when exists (
      select from jsonb_array_elements(plan.body #> '{limits,caps}') c,
        lateral (
          select count(distinct t.target) as targets, count(distinct (effect.step, effect.item)) as effects
          from (
            select s.step, i.item, i.effect from jsonb_array_elements(plan.body -> 'steps') with ordinality as s(value, step),
              jsonb_array_elements(case when jsonb_typeof(s.value -> 'items') = 'array' then s.value -> 'items'
                else jsonb_build_array(s.value) end) with ordinality as i(effect, item)
          ) as effect, jsonb_array_elements_text(effect.effect -> 'targets') as t(target)
          where not c ? 'environment' or c -> 'there' ? t.target
        ) as has
      where has.targets > (c ->> 'targets')::int or has.effects > (c ->> 'effects')::int) then 'out-of-range'
    when run.standing is not null and exists (
      select from flow.budget b where not exists (select from flow.request r where r.kind = 'rearm' and r.subject = b.id)
        and (b.budget = 'recipe:' || plan.recipe_id or b.budget = any (asked.scopes)
          or b.budget = any (select 'target:' || t from unnest(targets) t))) then 'disarmed'
  end
  from asked
$$;
`
