/** A standing approval has a budget: so many runs within so many minutes. */
export const standingBudget = /* sql */ `

-- The same as \`whyNotUnder\` of @firebreak/flow; a spec asks both. Null: the plan may start under it.
create or replace function flow.why_not_standing(standing flow.standing_approval, plan flow.plan, "at" timestamptz) returns text
  language sql stable set search_path = pg_catalog
  as $$
  select case
    when standing.state <> 'given' then 'revoked'
    when standing.expires_at <= "at" then 'expired'
    when standing.recipe_digest <> plan.recipe_digest
      or standing.recipe_digest is distinct from plan.body #>> '{recipe,digest}' then 'another recipe'
    -- It is one person's yes.
    when plan.tier = 'T3' or plan.quorum > 1 then 'needs more people'
    -- What a person asks for, people approve. What the API wrote, not what the worker copied.
    when exists (select from flow.request r join flow.person p on p.id = r."by" and p.kind = 'person' where r.id = plan.id)
      then 'asked by a person'
    when not exists (select from flow.person p join flow.role_grant g on g.person_id = p.id
        where p.id = standing."by" and p.kind = 'person' and plan.body #> '{approval,roles}' ? g.role) then 'not their role'
    when jsonb_array_length(plan.body -> 'steps') > (standing.bounds ->> 'steps')::int then 'too many steps'
    when exists (select from jsonb_array_elements(plan.body -> 'steps') s, jsonb_array_elements_text(s -> 'targets') t
        where not standing.targets ? t) then 'another target'
    when exists (select from jsonb_array_elements(plan.body -> 'steps') s, jsonb_each(s -> 'after') a
        where jsonb_typeof(a.value) = 'number' and (not standing.bounds -> 'after' ? a.key
          or a.value::numeric < (standing.bounds #>> array['after', a.key, 'at_least'])::numeric
          or a.value::numeric > (standing.bounds #>> array['after', a.key, 'at_most'])::numeric)) then 'out of bounds'
    -- What has no budget may start nothing.
    when (select count(*) from flow.run r where r.standing = standing.id
        and r.started_at > "at" - make_interval(mins => coalesce((standing.bounds #>> '{runs,minutes}')::int, 0)))
      >= coalesce((standing.bounds #>> '{runs,most}')::int, 0) then 'budget spent'
  end
$$;

-- Read with every start by itself.
drop index flow.run_by_itself;
create index run_by_itself on flow.run (standing, started_at) where standing is not null;
`
