import { entryTypes, type EntryBody, type EntryDetail, type EntryType } from '@firebreak/audit-log'

type Said<Type extends EntryType> = (detail: EntryDetail<Type>, entry: EntryBody, who: string, name: Name) => string
type Name = (id: string) => string

/**
 * An entry as one short sentence, for a person at three in the morning: who did what, with its numbers and ids.
 * Pure: the terminal story, the timeline and an offline reader say the same. A type of a newer version says its own name.
 *
 * @param name what to call an actor; the id where none is given
 */
export function sayEntry(body: EntryBody, name: Name = (id) => id): string {
  if (!Object.hasOwn(entryTypes, body.type)) return body.type
  const say = sentences[body.type] as Said<EntryType>
  return say(body.detail ?? {}, body, name(body.actor.id), name)
}

/** What an entry is about, without its kind. */
const thing = ({ about }: Pick<EntryBody, 'about'>): string => about.slice(about.indexOf(':') + 1)
const digestIn = (digest: string | undefined): string =>
  digest ? ` (${digest.slice('sha256:'.length).slice(0, 12)})` : ''
/** `Because it was slow.` after a sentence; nothing where nothing was said. */
const because = (text: string | undefined): string => (text ? ` ${text}` : '')
const why = ({ reason }: Pick<EntryBody, 'reason'>): string => (reason ? `: ${reason.replace(/[.\s]+$/, '')}` : '')
const many = (count: number | undefined, one: string, more = `${one}s`): string =>
  `${count ?? 0} ${count === 1 ? one : more}`
const clock = (time: string | undefined | null): string => (time ? `${time.slice(11, 16)} UTC` : 'an unknown time')
const aStep = ({ number, verb, says }: EntryDetail<'step.done'>): string =>
  `Step ${number ?? '?'} (${says ?? verb ?? 'unnamed'})`
const anItem = ({ number, item, says }: EntryDetail<'item.done'>): string =>
  `Step ${number ?? '?'}, item ${item ?? '?'} (${says ?? 'unnamed'})`
const passing = (over: string | undefined, freeze: string | undefined): string =>
  over === 'freeze' ? `the freeze ${freeze ?? 'that holds it'}` : 'one missing approval'
const state = (snapshot: EntryBody['before']): string =>
  Object.entries(snapshot?.summary ?? {})
    .slice(0, 4)
    .map(([key, value]) => `${key} ${Array.isArray(value) ? value.join('/') : String(value)}`)
    .join(', ')

const sentences: { [Type in EntryType]: Said<Type> } = {
  'delivery.stored': ({ source, received, bytes }) =>
    `A delivery of ${source ?? 'a monitor'} was stored: ${many(received, 'alert')}, ${bytes ?? 0} bytes.`,
  'delivery.processed': ({ opened, joined, repeated, resolved, suppressed }) =>
    `The delivery was processed: ${opened ?? 0} opened, ${joined ?? 0} joined, ${repeated ?? 0} repeated, ${resolved ?? 0} resolved, ${suppressed ?? 0} suppressed.`,
  'delivery.refused': ({ source, faults }) =>
    `A delivery of ${source ?? 'a monitor'} could not be read and was kept as refused${faults?.[0] ? `: ${faults[0].pointer || 'the whole body'} ${faults[0].message}` : ''}.`,

  'alert.fired': ({ alertname, source }, entry) => `${alertname || thing(entry)} fired (${source ?? 'a monitor'}).`,
  'alert.resolved': ({ alertname, ends_at }, entry) => `${alertname || thing(entry)} resolved at ${clock(ends_at)}.`,
  'alert.reopened': ({ alertname, source }, entry) =>
    `${alertname || thing(entry)} fired again (${source ?? 'a monitor'}).`,

  'incident.opened': ({ severity, class: page, title, service }) =>
    `${severity ?? 'An'} incident opened: ${title ?? 'untitled'}${service ? ` (${service})` : ''}, class ${page ?? 'unclassified'}.`,
  'incident.acknowledged': (_, entry, who) => `${who} has it${why(entry)}.`,
  'incident.resolved': (_, entry, who) =>
    entry.actor.kind === 'process'
      ? 'The incident resolved with its last alert.'
      : `${who} resolved the incident${why(entry)}.`,
  'incident.reopened': (_, entry, who) =>
    entry.actor.kind === 'person'
      ? `${who} opened the incident again${why(entry)}.`
      : 'The incident is open again: the same problem is back.',
  'incident.closed': () => 'The incident is closed.',
  'incident.changed': ({ severity, class: page, owner }, entry, who, name) => {
    if (owner && !severity && !page)
      return `${who} ${owner === entry.actor.id ? 'took the incident over' : `gave the incident to ${name(owner)}`}${why(entry)}.`
    if (severity && !owner && !page) return `${who} corrected the severity to ${severity}${why(entry)}.`
    return `${who} changed the incident: ${[severity, page && `class ${page}`, owner && `owner ${name(owner)}`].filter(Boolean).join(', ') || 'see its detail'}${why(entry)}.`
  },
  'note.added': ({ text }, _, who) => `${who} noted: ${text ?? 'nothing that is still there'}`,

  'plan.requested': ({ asker, recipe, reverts }, entry, who, name) =>
    `${who} asked for a plan ${reverts ? `that takes ${reverts} (${recipe ?? 'a recipe'}) back` : `by ${recipe ?? 'a recipe'}`}${asker ? `, as ${name(asker.id)} had` : ''}${why(entry)}.`,
  'plan.proposed': ({ steps, tier, quorum }, entry) =>
    `Proposed: ${steps?.join('; ') || 'to look, and to change nothing'}. ${tier ?? 'No tier'}, needs ${many(quorum, 'approval')}${digestIn(entry.plan_digest)}.`,
  'plan.stopped': ({ because: reason, steps }) =>
    `${steps?.length ? 'Nothing is proposed.' : 'The recipe says stop.'}${because(reason)}`,
  'plan.failed': ({ because: reason }) => `The plan could not be made.${because(reason)}`,
  'plan.stale': ({ because: reason }) => `The plan is stale, nothing was changed.${because(reason)}`,
  'plan.used': ({ run }) => `The plan became ${run ?? 'a run'}.`,
  'plan.refused': ({ because: reason }) => `The plan is refused.${because(reason)}`,
  'plan.expired': ({ because: reason }) => `The plan expired.${because(reason)}`,
  'plan.cancelled': ({ because: reason }) => `The plan is cancelled.${because(reason)}`,

  'approval.given': (_, entry, who) => `${who} approved exactly this plan${digestIn(entry.plan_digest)}${why(entry)}.`,
  'approval.refused': (_, entry, who) => `${who} said no to this plan${digestIn(entry.plan_digest)}${why(entry)}.`,

  'standing.given': ({ targets, expires_at, minutes, most_runs }, entry, who) =>
    `${who} approved ${entry.recipe?.id ?? 'a recipe'} in advance on ${targets?.join(', ') ?? 'nothing'}, ${many(most_runs, 'run')} in ${many(minutes, 'minute')}, until ${expires_at ?? 'an unknown time'}${why(entry)}.`,
  'standing.revoked': (_, entry, who) => `${who} took the standing approval ${thing(entry)} back${why(entry)}.`,

  'recipe.graduated': ({ recipe, from, to, watched, runs, succeeded }, entry, who) =>
    `${who} moved ${recipe ?? thing(entry)} from ${from ?? 'its stage'} to ${to ?? 'another'}, after ${many(watched, 'look')} and ${many(runs, 'run')} of which ${succeeded ?? 0} helped${why(entry)}.`,

  'run.started': ({ steps, standing, standing_by, break_glass, over }, entry, _, name) =>
    break_glass && !standing
      ? `The run started by break-glass ${break_glass}, over ${over === 'freeze' ? 'a freeze' : 'a missing approval'}: ${many(steps, 'step')}, approved by ${entry.approvals?.map(({ by }) => name(by)).join(', ') || 'nobody'}.`
      : standing
        ? `The run started by itself: ${many(steps, 'step')}, approved in advance by ${name(standing_by ?? 'nobody')} (${standing}).`
        : `The run started: ${many(steps, 'step')}, approved by ${entry.approvals?.map(({ by }) => name(by)).join(', ') || 'nobody'}.`,
  'run.verifying': () => 'Every step is done; checking whether it helped.',
  'run.succeeded': ({ because: reason }) => `The run succeeded.${because(reason)}`,
  'run.failed': ({ because: reason }) => `The run failed.${because(reason)}`,
  'run.undoing': () => 'Taking back what the run changed.',
  'run.undone': ({ because: reason }) => `The run was undone.${because(reason)}`,
  'run.cancelling': ({ because: reason }) => `The run stops.${because(reason)}`,
  'run.cancelled': ({ because: reason }) => `The run was cancelled.${because(reason)}`,
  'run.running': ({ because: reason }) => `The run goes on.${because(reason)}`,
  'run.waiting': ({ because: reason }) => `The run waits.${because(reason)}`,
  'run.needs-a-person': ({ because: reason }) => `The run needs a person.${because(reason)}`,
  'run.taken-over': ({ worker, fence }) =>
    `${worker ?? 'A worker'} took the run over from a silent one (fence ${fence ?? '?'}).`,

  'step.planned': (detail) => `${aStep(detail)} is in the journal.`,
  'step.intended': (detail) =>
    `${aStep(detail)} begins${(detail.attempt ?? 1) > 1 ? `, attempt ${detail.attempt}` : ''}.`,
  'step.undoing': (detail) => `${aStep(detail)} is being taken back.`,
  'step.done': (detail, { before, after }) => {
    const change = before?.summary && after?.summary ? `: ${state(before)} → ${state(after)}` : ''
    if (detail.items !== undefined)
      return `${aStep(detail)}: ${detail.items_done ?? 0} of ${detail.items} done.${because(detail.because)}`
    return `${aStep(detail)} ${detail.found ? 'was found done' : 'done'}${change}.${because(detail.because)}`
  },
  'step.failed': (detail) => `${aStep(detail)} failed.${because(detail.because)}`,
  'step.unknown': (detail) => `${aStep(detail)}: nobody can tell whether it took effect.${because(detail.because)}`,
  'step.undone': (detail) => `${aStep(detail)} taken back.${because(detail.because)}`,
  'step.kept': (detail) => `${aStep(detail)} could not be taken back and stays.${because(detail.because)}`,
  'step.skipped': (detail) => `${aStep(detail)} was not begun.${because(detail.because)}`,
  'step.wave': (detail) =>
    `Step ${detail.number ?? '?'} goes on with ${many(detail.items, 'item')}, from item ${detail.item ?? '?'} on.`,
  'item.done': (detail, { before, after }) => {
    const change = before?.summary && after?.summary ? `: ${state(before)} → ${state(after)}` : ''
    return `${anItem(detail)} ${detail.found ? 'was found done' : 'done'}${change}.`
  },
  'item.failed': (detail) => `${anItem(detail)} failed.${because(detail.because)}`,
  'item.unknown': (detail) => `${anItem(detail)}: nobody can tell whether it took effect.${because(detail.because)}`,
  'item.undone': (detail) => `${anItem(detail)} taken back.${because(detail.because)}`,
  'item.kept': (detail) => `${anItem(detail)} could not be taken back and stays.${because(detail.because)}`,

  'cancel.requested': ({ undo, plan }, entry, who) =>
    plan
      ? `${who} cancelled this plan${why(entry)}.`
      : `${who} asked for the run to stop${undo ? ' and to be taken back' : ''}${why(entry)}.`,
  'answer.given': ({ verdict, then }, entry, who) =>
    `${who} answered the run: ${verdict ?? 'nothing'}${then ? `, ${then}` : ''}${why(entry)}.`,

  'step.denied': (detail) => `${aStep(detail)} was not allowed.${because(detail.because)}`,
  'freeze.declared': ({ scopes }, entry, who) =>
    `${who} froze ${scopes?.join(', ') ?? 'something'}${why(entry)}. Nothing changes there until two of Security lift it.`,
  'freeze.lift-asked': ({ expires_at }, entry, who) =>
    `${who} asked to lift the freeze, by ${expires_at ?? 'an unknown time'}${why(entry)}. Two others of Security decide.`,
  'freeze.lift-approved': (_, entry, who) => `${who} approved the lift of the freeze${why(entry)}.`,
  'freeze.lift-refused': (_, entry, who) => `${who} refused the lift of the freeze${why(entry)}.`,
  'freeze.lifting': (_, { approvals }) =>
    `The freeze is being lifted, as ${approvals?.map(({ by }) => by).join(' and ') || 'nobody'} approved.`,
  'freeze.lifted': () => 'The freeze is lifted: what it held may begin again.',
  'break-glass.asked': ({ over, freeze, minutes }, entry, who) =>
    `${who} asked to break the glass: to pass ${passing(over, freeze)} with this plan, for ${many(minutes, 'minute')}${why(entry)}.`,
  'break-glass.granted': ({ over, freeze, voice, expires_at }, entry, who) =>
    `${who} granted it${voice === 'on-call-lead' ? ' as lead of the incident, for Security is too few' : ''}: this plan passes ${passing(over, freeze)}, once, until ${clock(expires_at)}${why(entry)}.`,
  'break-glass.refused': (_, entry, who) => `${who} refused to break the glass for this plan${why(entry)}.`,
  'break-glass.used': ({ run, over, freeze, review_by }) =>
    `The glass was broken: ${run ?? 'a run'} passed ${passing(over, freeze)}. Its review is due by ${review_by ?? 'an unknown time'}.`,
  'break-glass.overdue': ({ break_glass, review_by }) =>
    `Nobody has reviewed ${break_glass ?? 'the break-glass'}, which was due by ${review_by ?? 'an unknown time'}.`,
  'break-glass.reviewed': ({ verdict, late }, entry, who) =>
    `${who} reviewed the break-glass${late ? ', late' : ''}: ${verdict === 'justified' ? 'justified' : 'not justified'}${why(entry)}.`,
  'break-glass.told': ({ break_glass }) => `It was told that ${break_glass ?? 'the break-glass'} is reviewed.`,
  'budget.disarmed': ({ budget, because: reason }) =>
    `The budget of ${budget ?? 'something'} is spent: nothing of it starts by itself until somebody re-arms it.${because(reason)}`,
  'budget.rearmed': ({ budget }, entry, who) => `${who} re-armed the budget of ${budget ?? 'something'}${why(entry)}.`,
  'budget.told': ({ budget }) => `It was told that the budget of ${budget ?? 'something'} is armed again.`,
  'quiet.declared': ({ scopes, starts_at, ends_at }, entry, who) =>
    `${who} declared a quiet window over ${scopes?.join(', ') ?? 'something'}, from ${starts_at ?? 'an unknown time'} to ${ends_at ?? 'an unknown time'}${why(entry)}. Planned work waits.`,
  'quiet.cancelled': (_, entry, who) =>
    `${who} cancelled the quiet window ${thing(entry)} before it began${why(entry)}.`,
  'stop.pressed': (_, entry, who) => `${who} pressed the stop switch${why(entry)}.`,
  'stop.released': (_, entry, who) => `${who} let the stop switch go${why(entry)}.`,
  'run.frozen': ({ because: reason }) => `The run stands still.${because(reason)}`,

  'target.locked': ({ run }, entry) => `${thing(entry)} is held for ${run ?? 'a run'}.`,
  'target.freed': (_, entry) => `${thing(entry)} is free again.`,
  'target.moved': (_, entry) => {
    const change =
      entry.before?.summary && entry.after?.summary ? `: ${state(entry.before)} → ${state(entry.after)}` : ''
    return `${entry.target ?? thing(entry)} was not found as it had been left${change}.`
  },

  'loan.requested': ({ loan, wish, until }, entry, who) =>
    `${who} asked for ${entry.target ?? loan ?? 'a loan'} to ${wish === 'renew' ? `stay on loan until ${clock(until)}` : 'be given back now'}${why(entry)}.`,
  'loan.out': ({ until }, entry) => `${entry.target ?? thing(entry)} is on loan until ${clock(until)}.`,
  'loan.renewed': ({ until, because: reason }, entry) =>
    `${entry.target ?? thing(entry)} stays on loan until ${clock(until)}.${because(reason)}`,
  'loan.returning': (_, entry) => `${entry.target ?? thing(entry)} is being given back.`,
  'loan.returned': ({ because: reason }, entry) =>
    `${entry.target ?? thing(entry)} was given back${state(entry.after) ? `: ${state(entry.after)}` : ''}.${because(reason)}`,
  'loan.overdue': ({ because: reason }, entry) =>
    `${entry.target ?? thing(entry)} could not be given back.${because(reason)}`,

  'export.requested': (_, entry, who) => `${who} asked for an export of the log${why(entry)}.`,
  'export.running': (_, entry) => `Export ${thing(entry)} is being written.`,
  'export.ready': ({ entries, size, sha256 }, entry) =>
    `Export ${thing(entry)} is ready: ${many(entries, 'entry', 'entries')}, ${size ?? 0} bytes, SHA-256 ${sha256?.slice(0, 12) ?? 'unknown'}.`,
  'export.failed': ({ because: reason }, entry) => `Export ${thing(entry)} failed.${because(reason)}`,
  'export.downloaded': (_, entry, who) => `${who} downloaded export ${thing(entry)}.`,

  'maintenance.due': ({ kind, due_at }) =>
    `The next ${kind ?? 'maintenance'} is due at ${due_at ?? 'an unknown time'}.`,
  'maintenance.late': ({ kind, because: reason }) => `The ${kind ?? 'maintenance'} is late.${because(reason)}`,
  'maintenance.excepted': ({ kind }, entry) => `The ${kind ?? 'maintenance'} is left out this time${why(entry)}.`,
  'maintenance.running': ({ kind }, _, who) => `${who} began the ${kind ?? 'maintenance'}.`,
  'maintenance.done': ({ kind }) => `The ${kind ?? 'maintenance'} is done.`,
  'maintenance.failed': ({ kind, because: reason }) => `The ${kind ?? 'maintenance'} failed.${because(reason)}`,
  'check.passed': ({ size, made, kept }) =>
    `The audit log was checked and found right: ${many(size, 'entry', 'entries')}, ${many(made, 'check')}${kept === undefined ? '' : `, held against the checkpoint of size ${kept} that was kept`}.`,
  'check.failed': ({ because: reason }) => `The audit log does not pass its check.${because(reason)}`,

  'person.added': ({ name: called, kind, person_id }) =>
    `${called ?? person_id ?? 'Somebody'} was added (${kind ?? 'person'}).`,
  'role.granted': ({ role, person_id }, _, __, name) =>
    `${name(person_id ?? 'somebody')} is ${role ?? 'without a role'} now.`,
  'role.revoked': ({ role, person_id }, entry, who, name) =>
    `${who} took from ${name(person_id ?? 'somebody')} the role ${role ?? 'that they had'}${why(entry)}.`,
  'key.created': ({ person_id, key_id }, _, __, name) =>
    `A key for ${name(person_id ?? 'somebody')} was made (${key_id ?? 'unnamed'}).`,
  'key.revoked': ({ person_id, key_id }, entry, who, name) =>
    `${who} took back a key of ${name(person_id ?? 'somebody')} (${key_id ?? 'unnamed'})${why(entry)}.`,
  'session.opened': (_, __, who) => `${who} signed in.`,
  'session.closed': (_, __, who) => `${who} signed out.`,
  'access.refused': ({ method, route, code, count }, _, who) =>
    `${who} was refused${(count ?? 1) > 1 ? ` ${count} times` : ''}: ${[method?.toUpperCase(), route, code].filter(Boolean).join(' ') || 'no reason given'}.`,
  'process.started': ({ process, version }, _, who) => `${process ?? who} started${version ? ` (${version})` : ''}.`,
  'process.stopped': ({ process, cause }, _, who) => `${process ?? who} stopped${cause ? `: ${cause}` : ''}.`,
  'log.read': ({ filter }, _, who) =>
    `${who} read the log${
      filter && Object.keys(filter).length > 0
        ? ` (${Object.entries(filter)
            .map(([key, value]) => `${key} ${String(value)}`)
            .join(', ')})`
        : ''
    }.`,
  'log.redacted': ({ paths, because: reason }, _, who) =>
    `${who} had ${many(paths?.length, 'personal value')} of an earlier entry deleted.${because(reason)}`,
  'successor.requested': ({ old_origin, old_size, new_origin }, entry, who) =>
    `${who} asked for ${new_origin ?? 'another log'} to succeed ${old_origin ?? 'this log'}, known up to ${many(old_size, 'entry', 'entries')}${why(entry)}.`,
  'successor.approved': ({ old_origin, new_origin }, entry, who) =>
    `${who} approved that ${new_origin ?? 'another log'} succeeds ${old_origin ?? 'this log'}${why(entry)}.`,
  'successor.refused': ({ old_origin, new_origin }, entry, who) =>
    `${who} said no to ${new_origin ?? 'another log'} as successor of ${old_origin ?? 'this log'}${why(entry)}.`,
  'log.succeeded': ({ kept, old_origin, old_size }, entry, _, name) =>
    `${thing(entry)} succeeds ${old_origin ?? 'a log that was lost'}: ${many(kept, 'entry', 'entries')} kept of ${old_size ?? 'an unknown number'}, approved by ${entry.approvals?.map(({ by }) => name(by)).join(', ') || 'nobody'}.`,
  'log.key-rotated': (detail, entry) =>
    `The log ${thing(entry)} signs with another key from here on (${detail.new?.split('+')[1] ?? 'unnamed'}).`,
  'log.heartbeat': ({ size }) => `Nothing happened; the log stands at ${many(size, 'entry', 'entries')}.`,
}
