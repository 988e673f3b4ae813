/**
 * A text is looked for anywhere in the title of an incident and in the name of its service: by its trigrams, so that one that stands
 * nowhere is not looked for in every row. `pg_trgm` comes with Postgres (in some distributions as a package of its own,
 * `contrib`), and whoever owns a database may install it. Where it is missing, the same is found more slowly. It has a schema of
 * its own, which nobody else may use: it brings functions that all may call.
 */
export const foundByText = /* sql */ `

do $$
begin
  if not exists (select from pg_available_extensions where name = 'pg_trgm') then
    raise warning 'pg_trgm is not installed beside this Postgres: looking for a text reads every incident';
    return;
  end if;
  create schema trigrams;
  create extension pg_trgm with schema trigrams;
  create index incident_by_text on flow.incident
    using gin (lower(title || ' ' || coalesce(service, '')) trigrams.gin_trgm_ops);
end $$;
`
