/** People change the course of a run: cancel it, or answer when it asks. */
export const interventions = /* sql */ `

-- The kinds of powers.md, all of them: what a request asks for is the worker's to understand, or to refuse.
alter table flow.request drop constraint request_kind_check;
alter table flow.request add constraint request_kind_check check (kind in ('plan', 'cancel', 'resolve-unknown', 'loan',
  'rearm', 'export', 'maintenance', 'change', 'stop', 'redaction', 'successor', 'graduation'));

-- Asked at every boundary of every run.
drop index flow.request_about;
create index request_about on flow.request (subject, kind) where kind in ('loan', 'cancel', 'resolve-unknown');

-- The last answer that was carried out.
alter table flow.run add column answered text;
grant update (answered) on flow.run to fb_worker;

drop index flow.run_under_way;
create index run_under_way on flow.run (id)
  where state in ('running', 'waiting', 'verifying', 'cancelling', 'undoing') or (state = 'failed' and ended_at is null);
create index run_asking on flow.run (id) where state = 'needs-a-person';

`
