/** The log's tables, who may touch them (`powers.md`), and the two things that the database itself holds. */
export const log = /* sql */ `

-- ── entry: what happened, in the transaction that made it happen ────────────────────────────────────────────────────

create table audit.entry (
  -- A restore through SQL starts xids anew. Each such restore begins an era, so that order survives it.
  era         int         not null,
  -- The order in which the sequencer takes entries. By id alone it would skip whoever committed late.
  xid         xid8        not null default pg_current_xact_id(),
  id          bigint      not null generated always as identity,
  recorded_at timestamptz not null default clock_timestamp(),
  entry_id    uuid        not null,
  stream_id   text        not null check (length(stream_id) between 1 and 300),
  stream_seq  bigint      not null check (stream_seq >= 0),
  type        text        not null check (length(type) between 1 and 100),
  -- The row that this entry accounts for, as kind:id.
  about       text        not null check (length(about) between 3 and 300),
  -- The exact canonical bytes. 65,535 is the most that a tile of entries can say (uint16).
  body        bytea       not null check (octet_length(body) between 2 and 65535),
  -- Made by the database, so that no process can store a hash that is not its body's. (STORED: 18 would make it virtual.)
  leaf_hash   bytea       not null generated always as (sha256('\\x00'::bytea || body)) stored,
  primary key (era, xid, id),
  -- A stream has no gap and no fork; also how append() finds the next number.
  unique (stream_id, stream_seq)
  -- No unique (entry_id): every business transaction would pay for it. The sequencer's audit.leaf holds it, off the hot path.
);

-- Keeps require_entry() linear: 500 controlled rows of one transaction are 500 look-ups.
create index entry_of_row on audit.entry (xid, about);

-- ── what the sequencer makes of it ──────────────────────────────────────────────────────────────────────────────────

create table audit.leaf (
  position  bigint primary key check (position >= 0),
  era       int    not null,
  xid       xid8   not null,
  id        bigint not null,
  entry_id  uuid   not null unique,
  leaf_hash bytea  not null check (octet_length(leaf_hash) = 32),
  unique (era, xid, id)
);

-- C2SP tlog-tiles, height 8. One row a tile: a partial tile is a prefix of what it grows into, so older widths need no row.
create table audit.tile (
  level  smallint not null check (level between 0 and 6),
  idx    bigint   not null check (idx >= 0),
  width  smallint not null check (width between 1 and 256),
  hashes bytea    not null check (octet_length(hashes) = 32 * width),
  primary key (level, idx)
);
alter table audit.tile alter column hashes set storage external; -- hashes do not compress

-- Published: signed by the log, cosigned by the notary. A row here is a promise that was kept outside too.
create table audit.checkpoint (
  size         bigint      primary key check (size >= 0),
  root         bytea       not null check (octet_length(root) = 32),
  note         text        not null,
  cosigned     text        not null,
  published_at timestamptz not null default clock_timestamp()
);

-- Where the sequencer stands: one row, moved in the same transaction as the leaves, by the leader alone (leader_epoch).
create table audit.cursor (
  only_row          boolean primary key default true check (only_row),
  leader_epoch      bigint  not null default 0,
  era               int     not null default 0,   -- the era of what is written now
  next_position     bigint  not null default 0,
  last_era          int     not null default 0,
  last_xid          xid8    not null default '0',
  last_id           bigint  not null default 0,
  compact_range     bytea   not null default ''
    check (octet_length(compact_range) % 32 = 0),
  system_identifier bigint  not null                 -- of the cluster in which these xids mean something
);
insert into audit.cursor (system_identifier) select system_identifier from pg_control_system();

-- ── era ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

-- Writers of entries may not see the cursor, so its owner reads the era for them.
create function audit.current_era() returns int
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as 'select era from audit.cursor';
alter table audit.entry alter column era set default audit.current_era();

-- ── append-only ─────────────────────────────────────────────────────────────────────────────────────────────────────

-- The grants below say it already; this holds for the owner too, and for a superuser's slip. ENABLE ALWAYS, because plain
-- triggers sleep under session_replication_role = replica. Somebody who means it can still switch it off: that is what
-- the checkpoints outside this database are for.
create function audit.refuse_change() returns trigger
  language plpgsql set search_path = pg_catalog, pg_temp
  as $$
begin
  raise exception '% of audit.% is refused: the audit log is append-only', lower(tg_op), tg_table_name
    using errcode = 'insufficient_privilege', hint = 'A correction is a new entry.';
end $$;

create trigger append_only before update or delete on audit.entry
  for each row execute function audit.refuse_change();
create trigger append_only before update or delete on audit.leaf
  for each row execute function audit.refuse_change();
create trigger append_only before update or delete on audit.checkpoint
  for each row execute function audit.refuse_change();
create trigger grows_only before delete on audit.tile
  for each row execute function audit.refuse_change();
create trigger stays before delete on audit.cursor
  for each row execute function audit.refuse_change();
create trigger not_emptied before truncate on audit.entry execute function audit.refuse_change();
create trigger not_emptied before truncate on audit.leaf execute function audit.refuse_change();
create trigger not_emptied before truncate on audit.checkpoint execute function audit.refuse_change();
create trigger not_emptied before truncate on audit.tile execute function audit.refuse_change();
create trigger not_emptied before truncate on audit.cursor execute function audit.refuse_change();

alter table audit.entry enable always trigger append_only;
alter table audit.leaf enable always trigger append_only;
alter table audit.checkpoint enable always trigger append_only;
alter table audit.tile enable always trigger grows_only;
alter table audit.cursor enable always trigger stays;
alter table audit.entry enable always trigger not_emptied;
alter table audit.leaf enable always trigger not_emptied;
alter table audit.checkpoint enable always trigger not_emptied;
alter table audit.tile enable always trigger not_emptied;
alter table audit.cursor enable always trigger not_emptied;

-- ── no change without an entry ──────────────────────────────────────────────────────────────────────────────────────

-- For deferred constraint triggers on flow's controlled tables:
--   create constraint trigger audited after insert or update of state on flow.run
--     deferrable initially deferred for each row execute function audit.require_entry('run');
-- First argument: the kind in kind:id. Second, where it is not "id": the column that names the row.
-- Runs as audit_owner, so that what it sees does not depend on who commits.
create function audit.require_entry() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
declare
  changed jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
  row_id  text  := changed ->> coalesce(tg_argv[1], 'id');
begin
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

-- ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────

grant usage on schema audit to fb_migrator, fb_api, fb_worker, fb_sequencer, fb_reader;

revoke execute on all functions in schema audit from public;
grant execute on function audit.current_era() to fb_api, fb_worker, fb_sequencer;
grant execute on function audit.require_entry() to fb_migrator; -- it makes the triggers; whoever fires them needs nothing

-- These columns and no others: era, xid, id, time and hash are the database's to say.
grant select, insert (entry_id, stream_id, stream_seq, type, about, body) on audit.entry to fb_api, fb_worker, fb_sequencer;
grant select on audit.entry to fb_reader;

grant select on audit.leaf, audit.tile, audit.checkpoint to fb_api, fb_worker, fb_reader;
grant select, insert on audit.leaf, audit.checkpoint to fb_sequencer;
grant select, insert, update on audit.tile to fb_sequencer;
grant select, update on audit.cursor to fb_sequencer;
`
