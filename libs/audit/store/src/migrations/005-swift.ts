/** The look for a row's entry, without making JSON of the row: it may carry a plan. */
export const swift = /* sql */ `

create or replace function audit.require_entry() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
declare
  row_id text;
begin
  if tg_nargs > 1 then
    row_id := to_jsonb(case when tg_op = 'DELETE' then old else new end) ->> tg_argv[1];
  elsif tg_op = 'DELETE' then
    row_id := old.id;
  else
    row_id := new.id;
  end if;
  if row_id is null then
    raise exception 'trigger % on %.%: the row has no column "%"',
      tg_name, tg_table_schema, tg_table_name, coalesce(tg_argv[1], 'id');
  end if;
  if not exists (
    select from audit.entry
    where xid = pg_current_xact_id() and about = tg_argv[0] || ':' || row_id and era = audit.current_era()
  ) then
    raise exception '% of %.% % has no audit entry in its transaction', lower(tg_op), tg_table_schema, tg_table_name, row_id
      using errcode = 'integrity_constraint_violation',
            schema = tg_table_schema, table = tg_table_name, constraint = tg_name,
            hint = format('Append one with about = ''%s:%s'' before the commit.', tg_argv[0], row_id);
  end if;
  return null;
end $$;
`
