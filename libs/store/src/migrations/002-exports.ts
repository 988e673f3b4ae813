/** Exports of several kinds, of a part of the log, and how far they are. */
export const exports = /* sql */ `

alter table flow.export
  add column kind         text   not null default 'evidence-bundle'
    check (kind in ('evidence-bundle', 'ndjson', 'tiles', 'ocsf', 'csv', 'report')),
  add column completeness text   not null default 'FULL' check (completeness in ('FULL', 'STREAM', 'SELECTED')),
  add column filter       jsonb  not null default '{}',
  add column position     bigint not null default 0,
  add column total        bigint not null default 0,
  add column manifest     text;
-- The defaults were for what was there already: a writer says what it means.
alter table flow.export
  alter column kind drop default, alter column completeness drop default, alter column filter drop default,
  alter column position drop default, alter column total drop default;

-- How far it is, is told about once a second and is no change of state: one entry a second would drown the log.
drop trigger audited on flow.export;
create constraint trigger audited after insert or update of state or delete on flow.export
  deferrable initially deferred for each row execute function audit.require_entry('export');
alter table flow.export enable always trigger audited;

grant update (position, total, manifest) on flow.export to fb_worker;
`
