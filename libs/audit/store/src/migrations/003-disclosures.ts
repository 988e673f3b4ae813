/** What may be deleted one day stands beside the log, never in it: personal values, and the list of outputs. */
export const disclosures = /* sql */ `

-- Personal values, with the salts that open their commitments in the entries. Not in the entry's row, which nobody may
-- change. No foreign key: entry_id is unique in audit.leaf alone, which comes later.
create table audit.disclosure (
  entry_id uuid  not null,
  -- A JSON pointer into the entry's body.
  path     text  not null check (path like '/%' and length(path) <= 200),
  salt     bytea not null check (octet_length(salt) = 32),
  value    text  not null check (length(value) <= 8000),
  primary key (entry_id, path)
);

-- What entries name by digest: where its bytes lie is the blob store's to say.
create table audit.blob (
  sha256     text        primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  size       bigint      not null check (size >= 0),
  media_type text        not null check (length(media_type) between 1 and 200),
  stored_at  timestamptz not null default clock_timestamp()
);

-- Never another value or another output under the same name. Deleting is not refused here, and granted to nobody: it
-- will be the work of one function, which asks for two votes and for no legal hold, and leaves log.redacted behind.
create trigger stays_itself before update on audit.disclosure for each row execute function audit.refuse_change();
create trigger stays_itself before update on audit.blob for each row execute function audit.refuse_change();
create trigger not_emptied before truncate on audit.disclosure execute function audit.refuse_change();
create trigger not_emptied before truncate on audit.blob execute function audit.refuse_change();
alter table audit.disclosure enable always trigger stays_itself;
alter table audit.disclosure enable always trigger not_emptied;
alter table audit.blob enable always trigger stays_itself;
alter table audit.blob enable always trigger not_emptied;

-- Not to fb_reader: personal values leave the house in an export that somebody asked for by name, and in no other way.
grant select, insert on audit.disclosure to fb_api, fb_worker;
grant select, insert on audit.blob to fb_worker;
grant select on audit.blob to fb_api, fb_reader;
`
