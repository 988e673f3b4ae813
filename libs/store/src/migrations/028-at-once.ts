/** A delivery that is sorted in as it is stored begins as what it comes to. */
export const atOnce = /* sql */ `

create or replace function flow.may_pass(thing text, "from" text, "to" text) returns boolean
  language sql immutable
  as $$
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
$$;

-- What the worker found out itself is sorted in by the API, as everybody's: it cannot say that it was.
drop policy worker_delivers_its_own on flow.delivery;
create policy worker_delivers_its_own on flow.delivery for insert to fb_worker
  with check (source = 'firebreak' and state = 'stored');
`
