/**
 * A text is looked for anywhere in the title of an incident and in the name of its service: by its trigrams, so that one that stands
 * nowhere is not looked for in every row. `pg_trgm` comes with Postgres (in some distributions as a package of its own,
 * `contrib`), and whoever owns a database may install it. Where it is missing, or somebody has installed it where we may not
 * use it, the same is found more slowly. It has a schema of its own, which nobody else may use: it brings functions that all
 * may call.
 */
export const foundByText = /* sql */ `

do $$
declare
  home text;
begin
  if not exists (select from pg_available_extensions where name = 'pg_trgm') then
    raise warning 'pg_trgm is not installed beside this Postgres: looking for a text reads every incident';
    return;
  end if;
  select n.nspname into home from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm';
  if home is null then
    create schema trigrams;
    create extension pg_trgm with schema trigrams;
    home := 'trigrams';
  end if;
  execute format($index$
    create index incident_by_text on flow.incident using gin (lower(title || ' ' || coalesce(service, '')) %I.gin_trgm_ops)
  $index$, home);
exception when insufficient_privilege then
  raise warning 'pg_trgm may not be used (%): looking for a text reads every incident', sqlerrm;
end $$;
`
