/** Steps over many items: a line of the journal for each, and runs that wait between two waves of them. */
export const items = /* sql */ `

alter table flow.step add column items int check (items > 0);
alter table flow.step add column items_done int not null default 0;
alter table flow.step add column pace jsonb;
alter table flow.step add constraint pace_of_items check ((items is null) = (pace is null));
grant update (items_done) on flow.step to fb_worker;

-- Not controlled: entries about its step speak of it, one a wave and one an effect.
create table flow.step_item (
  id               text primary key,
  step_id          text not null references flow.step,
  number           int  not null check (number > 0),
  args             jsonb not null,
  state            text not null,
  attempt          int not null,
  fence            int not null,
  intended_at      timestamptz,
  ended_at         timestamptz,
  undo_intended_at timestamptz,
  before           jsonb,
  after            jsonb,
  because          text,
  unique (step_id, number)
);

create trigger passage before insert or update of state on flow.step_item
  for each row execute function flow.refuse_wrong_passage('step');
alter table flow.step_item enable always trigger passage;

grant select on flow.step_item to fb_api, fb_worker, fb_reader;
grant insert on flow.step_item to fb_worker;
grant update (state, attempt, fence, intended_at, ended_at, undo_intended_at, before, after, because) on flow.step_item to fb_worker;

alter table flow.run add column goes_on_at timestamptz;
grant update (goes_on_at) on flow.run to fb_worker;
`
