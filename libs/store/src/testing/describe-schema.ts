import type pg from 'pg'

/** The schemas `flow` and `audit` as text: what a reviewer reads to know the model, and a test compares. */
export async function describeSchema(client: pg.Client): Promise<string> {
  const lines = async (sql: string): Promise<string[]> =>
    (await client.query<{ line: string }>(sql)).rows.map(({ line }) => line)
  const tables = await lines(
    `select c.oid::regclass::text as line from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('flow', 'audit') and c.relkind = 'r' order by n.nspname desc, c.relname`,
  )
  const out = [
    '-- Made from the catalogue by libs/store/src/powers.pg.spec.ts; `npx vitest run libs/store --update` makes it anew.',
  ]
  for (const table of tables) {
    const columns = await lines(
      `select format('  %s %s%s%s', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
          case when a.attnotnull then ' not null' else '' end,
          case when d.adbin is null then case a.attidentity when 'a' then ' generated always as identity' else '' end
               when a.attgenerated = 's' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored'
               else ' default ' || pg_get_expr(d.adbin, d.adrelid) end) as line
       from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
       where a.attrelid = '${table}'::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    )
    const constraints = await lines(
      `select '  ' || pg_get_constraintdef(oid) as line from pg_constraint
       where conrelid = '${table}'::regclass and contype in ('p', 'u', 'f', 'c') order by contype desc, conname`,
    )
    const [options] = await lines(
      `select ' with (' || array_to_string(reloptions, ', ') || ')' as line from pg_class
       where oid = '${table}'::regclass and reloptions is not null`,
    )
    out.push('', `create table ${table} (`, [...columns, ...constraints].join(',\n'), `)${options ?? ''};`)
    out.push(
      ...(await lines(
        `select pg_get_indexdef(i.indexrelid) || ';' as line from pg_index i
         where i.indrelid = '${table}'::regclass and not exists (select from pg_constraint where conindid = i.indexrelid)
         order by i.indexrelid::regclass::text`,
      )),
      ...(await lines(
        `select pg_get_triggerdef(oid) || case tgenabled when 'A' then ' -- always' else ' -- NOT ALWAYS' end as line from pg_trigger
         where tgrelid = '${table}'::regclass and not tgisinternal order by tgname`,
      )),
      ...(await lines(
        `select format('policy %s on ${table} for %s to %s using (%s) with check (%s)', polname, polcmd,
           (select string_agg(rolname, ', ' order by rolname) from pg_roles where oid = any (polroles)),
           coalesce(pg_get_expr(polqual, polrelid), '-'), coalesce(pg_get_expr(polwithcheck, polrelid), '-')) as line
         from pg_policy where polrelid = '${table}'::regclass order by polname`,
      )),
    )
  }
  const functions = await lines(
    `select pg_get_functiondef(p.oid) as line from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname in ('flow', 'audit') order by n.nspname desc, p.proname`,
  )
  return `${[...out, '', ...functions].join('\n').trimEnd()}\n`
}
