/** Which key the log signs with from which size on, and an era that a restore through SQL begins by itself. */
export const keys = /* sql */ `

-- Public halves alone. Checkpoints of at least \`position\` entries, and below the next row's, are signed by this key. A row
-- comes in the transaction that covers the entry which says so: \`log.key-rotated\` or \`log.succeeded\` at position - 1.
create table audit.log_key (
  position    bigint      primary key check (position >= 0),
  vkey        text        not null unique check (length(vkey) between 1 and 500),
  how         text        not null check (how in ('first', 'rotated', 'succeeded')),
  recorded_at timestamptz not null default clock_timestamp(),
  check ((position = 0) = (how = 'first'))
);

create trigger append_only before update or delete on audit.log_key
  for each row execute function audit.refuse_change();
create trigger not_emptied before truncate on audit.log_key execute function audit.refuse_change();
alter table audit.log_key enable always trigger append_only;
alter table audit.log_key enable always trigger not_emptied;

grant select on audit.log_key to fb_api, fb_worker, fb_reader;
grant select, insert on audit.log_key to fb_sequencer;

-- After a restore through SQL into another cluster, xids start anew, and what is written before people have approved the way
-- on (their own approvals among it) would stand behind the cursor for ever. So the new era begins with the new cluster, and
-- the successor's first entry only writes it down.
create or replace function audit.current_era() returns int
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as 'select c.era + (c.system_identifier <> s.system_identifier)::int from audit.cursor c, pg_control_system() s';
`
