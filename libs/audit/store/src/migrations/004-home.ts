/** Whether the log is at home is looked up once a server's start, and not once an entry. */
export const home = /* sql */ `

-- When the server was started in which a sequencer last found the log at home: nobody else may write it, and no other cluster
-- was started in the same microsecond. As long as it is this server, writers need not read the cluster's control file
-- (25 µs, for each entry and each row that it accounts for; 6 µs without).
alter table audit.cursor add column home_since timestamptz;

create or replace function audit.current_era() returns int
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as 'select case when c.home_since = pg_postmaster_start_time() then c.era
                  else c.era + (c.system_identifier <> (select system_identifier from pg_control_system()))::int
             end from audit.cursor c';
`
