-- Made from the catalogue by libs/store/src/powers.pg.spec.ts; `npx vitest run libs/store --update` makes it anew.

create table flow.acknowledgement (
  id text not null,
  incident_id text not null,
  by text not null,
  at timestamp with time zone not null,
  PRIMARY KEY (id),
  FOREIGN KEY (by) REFERENCES flow.person(id),
  FOREIGN KEY (incident_id) REFERENCES flow.incident(id)
);
CREATE INDEX acknowledgement_of_incident ON flow.acknowledgement USING btree (incident_id, id);
CREATE TRIGGER acknowledged BEFORE INSERT ON flow.acknowledgement FOR EACH ROW EXECUTE FUNCTION flow.refuse_stray_acknowledgement() -- always
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.acknowledgement DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('incident', 'incident_id') -- always
CREATE CONSTRAINT TRIGGER own AFTER INSERT ON flow.acknowledgement DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION flow.require_own_acknowledgement() -- always

create table flow.alert (
  id text not null,
  source text not null,
  fingerprint text not null,
  state text not null,
  labels jsonb not null,
  annotations jsonb not null,
  generator_url text,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone,
  flaps integer not null,
  incident_id text not null,
  UNIQUE (source, fingerprint),
  PRIMARY KEY (id),
  FOREIGN KEY (incident_id) REFERENCES flow.incident(id)
);
CREATE INDEX alert_firing ON flow.alert USING btree (id) WHERE (state = 'firing'::text);
CREATE INDEX alert_firing_of_incident ON flow.alert USING btree (incident_id, starts_at) WHERE (state = 'firing'::text);
CREATE INDEX alert_of_incident ON flow.alert USING btree (incident_id, id);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.alert DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('alert') -- always
CREATE TRIGGER passage BEFORE INSERT OR UPDATE OF state ON flow.alert FOR EACH ROW EXECUTE FUNCTION flow.refuse_wrong_passage('alert') -- always

create table flow.api_key (
  id text not null,
  person_id text not null,
  hash text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  name text not null default ''::text,
  prefix text not null default ''::text,
  scopes jsonb,
  last_used timestamp with time zone,
  revoked_at timestamp with time zone,
  UNIQUE (hash),
  PRIMARY KEY (id),
  FOREIGN KEY (person_id) REFERENCES flow.person(id),
  CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
  CHECK ((jsonb_typeof(scopes) = 'array'::text))
);
CREATE INDEX api_key_of ON flow.api_key USING btree (person_id, id);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE OF id, person_id, hash, created_at, expires_at, name, prefix, scopes, revoked_at ON flow.api_key DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('api_key') -- always

create table flow.approval (
  id text not null,
  plan_id text not null,
  by text not null,
  decision text not null,
  digest text not null,
  note text not null,
  at timestamp with time zone not null,
  UNIQUE (plan_id, by),
  PRIMARY KEY (id),
  FOREIGN KEY (by) REFERENCES flow.person(id),
  FOREIGN KEY (plan_id) REFERENCES flow.plan(id),
  CHECK ((decision = ANY (ARRAY['yes'::text, 'no'::text]))),
  CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text))
);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.approval DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('approval') -- always
CREATE TRIGGER digest BEFORE INSERT ON flow.approval FOR EACH ROW EXECUTE FUNCTION flow.refuse_stray_approval() -- always

create table flow.break_glass (
  id text not null,
  plan_id text not null,
  plan_digest text not null,
  over text not null,
  freeze_id text,
  minutes integer not null,
  reason text not null,
  by text not null,
  at timestamp with time zone not null,
  open_until timestamp with time zone not null,
  PRIMARY KEY (id),
  FOREIGN KEY (by) REFERENCES flow.person(id),
  FOREIGN KEY (freeze_id) REFERENCES flow."freeze"(id),
  FOREIGN KEY (plan_id) REFERENCES flow.plan(id),
  CHECK (((open_until > at) AND (open_until <= (at + '01:00:00'::interval)))),
  CHECK (((over = 'freeze'::text) = (freeze_id IS NOT NULL))),
  CHECK (((minutes >= 1) AND (minutes <= 60))),
  CHECK ((over = ANY (ARRAY['freeze'::text, 'approval'::text]))),
  CHECK ((plan_digest ~ '^sha256:[0-9a-f]{64}$'::text)),
  CHECK ((reason <> ''::text))
);
CREATE INDEX break_glass_of_plan ON flow.break_glass USING btree (plan_id);
CREATE TRIGGER asked BEFORE INSERT ON flow.break_glass FOR EACH ROW EXECUTE FUNCTION flow.refuse_stray_break_glass() -- always
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.break_glass DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('break_glass') -- always

create table flow.break_glass_decision (
  id text not null,
  by text not null,
  decision text not null,
  voice text not null,
  note text not null,
  at timestamp with time zone not null,
  expires_at timestamp with time zone,
  PRIMARY KEY (id),
  FOREIGN KEY (by) REFERENCES flow.person(id),
  FOREIGN KEY (id) REFERENCES flow.break_glass(id),
  CHECK (((expires_at > at) AND (expires_at <= (at + '01:00:00'::interval)))),
  CHECK (((decision = 'granted'::text) = (expires_at IS NOT NULL))),
  CHECK ((decision = ANY (ARRAY['granted'::text, 'refused'::text]))),
  CHECK ((voice = ANY (ARRAY['security'::text, 'on-call-lead'::text])))
);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.break_glass_decision DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('break_glass_decision') -- always
CREATE TRIGGER decided BEFORE INSERT ON flow.break_glass_decision FOR EACH ROW EXECUTE FUNCTION flow.refuse_stray_break_glass_decision() -- always

create table flow.break_glass_review (
  id text not null,
  by text not null,
  verdict text not null,
  note text not null,
  at timestamp with time zone not null,
  PRIMARY KEY (id),
  FOREIGN KEY (by) REFERENCES flow.person(id),
  FOREIGN KEY (id) REFERENCES flow.break_glass(id),
  CHECK ((note <> ''::text)),
  CHECK ((verdict = ANY (ARRAY['justified'::text, 'not-justified'::text])))
);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.break_glass_review DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('break_glass_review') -- always
CREATE TRIGGER reviewed BEFORE INSERT ON flow.break_glass_review FOR EACH ROW EXECUTE FUNCTION flow.refuse_stray_break_glass_review() -- always

create table flow.break_glass_use (
  id text not null,
  run_id text not null,
  at timestamp with time zone not null,
  told text not null,
  overdue text,
  over text,
  UNIQUE (run_id),
  PRIMARY KEY (id),
  FOREIGN KEY (id) REFERENCES flow.break_glass(id),
  FOREIGN KEY (run_id) REFERENCES flow.run(id)
);
CREATE INDEX break_glass_use_untold ON flow.break_glass_use USING btree (id) WHERE (over IS NULL);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.break_glass_use DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('break_glass_use') -- always
CREATE TRIGGER told BEFORE UPDATE ON flow.break_glass_use FOR EACH ROW EXECUTE FUNCTION flow.refuse_early_end() -- always
CREATE TRIGGER used BEFORE INSERT ON flow.break_glass_use FOR EACH ROW EXECUTE FUNCTION flow.refuse_stray_break_glass_use() -- always

create table flow.budget (
  id text not null,
  budget text not null,
  runs integer not null,
  minutes integer not null,
  plan_id text not null,
  at timestamp with time zone not null,
  because text not null,
  told text not null,
  over text,
  PRIMARY KEY (id),
  FOREIGN KEY (over) REFERENCES flow.delivery(id),
  FOREIGN KEY (plan_id) REFERENCES flow.plan(id),
  FOREIGN KEY (told) REFERENCES flow.delivery(id)
);
CREATE INDEX budget_spent ON flow.budget USING btree (budget, id);
CREATE INDEX budget_to_tell ON flow.budget USING btree (id) WHERE (over IS NULL);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.budget DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('budget') -- always
CREATE TRIGGER passage BEFORE UPDATE ON flow.budget FOR EACH ROW EXECUTE FUNCTION flow.refuse_second_end() -- always

create table flow.delivery (
  id text not null,
  source text not null,
  by text not null,
  received_at timestamp with time zone not null,
  state text not null,
  body bytea not null,
  received integer not null,
  opened integer not null default 0,
  joined integer not null default 0,
  repeated integer not null default 0,
  resolved integer not null default 0,
  suppressed integer not null default 0,
  refused integer not null default 0,
  faults jsonb not null default '[]'::jsonb,
  PRIMARY KEY (id),
  CHECK (((state = 'stored'::text) OR (received = (((((opened + joined) + repeated) + resolved) + suppressed) + refused)))),
  CHECK ((received >= 0))
);
CREATE INDEX delivery_counts ON flow.delivery USING btree (source) INCLUDE (state, received, opened, joined, repeated, resolved, suppressed, refused, received_at);
CREATE INDEX delivery_pending ON flow.delivery USING btree (id) WHERE (state = 'stored'::text);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE OF state ON flow.delivery DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('delivery') -- always
CREATE TRIGGER passage BEFORE INSERT OR UPDATE OF state ON flow.delivery FOR EACH ROW EXECUTE FUNCTION flow.refuse_wrong_passage('delivery') -- always
policy api_delivers on flow.delivery for * to fb_api using (true) with check (true)
policy reader_reads on flow.delivery for r to fb_reader using (true) with check (-)
policy worker_delivers_its_own on flow.delivery for a to fb_worker using (-) with check (((source = 'firebreak'::text) AND (state = 'stored'::text)))
policy worker_reads on flow.delivery for r to fb_worker using (true) with check (-)

create table flow.enforcement (
  id text not null,
  state text not null,
  because text,
  at timestamp with time zone not null,
  lift text,
  PRIMARY KEY (id),
  FOREIGN KEY (id) REFERENCES flow."freeze"(id),
  FOREIGN KEY (lift) REFERENCES flow.request(id)
);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.enforcement DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('enforcement') -- always
CREATE TRIGGER lift BEFORE INSERT OR UPDATE ON flow.enforcement FOR EACH ROW EXECUTE FUNCTION flow.refuse_stray_lifting() -- always
CREATE TRIGGER passage BEFORE INSERT OR UPDATE OF state ON flow.enforcement FOR EACH ROW EXECUTE FUNCTION flow.refuse_wrong_passage('enforcement') -- always

create table flow.export (
  id text not null,
  state text not null,
  by text not null,
  entries integer not null,
  size bigint not null,
  sha256 text,
  checkpoint_size bigint not null,
  because text,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  kind text not null,
  completeness text not null,
  filter jsonb not null,
  "position" bigint not null,
  total bigint not null,
  manifest text,
  PRIMARY KEY (id),
  FOREIGN KEY (id) REFERENCES flow.request(id),
  CHECK ((completeness = ANY (ARRAY['FULL'::text, 'STREAM'::text, 'SELECTED'::text]))),
  CHECK ((kind = ANY (ARRAY['evidence-bundle'::text, 'ndjson'::text, 'tiles'::text, 'ocsf'::text, 'csv'::text, 'report'::text])))
);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE OF state ON flow.export DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('export') -- always
CREATE TRIGGER passage BEFORE INSERT OR UPDATE OF state ON flow.export FOR EACH ROW EXECUTE FUNCTION flow.refuse_wrong_passage('export') -- always

create table flow.figure (
  id text not null,
  target text not null,
  value jsonb not null,
  at timestamp with time zone,
  PRIMARY KEY (id),
  CHECK ((length(id) <= 500))
);
CREATE INDEX figure_of ON flow.figure USING btree (target);

create table flow."freeze" (
  id text not null,
  scopes jsonb not null,
  reason text not null,
  by text not null,
  at timestamp with time zone not null,
  review_by timestamp with time zone,
  incident_id text,
  PRIMARY KEY (id),
  FOREIGN KEY (incident_id) REFERENCES flow.incident(id),
  CHECK (((jsonb_typeof(scopes) = 'array'::text) AND ((jsonb_array_length(scopes) >= 1) AND (jsonb_array_length(scopes) <= 500))))
);
CREATE INDEX freeze_over ON flow."freeze" USING gin (scopes);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow."freeze" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('freeze') -- always

create table flow.idempotency (
  id text not null,
  digest text not null,
  results json not null,
  ids json not null,
  at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  status integer,
  headers json,
  answer text,
  PRIMARY KEY (id),
  CHECK ((expires_at >= (at + '24:00:00'::interval))),
  CHECK ((((status IS NULL) = (answer IS NULL)) AND ((status IS NULL) = (headers IS NULL)))),
  CHECK ((digest ~ '^[0-9a-f]{64}$'::text)),
  CHECK ((id ~ '^[0-9a-f]{64}$'::text))
);
CREATE INDEX idempotency_over ON flow.idempotency USING btree (expires_at);
policy api_answers on flow.idempotency for * to fb_api using (true) with check (true)
policy worker_clears_away on flow.idempotency for * to fb_worker using ((expires_at < now())) with check (-)

create table flow.incident (
  id text not null,
  state text not null,
  class text not null,
  severity text not null,
  title text not null,
  service text,
  environment text,
  group_key text not null,
  owner text,
  opened_at timestamp with time zone not null,
  resolved_at timestamp with time zone,
  version integer not null,
  PRIMARY KEY (id),
  CHECK ((severity = ANY (ARRAY['SEV1'::text, 'SEV2'::text, 'SEV3'::text, 'SEV4'::text]))),
  CHECK ((version > 0))
);
CREATE INDEX incident_active ON flow.incident USING btree (id) WHERE (state = ANY (ARRAY['open'::text, 'acknowledged'::text]));
CREATE INDEX incident_active_by_urgency ON flow.incident USING btree (translate(severity, '1234'::text, '4321'::text), id) WHERE (state = ANY (ARRAY['open'::text, 'acknowledged'::text]));
CREATE INDEX incident_by_text ON flow.incident USING gin (lower(((title || ' '::text) || COALESCE(service, ''::text))) trigrams.gin_trgm_ops);
CREATE INDEX incident_by_urgency ON flow.incident USING btree (translate(severity, '1234'::text, '4321'::text), id);
CREATE INDEX incident_of_class ON flow.incident USING btree (class, id);
CREATE INDEX incident_of_group ON flow.incident USING btree (group_key) WHERE (state <> 'closed'::text);
CREATE INDEX incident_of_owner ON flow.incident USING btree (owner, translate(severity, '1234'::text, '4321'::text), id);
CREATE INDEX incident_of_service ON flow.incident USING btree (service, translate(severity, '1234'::text, '4321'::text), id);
CREATE INDEX incident_of_severity ON flow.incident USING btree (severity, id);
CREATE UNIQUE INDEX incident_open_once ON flow.incident USING btree (group_key) WHERE (state = ANY (ARRAY['open'::text, 'acknowledged'::text]));
CREATE INDEX incident_resolved ON flow.incident USING btree (id) WHERE (state = 'resolved'::text);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.incident DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('incident') -- always
CREATE TRIGGER passage BEFORE INSERT OR UPDATE OF state ON flow.incident FOR EACH ROW EXECUTE FUNCTION flow.refuse_wrong_passage('incident') -- always

create table flow.loan (
  id text not null,
  state text not null,
  run_id text not null,
  step_id text not null,
  target text not null,
  verb text not null,
  args jsonb not null,
  out_at timestamp with time zone not null,
  until timestamp with time zone not null,
  returned_at timestamp with time zone,
  tried_at timestamp with time zone,
  because text,
  held_by text,
  PRIMARY KEY (id),
  FOREIGN KEY (held_by) REFERENCES flow."freeze"(id),
  FOREIGN KEY (run_id) REFERENCES flow.run(id),
  FOREIGN KEY (step_id) REFERENCES flow.step(id)
);
CREATE INDEX loan_back ON flow.loan USING btree (returned_at) WHERE (returned_at IS NOT NULL);
CREATE INDEX loan_of_run ON flow.loan USING btree (run_id, id);
CREATE INDEX loan_of_step ON flow.loan USING btree (step_id);
CREATE INDEX loan_out ON flow.loan USING btree (until) WHERE (state <> 'returned'::text);
CREATE INDEX loan_to_return ON flow.loan USING btree (id) WHERE (state <> 'returned'::text);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.loan DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('loan') -- always
CREATE TRIGGER passage BEFORE INSERT OR UPDATE OF state ON flow.loan FOR EACH ROW EXECUTE FUNCTION flow.refuse_wrong_passage('loan') -- always

create table flow.maintenance_run (
  id text not null,
  kind text not null,
  state text not null,
  due_at timestamp with time zone not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  retry_at timestamp with time zone,
  because text,
  told text,
  UNIQUE (kind, due_at),
  PRIMARY KEY (id),
  FOREIGN KEY (told) REFERENCES flow.delivery(id),
  CHECK ((kind = 'self-check'::text))
);
CREATE INDEX maintenance_run_open ON flow.maintenance_run USING btree (due_at) WHERE (state <> 'done'::text);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.maintenance_run DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('maintenance_run') -- always
CREATE TRIGGER passage BEFORE INSERT OR UPDATE OF state ON flow.maintenance_run FOR EACH ROW EXECUTE FUNCTION flow.refuse_wrong_passage('maintenance_run') -- always

create table flow.migration (
  id integer not null default nextval('flow.migration_id_seq'::regclass),
  "timestamp" bigint not null,
  name character varying not null,
  PRIMARY KEY (id)
);

create table flow.observation (
  id text not null,
  value jsonb not null,
  at timestamp with time zone not null,
  PRIMARY KEY (id)
) with (fillfactor=50);

create table flow.person (
  id text not null,
  kind text not null,
  name text not null,
  issuer text,
  subject text,
  UNIQUE (issuer, subject),
  PRIMARY KEY (id),
  CHECK (((issuer IS NULL) = (subject IS NULL))),
  CHECK ((kind = ANY (ARRAY['person'::text, 'service'::text])))
);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.person DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('person') -- always

create table flow.plan (
  id text not null,
  state text not null,
  recipe_id text not null,
  recipe_version integer not null,
  recipe_digest text not null,
  incident_id text,
  requested_by text not null,
  body jsonb,
  digest text,
  tier text not null,
  quorum integer not null,
  because text,
  made_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  PRIMARY KEY (id),
  FOREIGN KEY (id) REFERENCES flow.request(id),
  FOREIGN KEY (incident_id) REFERENCES flow.incident(id),
  CHECK (((body IS NULL) = (digest IS NULL))),
  CHECK (((quorum >=
CASE tier
    WHEN 'T0'::text THEN 0
    WHEN 'T3'::text THEN 2
    ELSE 1
END) OR (digest IS NULL))),
  CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text)),
  CHECK (
CASE state
    WHEN 'failed'::text THEN (digest IS NULL)
    WHEN 'stopped'::text THEN true
    ELSE (digest IS NOT NULL)
END),
  CHECK ((quorum >= 0)),
  CHECK ((tier = ANY (ARRAY['T0'::text, 'T1'::text, 'T2'::text, 'T3'::text])))
);
CREATE INDEX plan_of_digest ON flow.plan USING btree (recipe_digest);
CREATE INDEX plan_of_incident ON flow.plan USING btree (incident_id) WHERE (incident_id IS NOT NULL);
CREATE INDEX plan_of_recipe ON flow.plan USING btree (recipe_id);
CREATE INDEX plan_offered ON flow.plan USING btree (incident_id, id) WHERE (state = 'proposed'::text);
CREATE INDEX plan_open ON flow.plan USING btree (id) WHERE (state = 'proposed'::text);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.plan DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('plan') -- always
CREATE TRIGGER passage BEFORE INSERT OR UPDATE OF state ON flow.plan FOR EACH ROW EXECUTE FUNCTION flow.refuse_wrong_passage('plan') -- always

create table flow.quiet_window (
  id text not null,
  scopes jsonb not null,
  reason text not null,
  by text not null,
  at timestamp with time zone not null,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  cancelled_by text,
  cancelled_at timestamp with time zone,
  cancelled_because text,
  PRIMARY KEY (id),
  CHECK (((ends_at > starts_at) AND (ends_at <= (starts_at + '32 days'::interval)))),
  CHECK ((cancelled_at < starts_at)),
  CHECK (((cancelled_at IS NOT NULL) = ((cancelled_by IS NOT NULL) AND (cancelled_because IS NOT NULL)))),
  CHECK (((jsonb_typeof(scopes) = 'array'::text) AND ((jsonb_array_length(scopes) >= 1) AND (jsonb_array_length(scopes) <= 500))))
);
CREATE INDEX quiet_over ON flow.quiet_window USING gin (scopes) WHERE (cancelled_at IS NULL);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.quiet_window DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('quiet_window') -- always
CREATE TRIGGER passage BEFORE UPDATE ON flow.quiet_window FOR EACH ROW EXECUTE FUNCTION flow.refuse_late_cancel() -- always

create table flow.request (
  id text not null,
  kind text not null,
  subject text,
  body jsonb not null,
  incident_id text,
  by text not null,
  reason text not null,
  at timestamp with time zone not null,
  PRIMARY KEY (id),
  FOREIGN KEY (incident_id) REFERENCES flow.incident(id),
  CHECK ((kind = ANY (ARRAY['plan'::text, 'cancel'::text, 'resolve-unknown'::text, 'loan'::text, 'rearm'::text, 'export'::text, 'maintenance'::text, 'change'::text, 'stop'::text, 'redaction'::text, 'successor'::text, 'graduation'::text, 'lift'::text])))
);
CREATE INDEX graduation_of_recipe ON flow.request USING btree (subject, id) WHERE (kind = 'graduation'::text);
CREATE INDEX plan_request_of_person ON flow.request USING btree (by, id) WHERE (kind = 'plan'::text);
CREATE INDEX plan_request_reverts ON flow.request USING btree (((body ->> 'reverts'::text))) WHERE ((kind = 'plan'::text) AND ((body ->> 'reverts'::text) IS NOT NULL));
CREATE INDEX request_about ON flow.request USING btree (subject, kind) WHERE (kind = ANY (ARRAY['loan'::text, 'cancel'::text, 'resolve-unknown'::text]));
CREATE INDEX request_for_successor ON flow.request USING btree (((body ->> 'new_origin'::text))) WHERE (kind = 'successor'::text);
CREATE INDEX request_of_incident ON flow.request USING btree (incident_id, kind, id) WHERE (incident_id IS NOT NULL);
CREATE INDEX request_of_kind ON flow.request USING btree (kind, id);
CREATE INDEX request_to_lift ON flow.request USING btree (subject, id) WHERE (kind = 'lift'::text);
CREATE INDEX request_to_rearm ON flow.request USING btree (subject) WHERE (kind = 'rearm'::text);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.request DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('request') -- always
CREATE TRIGGER lift BEFORE INSERT ON flow.request FOR EACH ROW WHEN ((new.kind = 'lift'::text)) EXECUTE FUNCTION flow.refuse_stray_lift() -- always

create table flow.role_grant (
  id text not null,
  person_id text not null,
  role text not null,
  since timestamp with time zone not null,
  by text,
  revoked_at timestamp with time zone,
  revoked_by text,
  PRIMARY KEY (id),
  FOREIGN KEY (by) REFERENCES flow.person(id),
  FOREIGN KEY (person_id) REFERENCES flow.person(id),
  FOREIGN KEY (revoked_by) REFERENCES flow.person(id),
  CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
  CHECK ((role = ANY (ARRAY['sre'::text, 'ml'::text, 'security'::text, 'auditor'::text, 'admin'::text, 'service'::text])))
);
CREATE UNIQUE INDEX role_grant_held ON flow.role_grant USING btree (person_id, role) WHERE (revoked_at IS NULL);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.role_grant DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('role_grant') -- always
CREATE TRIGGER "grant" BEFORE INSERT OR UPDATE ON flow.role_grant FOR EACH ROW EXECUTE FUNCTION flow.refuse_stray_grant() -- always

create table flow.run (
  id text not null,
  plan_id text not null,
  plan_digest text not null,
  incident_id text,
  recipe_id text not null,
  state text not null,
  started_at timestamp with time zone not null,
  verifying_at timestamp with time zone,
  ended_at timestamp with time zone,
  because text,
  answered text,
  goes_on_at timestamp with time zone,
  standing text,
  break_glass text,
  scopes jsonb,
  frozen_by text,
  frozen_undoing boolean,
  UNIQUE (break_glass),
  UNIQUE (plan_id),
  PRIMARY KEY (id),
  FOREIGN KEY (break_glass) REFERENCES flow.break_glass(id),
  FOREIGN KEY (frozen_by) REFERENCES flow."freeze"(id),
  FOREIGN KEY (incident_id) REFERENCES flow.incident(id),
  FOREIGN KEY (plan_id) REFERENCES flow.plan(id),
  FOREIGN KEY (standing) REFERENCES flow.standing_approval(id),
  CHECK ((jsonb_typeof(scopes) = 'array'::text))
);
CREATE INDEX run_asking ON flow.run USING btree (id) WHERE (state = 'needs-a-person'::text);
CREATE INDEX run_by_itself ON flow.run USING btree (standing, started_at) WHERE (standing IS NOT NULL);
CREATE INDEX run_by_itself_since ON flow.run USING btree (started_at) WHERE (standing IS NOT NULL);
CREATE INDEX run_ended ON flow.run USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE INDEX run_frozen_by ON flow.run USING btree (frozen_by) WHERE (frozen_by IS NOT NULL);
CREATE INDEX run_in_state ON flow.run USING btree (state, id);
CREATE INDEX run_of_incident ON flow.run USING btree (incident_id, id) WHERE (incident_id IS NOT NULL);
CREATE INDEX run_of_recipe ON flow.run USING btree (recipe_id, state, started_at);
CREATE INDEX run_of_recipe_by_id ON flow.run USING btree (recipe_id, id);
CREATE INDEX run_under_way ON flow.run USING btree (id) WHERE ((state = ANY (ARRAY['running'::text, 'waiting'::text, 'verifying'::text, 'cancelling'::text, 'undoing'::text])) OR ((state = 'failed'::text) AND (ended_at IS NULL)));
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.run DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('run') -- always
CREATE TRIGGER cancelled BEFORE INSERT ON flow.run FOR EACH ROW EXECUTE FUNCTION flow.refuse_run_of_cancelled_plan() -- always
CREATE TRIGGER passage BEFORE INSERT OR UPDATE OF state ON flow.run FOR EACH ROW EXECUTE FUNCTION flow.refuse_wrong_passage('run') -- always
CREATE TRIGGER quorum BEFORE INSERT ON flow.run FOR EACH ROW EXECUTE FUNCTION flow.refuse_run_without_quorum() -- always
CREATE TRIGGER stage BEFORE INSERT ON flow.run FOR EACH ROW EXECUTE FUNCTION flow.refuse_run_before_its_stage() -- always
CREATE CONSTRAINT TRIGGER used AFTER INSERT ON flow.run DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.break_glass IS NOT NULL)) EXECUTE FUNCTION flow.require_break_glass_use() -- always
CREATE TRIGGER within BEFORE INSERT ON flow.run FOR EACH ROW EXECUTE FUNCTION flow.refuse_run_out_of_bounds() -- always

create table flow.session (
  id text not null,
  person_id text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  PRIMARY KEY (id),
  FOREIGN KEY (person_id) REFERENCES flow.person(id),
  CHECK ((id ~ '^[0-9a-f]{64}$'::text))
);
CREATE INDEX session_over ON flow.session USING btree (expires_at);
policy api_signs_in on flow.session for * to fb_api using (true) with check (true)
policy worker_clears_away on flow.session for d to fb_worker using ((expires_at < now())) with check (-)
policy worker_reads on flow.session for r to fb_worker using (true) with check (-)

create table flow.standing_approval (
  id text not null,
  state text not null,
  recipe_id text not null,
  recipe_version integer not null,
  recipe_digest text not null,
  targets jsonb not null,
  bounds jsonb not null,
  by text not null,
  reason text not null,
  at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  revoked_by text,
  revoked_at timestamp with time zone,
  revoked_because text,
  PRIMARY KEY (id),
  FOREIGN KEY (by) REFERENCES flow.person(id),
  CHECK (((jsonb_typeof((bounds -> 'steps'::text)) = 'number'::text) AND (jsonb_typeof((bounds -> 'after'::text)) = 'object'::text))),
  CHECK (((expires_at > at) AND (expires_at <= (at + '93 days'::interval)))),
  CHECK (((state = 'revoked'::text) = ((revoked_by IS NOT NULL) AND (revoked_at IS NOT NULL) AND (revoked_because IS NOT NULL)))),
  CHECK ((recipe_digest ~ '^sha256:[0-9a-f]{64}$'::text)),
  CHECK (((jsonb_typeof(targets) = 'array'::text) AND ((jsonb_array_length(targets) >= 1) AND (jsonb_array_length(targets) <= 500))))
);
CREATE INDEX standing_approval_given ON flow.standing_approval USING btree (recipe_digest) WHERE (state = 'given'::text);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.standing_approval DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('standing_approval') -- always
CREATE TRIGGER passage BEFORE INSERT OR UPDATE OF state ON flow.standing_approval FOR EACH ROW EXECUTE FUNCTION flow.refuse_wrong_passage('standing_approval') -- always

create table flow.step (
  id text not null,
  run_id text not null,
  number integer not null,
  verb text not null,
  args jsonb not null,
  state text not null,
  attempt integer not null,
  fence integer not null,
  intended_at timestamp with time zone,
  ended_at timestamp with time zone,
  undo_intended_at timestamp with time zone,
  before jsonb,
  after jsonb,
  because text,
  loan_minutes integer,
  items integer,
  items_done integer not null default 0,
  pace jsonb,
  output jsonb,
  UNIQUE (run_id, number),
  PRIMARY KEY (id),
  FOREIGN KEY (run_id) REFERENCES flow.run(id),
  CHECK (((items IS NULL) = (pace IS NULL))),
  CHECK ((items > 0)),
  CHECK ((number > 0))
);
CREATE INDEX step_ended ON flow.step USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.step DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('step') -- always
CREATE TRIGGER passage BEFORE INSERT OR UPDATE OF state ON flow.step FOR EACH ROW EXECUTE FUNCTION flow.refuse_wrong_passage('step') -- always

create table flow.step_item (
  id text not null,
  step_id text not null,
  number integer not null,
  args jsonb not null,
  state text not null,
  attempt integer not null,
  fence integer not null,
  intended_at timestamp with time zone,
  ended_at timestamp with time zone,
  undo_intended_at timestamp with time zone,
  before jsonb,
  after jsonb,
  because text,
  UNIQUE (step_id, number),
  PRIMARY KEY (id),
  FOREIGN KEY (step_id) REFERENCES flow.step(id),
  CHECK ((number > 0))
);
CREATE TRIGGER passage BEFORE INSERT OR UPDATE OF state ON flow.step_item FOR EACH ROW EXECUTE FUNCTION flow.refuse_wrong_passage('step') -- always

create table flow.target_lock (
  id text not null,
  run_id text not null,
  since timestamp with time zone not null,
  PRIMARY KEY (id),
  FOREIGN KEY (run_id) REFERENCES flow.run(id)
);
CREATE INDEX target_lock_of_run ON flow.target_lock USING btree (run_id);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.target_lock DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('target_lock') -- always

create table flow.target_state (
  id text not null,
  target text not null,
  verb text not null,
  value jsonb,
  at timestamp with time zone not null,
  PRIMARY KEY (id)
);

create table flow.tenure (
  id text not null,
  holder text not null,
  fence integer not null,
  until timestamp with time zone not null,
  PRIMARY KEY (id),
  CHECK ((fence > 0))
);

create table flow.trace (
  id text not null,
  traceparent text not null,
  at timestamp with time zone not null default now(),
  PRIMARY KEY (id),
  CHECK ((length(id) <= 200)),
  CHECK ((traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$'::text))
);
CREATE INDEX trace_over ON flow.trace USING btree (at);

create table flow.vote (
  id text not null,
  request_id text not null,
  by text not null,
  decision text not null,
  digest text not null,
  note text not null,
  at timestamp with time zone not null,
  UNIQUE (request_id, by),
  PRIMARY KEY (id),
  FOREIGN KEY (by) REFERENCES flow.person(id),
  FOREIGN KEY (request_id) REFERENCES flow.request(id),
  CHECK ((decision = ANY (ARRAY['yes'::text, 'no'::text]))),
  CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text))
);
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON flow.vote DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.require_entry('vote') -- always
CREATE TRIGGER digest BEFORE INSERT ON flow.vote FOR EACH ROW EXECUTE FUNCTION flow.refuse_stray_vote() -- always

create table audit.blob (
  sha256 text not null,
  size bigint not null,
  media_type text not null,
  stored_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (sha256),
  CHECK (((length(media_type) >= 1) AND (length(media_type) <= 200))),
  CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  CHECK ((size >= 0))
);
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON audit.blob FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change() -- always
CREATE TRIGGER stays_itself BEFORE UPDATE ON audit.blob FOR EACH ROW EXECUTE FUNCTION audit.refuse_change() -- always

create table audit.checkpoint (
  size bigint not null,
  root bytea not null,
  note text not null,
  cosigned text not null,
  published_at timestamp with time zone not null default clock_timestamp(),
  PRIMARY KEY (size),
  CHECK ((octet_length(root) = 32)),
  CHECK ((size >= 0))
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON audit.checkpoint FOR EACH ROW EXECUTE FUNCTION audit.refuse_change() -- always
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON audit.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change() -- always

create table audit.cursor (
  only_row boolean not null default true,
  leader_epoch bigint not null default 0,
  era integer not null default 0,
  next_position bigint not null default 0,
  last_era integer not null default 0,
  last_xid xid8 not null default '0'::xid8,
  last_id bigint not null default 0,
  compact_range bytea not null default '\x'::bytea,
  system_identifier bigint not null,
  home_since timestamp with time zone,
  PRIMARY KEY (only_row),
  CHECK (((octet_length(compact_range) % 32) = 0)),
  CHECK (only_row)
);
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON audit.cursor FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change() -- always
CREATE TRIGGER stays BEFORE DELETE ON audit.cursor FOR EACH ROW EXECUTE FUNCTION audit.refuse_change() -- always

create table audit.disclosure (
  entry_id uuid not null,
  path text not null,
  salt bytea not null,
  value text not null,
  PRIMARY KEY (entry_id, path),
  CHECK (((path ~~ '/%'::text) AND (length(path) <= 200))),
  CHECK ((octet_length(salt) = 32)),
  CHECK ((length(value) <= 8000))
);
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON audit.disclosure FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change() -- always
CREATE TRIGGER stays_itself BEFORE UPDATE ON audit.disclosure FOR EACH ROW EXECUTE FUNCTION audit.refuse_change() -- always

create table audit.entry (
  era integer not null default audit.current_era(),
  xid xid8 not null default pg_current_xact_id(),
  id bigint not null generated always as identity,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  entry_id uuid not null,
  stream_id text not null,
  stream_seq bigint not null,
  type text not null,
  about text not null,
  body bytea not null,
  leaf_hash bytea not null generated always as (sha256(('\x00'::bytea || body))) stored,
  UNIQUE (stream_id, stream_seq),
  PRIMARY KEY (era, xid, id),
  CHECK (((length(about) >= 3) AND (length(about) <= 300))),
  CHECK (((octet_length(body) >= 2) AND (octet_length(body) <= 65535))),
  CHECK (((length(stream_id) >= 1) AND (length(stream_id) <= 300))),
  CHECK ((stream_seq >= 0)),
  CHECK (((length(type) >= 1) AND (length(type) <= 100)))
);
CREATE INDEX entry_of_row ON audit.entry USING btree (xid, about);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON audit.entry FOR EACH ROW EXECUTE FUNCTION audit.refuse_change() -- always
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON audit.entry FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change() -- always

create table audit.leaf (
  "position" bigint not null,
  era integer not null,
  xid xid8 not null,
  id bigint not null,
  entry_id uuid not null,
  leaf_hash bytea not null,
  UNIQUE (entry_id),
  UNIQUE (era, xid, id),
  PRIMARY KEY ("position"),
  CHECK ((octet_length(leaf_hash) = 32)),
  CHECK (("position" >= 0))
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON audit.leaf FOR EACH ROW EXECUTE FUNCTION audit.refuse_change() -- always
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON audit.leaf FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change() -- always

create table audit.log_key (
  "position" bigint not null,
  vkey text not null,
  how text not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  UNIQUE (vkey),
  PRIMARY KEY ("position"),
  CHECK ((("position" = 0) = (how = 'first'::text))),
  CHECK ((how = ANY (ARRAY['first'::text, 'rotated'::text, 'succeeded'::text]))),
  CHECK (("position" >= 0)),
  CHECK (((length(vkey) >= 1) AND (length(vkey) <= 500)))
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON audit.log_key FOR EACH ROW EXECUTE FUNCTION audit.refuse_change() -- always
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON audit.log_key FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change() -- always

create table audit.tile (
  level smallint not null,
  idx bigint not null,
  width smallint not null,
  hashes bytea not null,
  PRIMARY KEY (level, idx),
  CHECK ((octet_length(hashes) = (32 * width))),
  CHECK ((idx >= 0)),
  CHECK (((level >= 0) AND (level <= 6))),
  CHECK (((width >= 1) AND (width <= 256)))
);
CREATE TRIGGER grows_only BEFORE DELETE ON audit.tile FOR EACH ROW EXECUTE FUNCTION audit.refuse_change() -- always
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON audit.tile FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change() -- always

CREATE OR REPLACE FUNCTION flow.approved_successor(origin text)
 RETURNS TABLE(request text, old_origin text, old_size bigint, old_root text, reason text, digest text, approvals jsonb)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
  select r.id, r.body ->> 'old_origin', (r.body ->> 'old_size')::bigint, r.body ->> 'old_root', r.reason,
    flow.vote_digest(r), yes.approvals
  from flow.request r cross join lateral (
    select count(*) as people, jsonb_agg(jsonb_build_object('id', v.id, 'by', v."by") order by v.id) as approvals
    from flow.vote v
      join flow.person p on p.id = v."by" and p.kind = 'person'
      join flow.role_grant g on g.person_id = p.id and g.role = 'security' and g.revoked_at is null and g.since <= v.at - interval '24 hours'
    where v.request_id = r.id and v.decision = 'yes' and v."by" <> r."by" and v.digest = flow.vote_digest(r)
  ) yes
  where r.kind = 'successor' and r.body ->> 'new_origin' = origin and yes.people >= 2
    and not exists (select from flow.vote v where v.request_id = r.id and v.decision = 'no')
  order by r.at desc, r.id desc limit 1
$function$

CREATE OR REPLACE FUNCTION flow.counting_yeses(plan flow.plan)
 RETURNS integer
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  select count(*)::int from flow.approval a
  where a.plan_id = plan.id and a.decision = 'yes' and a.digest = plan.digest and flow.may_approve(a."by", plan, a.at)
    and (plan.tier not in ('T2', 'T3') or a."by" <> (select r."by" from flow.request r where r.id = plan.id))
$function$

CREATE OR REPLACE FUNCTION flow.counting_yeses_but(plan flow.plan, but text)
 RETURNS integer
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  select flow.counting_yeses(plan) - count(*)::int from flow.approval a
  where a.plan_id = plan.id and a."by" = but and a.decision = 'yes' and a.digest = plan.digest and flow.may_approve(a."by", plan, a.at)
    and (plan.tier not in ('T2', 'T3') or a."by" <> (select r."by" from flow.request r where r.id = plan.id))
$function$

CREATE OR REPLACE FUNCTION flow.freeze_epoch(frozen text)
 RETURNS integer
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  select count(*)::int from flow."freeze" f, flow."freeze" this
  where this.id = frozen and f.scopes ?| array(select jsonb_array_elements_text(this.scopes))
$function$

CREATE OR REPLACE FUNCTION flow.holds_for_a_day(who text, roles text[], moment timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  select exists (select from flow.person p join flow.role_grant g on g.person_id = p.id
    where p.id = who and p.kind = 'person' and g.role = any (roles) and g.revoked_at is null
      and g.since <= moment - interval '24 hours')
$function$

CREATE OR REPLACE FUNCTION flow.lead_of(incident text)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  select a."by" from flow.acknowledgement a join flow.incident i on i.id = a.incident_id
  where a.incident_id = incident and i.state <> 'closed' order by a.id collate "C" desc limit 1
$function$

CREATE OR REPLACE FUNCTION flow.may_approve(who text, plan flow.plan, at timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  select exists (
    select from flow.person p join flow.role_grant g on g.person_id = p.id
    where p.id = who and p.kind = 'person' and g.revoked_at is null and plan.body #> '{approval,roles}' ? g.role
      and g.since <= "at" - case when plan.tier in ('T2', 'T3') then interval '24 hours' else interval '0' end)
$function$

CREATE OR REPLACE FUNCTION flow.may_pass(thing text, "from" text, "to" text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select coalesce(thing || ' ' || coalesce("from", '+') || ' ' || "to", '') = any ('{
    delivery + stored, delivery + processed, delivery + refused,
    delivery stored processed, delivery stored refused,
    alert + firing, alert + resolved,
    alert firing resolved,
    alert resolved firing,
    incident + open,
    incident open acknowledged, incident open resolved,
    incident acknowledged resolved,
    incident resolved open, incident resolved closed,
    plan + proposed, plan + stopped, plan + failed,
    plan proposed used, plan proposed refused, plan proposed stale, plan proposed expired, plan proposed cancelled,
    run + running,
    run queued running, run queued cancelled, run queued frozen, run queued stale,
    run running waiting, run running verifying, run running cancelling, run running failed, run running frozen, run running needs-a-person,
    run waiting running, run waiting cancelling, run waiting failed, run waiting frozen,
    run verifying succeeded, run verifying failed, run verifying cancelling, run verifying needs-a-person,
    run cancelling cancelled, run cancelling undoing, run cancelling needs-a-person,
    run failed undoing, run failed needs-a-person,
    run undoing undone, run undoing frozen, run undoing needs-a-person,
    run needs-a-person running, run needs-a-person verifying, run needs-a-person undoing, run needs-a-person failed,
    step + pending,
    step pending intended, step pending skipped,
    step intended done, step intended failed, step intended unknown,
    step failed intended, step failed undone, step failed kept,
    step unknown intended, step unknown done, step unknown failed,
    step done undone, step done kept,
    loan + out,
    loan out returning, loan out overdue, loan out out,
    loan overdue returning, loan overdue out,
    loan returning returned, loan returning overdue,
    export + running,
    export queued running,
    export running ready, export running failed, export running queued,
    enforcement + enforcing,
    enforcement enforcing enforced, enforcement enforcing partial, enforcement enforcing lifting,
    enforcement partial enforced, enforcement partial lifting,
    enforcement enforced slipped, enforcement enforced lifting,
    enforcement slipped enforced, enforcement slipped partial, enforcement slipped lifting,
    enforcement lifting lifted, enforcement lifting partial,
    maintenance_run + due,
    maintenance_run due running, maintenance_run due late, maintenance_run due excepted,
    maintenance_run late running, maintenance_run late excepted,
    maintenance_run running done, maintenance_run running failed,
    maintenance_run failed running,
    standing_approval + given,
    standing_approval given revoked
  }'::text[])
$function$

CREATE OR REPLACE FUNCTION flow.others_of_security(asker text, moment timestamp with time zone)
 RETURNS integer
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  select count(*)::int from flow.person p where p.id <> asker and flow.holds_for_a_day(p.id, '{security}', moment)
$function$

CREATE OR REPLACE FUNCTION flow.passes_freeze(run text, named text, moment timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  select exists (select from flow.run r join flow.break_glass b on b.id = r.break_glass
      join flow.break_glass_decision d on d.id = b.id
    where r.id = run and b.freeze_id = named and d.decision = 'granted' and d.expires_at > moment)
$function$

CREATE OR REPLACE FUNCTION flow.refuse_early_end()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if (old.overdue is not null and new.overdue is distinct from old.overdue) or (old."over" is not null and new."over" is distinct from old."over")
    or (new."over" is not null and not exists (select from flow.break_glass_review v where v.id = new.id)) then
    raise exception 'the break-glass % is not reviewed, or was told of already', new.id using errcode = 'check_violation', constraint = 'told';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_late_cancel()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if old.cancelled_at is not null or new.cancelled_at is null or old.starts_at <= now() - interval '5 minutes' then
    raise exception 'the quiet window % is cancelled already, or has begun', old.id
      using errcode = 'check_violation', constraint = 'passage';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_run_before_its_stage()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  plan  flow.plan;
  stage text;
begin
  select * into plan from flow.plan where id = new.plan_id;
  stage := flow.stage_in_force(plan.recipe_id, plan.recipe_digest, plan.body #>> '{recipe,stage}');
  if stage = 'watch' and not exists (select from flow.request r where r.id = plan.id and r.kind = 'plan'
      and r.subject = plan.recipe_id and r.body ->> 'reverts' = plan.body ->> 'reverts') then
    raise exception 'the recipe % only watches', plan.recipe_id using errcode = 'check_violation', constraint = 'stage';
  end if;
  if new.standing is not null and stage is distinct from 'auto' then
    raise exception 'the recipe % is in the stage %: it starts nothing by itself', plan.recipe_id, stage
      using errcode = 'check_violation', constraint = 'stage';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_run_of_cancelled_plan()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if exists (select from flow.request where kind = 'cancel' and subject = new.plan_id) then
    raise exception 'the plan % was cancelled', new.plan_id using errcode = 'check_violation', constraint = 'cancelled';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_run_out_of_bounds()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  plan    flow.plan;
  because text;
begin
  select * into plan from flow.plan where id = new.plan_id;
  because := flow.why_not_begin(new, plan);
  if because is not null then
    raise exception 'the run % may not begin now: %', new.id, because using errcode = 'check_violation', constraint = 'within';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_run_without_quorum()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  plan     flow.plan;
  standing flow.standing_approval;
  because  text;
  yes      int;
begin
  select * into plan from flow.plan where id = new.plan_id;
  if plan.state <> 'proposed' then
    raise exception 'the plan % is %', plan.id, plan.state using errcode = 'check_violation', constraint = 'quorum';
  end if;
  if plan.digest is distinct from new.plan_digest then
    raise exception 'the run % names another digest than its plan', new.id using errcode = 'check_violation', constraint = 'quorum';
  end if;
  if plan.expires_at <= new.started_at or exists (
    select from flow.approval where plan_id = plan.id and decision = 'no'
  ) then
    raise exception 'the plan % has expired or was refused', plan.id using errcode = 'check_violation', constraint = 'quorum';
  end if;
  if new.break_glass is not null then
    because := flow.why_not_passed(new.break_glass, plan, new.started_at);
    if because is not null then
      raise exception 'the break-glass % does not let the plan % pass: %', new.break_glass, plan.id, because
        using errcode = 'check_violation', constraint = 'quorum';
    end if;
  end if;
  if new.standing is not null then
    select * into standing from flow.standing_approval where id = new.standing;
    because := flow.why_not_standing(standing, plan, new.started_at);
    if because is not null then
      raise exception 'the standing approval % does not cover the plan %: %', new.standing, plan.id, because
        using errcode = 'check_violation', constraint = 'quorum';
    end if;
    return new;
  end if;
  if exists (select from flow.break_glass b where b.id = new.break_glass and b."over" = 'approval') then
    yes := 1 + flow.counting_yeses_but(plan, (select d."by" from flow.break_glass_decision d where d.id = new.break_glass));
  else
    yes := flow.counting_yeses(plan);
  end if;
  -- Only a plan without steps needs nobody, whatever tier the worker gave it.
  if yes < greatest(plan.quorum, case when jsonb_array_length(plan.body -> 'steps') > 0 then 1 else 0 end) then
    raise exception 'the plan % has % of % approvals for its digest', plan.id, yes, plan.quorum
      using errcode = 'check_violation', constraint = 'quorum';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_second_end()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if old.over is not null or not exists (select from flow.request where kind = 'rearm' and subject = old.id) then
    raise exception 'the budget % is told of already, or nobody re-armed it', old.budget
      using errcode = 'check_violation', constraint = 'passage';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_stray_acknowledgement()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if not exists (select from flow.incident i where i.id = new.incident_id and i.state = 'acknowledged' and i.owner = new."by") then
    raise exception 'the acknowledgement % is not of who has the incident %', new.id, new.incident_id
      using errcode = 'check_violation', constraint = 'acknowledged';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_stray_approval()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if not exists (select from flow.plan where id = new.plan_id and digest = new.digest and state = 'proposed') then
    raise exception 'the plan % is not open under the digest %', new.plan_id, new.digest
      using errcode = 'check_violation', constraint = 'digest';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_stray_break_glass()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  plan    flow.plan;
  because text;
begin
  select * into plan from flow.plan where id = new.plan_id;
  because := case
    when not flow.holds_for_a_day(new."by", '{security}', new.at) then 'who asks is of Security, for a day'
    when exists (select from flow.break_glass b left join flow.break_glass_decision d on d.id = b.id
      where b.plan_id = new.plan_id and case when d.id is null then b.open_until > new.at else d.expires_at > new.at end)
      then 'the plan has one that is open'
    when exists (select from flow.enforcement e where e.id = new.freeze_id and e.state = 'lifted') then 'the freeze was lifted'
    else flow.why_not_open(plan, new.plan_digest, new.at)
  end;
  if because is not null then
    raise exception 'the break-glass % cannot be asked for: %', new.id, because using errcode = 'check_violation', constraint = 'asked';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_stray_break_glass_decision()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  wish    flow.break_glass;
  plan    flow.plan;
  because text;
begin
  select * into wish from flow.break_glass where id = new.id;
  select * into plan from flow.plan where id = wish.plan_id;
  because := case
    when wish."by" = new."by" then 'who asked does not decide'
    when new.at < wish.at or new.at >= wish.open_until then 'the time to decide is over'
    when new.expires_at > new.at + make_interval(mins => wish.minutes) then 'it is for longer than was asked'
    -- What the API wrote of who asked for the plan, not what the worker copied.
    when plan.tier in ('T2', 'T3') and new."by" = (select r."by" from flow.request r where r.id = plan.id)
      then 'who asked for the plan does not let it pass'
    when wish."over" = 'approval' and exists (select from flow.approval a where a.plan_id = plan.id and a."by" = new."by")
      then 'who approved the plan is not the one who is missing'
    when new.voice = 'security' and not flow.holds_for_a_day(new."by", '{security}', new.at)
      then 'who decides is of Security, for a day'
    when new.voice = 'on-call-lead' and (flow.others_of_security(wish."by", new.at) >= 2
        or not flow.holds_for_a_day(new."by", '{sre,ml,security}', new.at)
        or flow.lead_of(plan.incident_id) is distinct from new."by")
      then 'who acknowledged the incident themselves decides where fewer than two others of Security could'
    else flow.why_not_open(plan, wish.plan_digest, new.at)
  end;
  if because is not null then
    raise exception 'the break-glass % cannot be decided: %', new.id, because using errcode = 'check_violation', constraint = 'decided';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_stray_break_glass_review()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  because text;
begin
  because := case
    when not exists (select from flow.break_glass_use u where u.id = new.id and u.at <= new.at) then 'it was not used'
    when new."by" in (select b."by" from flow.break_glass b where b.id = new.id
        union all select d."by" from flow.break_glass_decision d where d.id = new.id)
      then 'who asked or granted does not review'
    when not flow.holds_for_a_day(new."by", '{security}', new.at) then 'who reviews is of Security, for a day'
  end;
  if because is not null then
    raise exception 'the break-glass % cannot be reviewed: %', new.id, because using errcode = 'check_violation', constraint = 'reviewed';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_stray_break_glass_use()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if not exists (select from flow.run r where r.id = new.run_id and r.break_glass = new.id and r.started_at = new.at) then
    raise exception 'the run % has not used the break-glass %', new.run_id, new.id using errcode = 'check_violation', constraint = 'used';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_stray_grant()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  who text := case when tg_op = 'INSERT' then new."by" else new.revoked_by end;
begin
  if tg_op = 'INSERT' and new.revoked_at is not null then
    raise exception 'a role is given before it is taken back' using errcode = 'check_violation', constraint = 'grant';
  end if;
  if tg_op = 'INSERT' and new."by" = new.person_id then
    raise exception '% cannot give a role to themselves', new."by" using errcode = 'check_violation', constraint = 'grant';
  end if;
  if tg_op = 'UPDATE' and (old.revoked_at is not null or new.revoked_at is null) then
    raise exception 'the grant % is taken back once, and for good', old.id using errcode = 'check_violation', constraint = 'grant';
  end if;
  -- Locked: of two administrators who take each other's role, the second one waits, and then has none.
  if tg_op = 'UPDATE' then
    perform from flow.role_grant where role = 'admin' and revoked_at is null order by id for update;
  end if;
  if who is not null and not exists (
    select from flow.role_grant g where g.person_id = who and g.role = 'admin' and g.revoked_at is null
  ) then
    raise exception '% is no administrator', who using errcode = 'check_violation', constraint = 'grant';
  end if;
  -- A role as old as its giver says would be as old as they need it.
  if tg_op = 'INSERT' and new."by" is not null and new.since < now() - interval '5 minutes' then
    raise exception 'a role is given from now on' using errcode = 'check_violation', constraint = 'grant';
  end if;
  if tg_op = 'UPDATE' and old.role = 'admin' and not exists (
    select from flow.role_grant g where g.role = 'admin' and g.revoked_at is null and g.id <> old.id
  ) then
    raise exception 'the last administrator stays' using errcode = 'check_violation', constraint = 'grant';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_stray_lift()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if not exists (select from flow."freeze" f where f.id = new.subject)
    or exists (select from flow.enforcement e where e.id = new.subject and e.state in ('lifting', 'lifted'))
    or not exists (select from flow.person p join flow.role_grant g on g.person_id = p.id
      where p.id = new."by" and p.kind = 'person' and g.role = 'security' and g.revoked_at is null)
    or (new.body ->> 'epoch')::int is distinct from flow.freeze_epoch(new.subject)
    or coalesce((new.body ->> 'expires_at')::timestamptz not between new.at and new.at + interval '8 days', true)
    or new.body -> 'reversal' is distinct from '[]' then
    raise exception 'the lift % is of nothing that Security could lift', new.id using errcode = 'check_violation', constraint = 'lift';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_stray_lifting()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  because text;
begin
  if tg_op = 'UPDATE' and old.state in ('lifting', 'lifted') and new.lift is distinct from old.lift then
    because := 'another lift than that by which it began';
  elsif new.state = 'lifting' and (tg_op = 'INSERT' or old.state <> 'lifting') then
    because := flow.why_not_lift(new.lift, new.id, new.at);
  end if;
  if because is not null then
    raise exception 'the freeze % is not lifted: %', new.id, because using errcode = 'check_violation', constraint = 'lift';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_stray_vote()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  asked flow.request;
begin
  select * into asked from flow.request where id = new.request_id;
  if flow.vote_digest(asked) is distinct from new.digest then
    raise exception 'the request % is not under the digest %', new.request_id, new.digest
      using errcode = 'check_violation', constraint = 'digest';
  end if;
  if asked."by" = new."by" then
    raise exception 'the request % is voted on by others than who asked', new.request_id
      using errcode = 'check_violation', constraint = 'asker';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.refuse_wrong_passage()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog'
AS $function$
declare
  before text := case when tg_op = 'UPDATE' then old.state end;
begin
  if tg_op = 'UPDATE' and new.state = old.state then return new; end if;
  if not flow.may_pass(tg_argv[0], before, new.state) then
    raise exception 'a % cannot go from % to %', tg_argv[0], coalesce(before, 'nothing'), new.state
      using errcode = 'check_violation', table = tg_table_name, constraint = 'passage';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION flow.require_break_glass_use()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if not exists (select from flow.break_glass_use u where u.id = new.break_glass and u.run_id = new.id and u.at = new.started_at) then
    raise exception 'the run % used the break-glass %, and does not say so', new.id, new.break_glass
      using errcode = 'check_violation', constraint = 'used';
  end if;
  return null;
end $function$

CREATE OR REPLACE FUNCTION flow.require_own_acknowledgement()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if not exists (select from audit.entry e
    cross join lateral (select convert_from(e.body, 'UTF8')::jsonb as said) b
    where e.xid = pg_current_xact_id() and e.era = audit.current_era() and e.about = 'incident:' || new.incident_id
      and b.said ->> 'type' = 'incident.acknowledged' and b.said -> 'actor' ->> 'id' = new."by") then
    raise exception 'the acknowledgement % has no entry of % themselves in its transaction', new.id, new."by"
      using errcode = 'integrity_constraint_violation', constraint = 'own';
  end if;
  return null;
end $function$

CREATE OR REPLACE FUNCTION flow.stage_in_force(recipe text, digest text, written text)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  select case
    when last.body is null then written
    when last.body ->> 'digest' = digest then last.body ->> 'to'
    when array_position('{watch,propose,auto}'::text[], coalesce(written, 'propose'))
      < array_position('{watch,propose,auto}'::text[], last.body ->> 'to') then coalesce(written, 'propose')
    else last.body ->> 'to'
  end
  from (values (1)) as one left join lateral (
    select body from flow.request where kind = 'graduation' and subject = recipe order by id desc limit 1
  ) as last on true
$function$

CREATE OR REPLACE FUNCTION flow.vote_digest(request flow.request)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog'
AS $function$
  select 'sha256:' || encode(sha256(convert_to(case request.kind
    when 'successor' then
      '{"new_origin":' || to_json(request.body ->> 'new_origin') || ',"old_origin":' || to_json(request.body ->> 'old_origin') ||
      ',"old_root":' || to_json(request.body ->> 'old_root') || ',"old_size":' || (request.body ->> 'old_size') ||
      ',"reason":' || to_json(request.reason) || ',"request":' || to_json(request.id) || '}'
    when 'lift' then
      case when request.body -> 'reversal' = '[]' then
        '{"epoch":' || (request.body ->> 'epoch')::int || ',"expires_at":' || to_json(request.body ->> 'expires_at') ||
        ',"freeze":' || to_json(request.subject) || ',"reason":' || to_json(request.reason) || ',"request":' || to_json(request.id) ||
        ',"reversal":[]}' end
    end, 'UTF8')), 'hex')
$function$

CREATE OR REPLACE FUNCTION flow.why_not_begin(run flow.run, plan flow.plan)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  with asked as (
    select coalesce((plan.body -> 'contains')::boolean, false) as contains,
      array(select distinct t #>> '{}' from jsonb_path_query(plan.body, '$.steps[*].targets[*]') t) as targets,
      array(select jsonb_array_elements_text(run.scopes)) as scopes,
      -- What the API wrote, not what the worker copied.
      exists (select from flow.request r where r.id = plan.id and r.incident_id is not null)
        and plan.body #>> '{approval,raised_from}' is not null as raised,
      make_interval(mins => coalesce((plan.body #>> '{limits,cooldown_minutes}')::int, 0)) as cooldown
  )
  select case
    when run.scopes is null or not 'house:everything' = any (scopes) or not targets <@ scopes then 'scopes'
    when (select r.body -> 'on' = 'true' from flow.request r where r.kind = 'stop' order by r.id desc limit 1) then 'halted'
    when not contains and exists (
      select from flow."freeze" f where f.scopes ?| asked.scopes
        and not exists (select from flow.enforcement e where e.id = f.id and e.state = 'lifted')
        -- Its own pass goes over one freeze. As flow.passes_freeze, for a run that is not there yet.
        and not exists (select from flow.break_glass b join flow.break_glass_decision d on d.id = b.id
          where b.id = run.break_glass and b.plan_id = plan.id and b.freeze_id = f.id and d.decision = 'granted'
            and d.expires_at > run.started_at)) then 'frozen'
    when not contains and not raised and cardinality(targets) > 0 and exists (
      select from flow.quiet_window w where w.scopes ?| asked.scopes and w.cancelled_at is null
        and w.starts_at <= run.started_at and w.ends_at > run.started_at) then 'quiet'
    -- Asked only where there is a cooldown: it reads the plans of whatever ended meanwhile.
    when not contains and cooldown > interval '0' and exists (
      select from flow.run before join flow.plan p on p.id = before.plan_id,
        jsonb_path_query(p.body, '$.steps[*].targets[*]') as t(target)
      where before.id <> run.id and before.ended_at > run.started_at - cooldown and t.target #>> '{}' = any (targets)
        and exists (select from flow.step s where s.run_id = before.id and s.intended_at is not null)) then 'cooldown'
    when exists (
      select from jsonb_array_elements(plan.body #> '{limits,caps}') c,
        lateral (
          select count(distinct t.target) as targets, count(distinct (effect.step, effect.item)) as effects
          from (
            select s.step, i.item, i.effect from jsonb_array_elements(plan.body -> 'steps') with ordinality as s(value, step),
              jsonb_array_elements(case when jsonb_typeof(s.value -> 'items') = 'array' then s.value -> 'items'
                else jsonb_build_array(s.value) end) with ordinality as i(effect, item)
          ) as effect, jsonb_array_elements_text(effect.effect -> 'targets') as t(target)
          where not c ? 'environment' or c -> 'there' ? t.target
        ) as has
      where has.targets > (c ->> 'targets')::int or has.effects > (c ->> 'effects')::int) then 'out-of-range'
    when run.standing is not null and exists (
      select from flow.budget b where not exists (select from flow.request r where r.kind = 'rearm' and r.subject = b.id)
        and (b.budget = 'recipe:' || plan.recipe_id or b.budget = any (asked.scopes)
          or b.budget = any (select 'target:' || t from unnest(targets) t))) then 'disarmed'
  end
  from asked
$function$

CREATE OR REPLACE FUNCTION flow.why_not_lift(asked text, frozen text, moment timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  select case
    when r.id is null or r.kind <> 'lift' or r.subject is distinct from frozen then 'nobody asked for it'
    when exists (select from flow.vote v where v.request_id = r.id and v.decision = 'no') then 'refused'
    when (r.body ->> 'expires_at')::timestamptz <= moment then 'expired'
    when (r.body ->> 'epoch')::int is distinct from flow.freeze_epoch(frozen) then 'void'
    when (select count(*) from flow.vote v
        join flow.person p on p.id = v."by" and p.kind = 'person'
      where v.request_id = r.id and v.decision = 'yes' and v."by" <> r."by" and v.digest = flow.vote_digest(r)
        and exists (select from flow.role_grant g where g.person_id = p.id and g.role = 'security' and g.revoked_at is null
          and g.since <= v.at - interval '24 hours')) < 2 then 'asked'
  end from (select asked) a left join flow.request r on r.id = a.asked
$function$

CREATE OR REPLACE FUNCTION flow.why_not_open(plan flow.plan, named text, moment timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  select case
    when plan.id is null then 'there is no such plan'
    when plan.digest is distinct from named then 'it is for another digest'
    when plan.state <> 'proposed' then 'the plan is ' || plan.state
    when plan.expires_at <= moment then 'the plan has expired'
    when exists (select from flow.approval a where a.plan_id = plan.id and a.decision = 'no') then 'somebody said no to the plan'
    when exists (select from flow.request r where r.kind = 'cancel' and r.subject = plan.id) then 'the plan was cancelled'
  end
$function$

CREATE OR REPLACE FUNCTION flow.why_not_passed(glass text, plan flow.plan, moment timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  select case
    when b.id is null then 'there is no such pass'
    when b.plan_id <> plan.id or b.plan_digest is distinct from plan.digest then 'it is for another plan'
    when d.id is null or d.decision <> 'granted' then 'nobody granted it'
    when d.expires_at <= moment then 'its time is over'
    when exists (select from flow.run r where r.break_glass = b.id) then 'a run has used it'
  end from (select glass) g left join flow.break_glass b on b.id = g.glass left join flow.break_glass_decision d on d.id = b.id
$function$

CREATE OR REPLACE FUNCTION flow.why_not_standing(standing flow.standing_approval, plan flow.plan, at timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  select case
    when standing.state <> 'given' then 'revoked'
    when standing.expires_at <= "at" then 'expired'
    when standing.recipe_digest <> plan.recipe_digest
      or standing.recipe_digest is distinct from plan.body #>> '{recipe,digest}' then 'another recipe'
    -- It is one person's yes.
    when plan.tier = 'T3' or plan.quorum > 1 then 'needs more people'
    -- What a person asks for, people approve. What the API wrote, not what the worker copied.
    when exists (select from flow.request r join flow.person p on p.id = r."by" and p.kind = 'person' where r.id = plan.id)
      then 'asked by a person'
    when not flow.may_approve(standing."by", plan, standing.at) then 'not their role'
    when jsonb_array_length(plan.body -> 'steps') > (standing.bounds ->> 'steps')::int then 'too many steps'
    when exists (select from jsonb_array_elements(plan.body -> 'steps') s, jsonb_array_elements_text(s -> 'targets') t
        where not standing.targets ? t) then 'another target'
    when exists (select from jsonb_array_elements(plan.body -> 'steps') s, jsonb_each(s -> 'after') a
        where jsonb_typeof(a.value) = 'number' and (not standing.bounds -> 'after' ? a.key
          or a.value::numeric < (standing.bounds #>> array['after', a.key, 'at_least'])::numeric
          or a.value::numeric > (standing.bounds #>> array['after', a.key, 'at_most'])::numeric)) then 'out of bounds'
    -- What has no budget may start nothing.
    when (select count(*) from flow.run r where r.standing = standing.id
        and r.started_at > "at" - make_interval(mins => coalesce((standing.bounds #>> '{runs,minutes}')::int, 0)))
      >= coalesce((standing.bounds #>> '{runs,most}')::int, 0) then 'budget spent'
  end
$function$

CREATE OR REPLACE FUNCTION audit.current_era()
 RETURNS integer
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$select case when c.home_since = pg_postmaster_start_time() then c.era
                  else c.era + (c.system_identifier <> (select system_identifier from pg_control_system()))::int
             end from audit.cursor c$function$

CREATE OR REPLACE FUNCTION audit.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  raise exception '% of audit.% is refused: the audit log is append-only', lower(tg_op), tg_table_name
    using errcode = 'insufficient_privilege', hint = 'A correction is a new entry.';
end $function$

CREATE OR REPLACE FUNCTION audit.require_entry()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
    where xid = pg_current_xact_id() and about = tg_argv[0] || ':' || row_id
      -- As audit.current_era() says, which is asked only where the log is not at home.
      and era = (select case when c.home_since = pg_postmaster_start_time() then c.era else audit.current_era() end
                 from audit.cursor c)
  ) then
    raise exception '% of %.% % has no audit entry in its transaction', lower(tg_op), tg_table_schema, tg_table_name, row_id
      using errcode = 'integrity_constraint_violation',
            schema = tg_table_schema, table = tg_table_name, constraint = tg_name,
            hint = format('Append one with about = ''%s:%s'' before the commit.', tg_argv[0], row_id);
  end if;
  return null;
end $function$
