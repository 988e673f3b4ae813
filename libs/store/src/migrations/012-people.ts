/** What people know their API keys by, what a key is good for, when it was last used, and that it was taken back. */
export const people = /* sql */ `

alter table flow.api_key
  add column name       text not null default '',
  -- The first letters of the secret, by which its owner knows it again.
  add column prefix     text not null default '',
  -- Rights of the API's table; null: whatever its person may.
  add column scopes     jsonb check (jsonb_typeof(scopes) = 'array'),
  add column last_used  timestamptz,
  add column revoked_at timestamptz;
create index api_key_of on flow.api_key (person_id, id);

-- That a key was used changes nothing about it (powers.md): everything but last_used stands in the log.
drop trigger audited on flow.api_key;
create constraint trigger audited
  after insert or delete or update of id, person_id, hash, created_at, expires_at, name, prefix, scopes, revoked_at on flow.api_key
  deferrable initially deferred for each row execute function audit.require_entry('api_key');
alter table flow.api_key enable always trigger audited;

grant update (last_used, revoked_at) on flow.api_key to fb_api;
`
