/** What screens ask for is found by an index in the order in which it is shown, also after years (`npm run bench -- lists`). */
export const lists = /* sql */ `

drop index flow.alert_of_incident;
create index alert_of_incident on flow.alert (incident_id, id);
create index alert_firing on flow.alert (id) where state = 'firing';
create index alert_firing_of_incident on flow.alert (incident_id, starts_at) where state = 'firing';

create index incident_active on flow.incident (id) where state in ('open', 'acknowledged');

drop index flow.request_of_incident;
create index request_of_incident on flow.request (incident_id, kind, id) where incident_id is not null;

-- A recipe's record is counted in these two alone.
create index plan_of_recipe on flow.plan (recipe_id);
create index run_of_recipe on flow.run (recipe_id, state, started_at);

drop index flow.run_of_incident;
create index run_of_incident on flow.run (incident_id, id) where incident_id is not null;

create index loan_of_run on flow.loan (run_id, id);
create index loan_to_return on flow.loan (id) where state <> 'returned';
`
