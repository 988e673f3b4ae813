import { each, ending, thing, type Finder } from './finder.js'
import { text, whole } from './said.js'

/* Exceptions that one entry shows by itself, and those that an incident shows by never being answered. */

const notSignedIn = (entry: Parameters<typeof text>[0]) =>
  whole(entry, 'status') === 401 || text(entry, 'code') === 'not-signed-in'

const refusal = (entry: Parameters<typeof text>[0]): string => {
  const times = whole(entry, 'count') ?? 1
  const what = [text(entry, 'method')?.toUpperCase(), text(entry, 'route'), text(entry, 'code')]
    .filter(Boolean)
    .join(' ')
  return `${entry.actor.id} was refused${times > 1 ? ` ${times} times` : ''}${ending(what || undefined)}`
}

export const refusedSignIns = each(
  'attempts of somebody who was not signed in',
  ['access.refused'],
  refusal,
  notSignedIn,
)

export const refusedActs = each(
  'attempts of somebody whose role does not allow it',
  ['access.refused'],
  refusal,
  (entry) => !notSignedIn(entry),
)

export const failedExports = each(
  'exports that failed',
  ['export.failed'],
  (entry) => `The export ${thing(entry)} failed${ending(text(entry, 'because'))}`,
)

export const failedChecks = each(
  'checks of the log that failed or could not be made',
  ['check.failed'],
  (entry) => `A check of the log did not pass${ending(text(entry, 'because'))}`,
)

export const selfGrants = each(
  'roles that somebody gave to themselves',
  ['role.granted'],
  (entry) => `${entry.actor.id} gave themselves the role ${text(entry, 'role') ?? '(unnamed)'}.`,
  (entry) => entry.actor.kind !== 'process' && entry.actor.id === text(entry, 'person_id'),
)

export const unread = each(
  'deliveries of monitors that could not be read',
  ['delivery.refused'],
  (entry) => `The delivery ${thing(entry)} of ${text(entry, 'source') ?? 'a monitor'} was kept and not understood.`,
)

export const reopened = each(
  'incidents that came back after they were resolved',
  ['incident.reopened'],
  (entry) => `The incident ${thing(entry)} was open again.`,
)

export const unfinished = each(
  'runs that failed, or that went on only with a person',
  ['run.failed', 'run.needs-a-person'],
  (entry) =>
    `${entry.about} ${entry.type === 'run.failed' ? 'failed' : 'needs a person'}${ending(text(entry, 'because'))}`,
)

export const left = each(
  'steps whose effect nobody can tell, or that could not be taken back',
  ['step.unknown', 'step.kept'],
  (entry) =>
    `${entry.about} ${entry.type === 'step.kept' ? 'stays as it is' : 'may or may not have taken effect'}${ending(text(entry, 'because'))}`,
)

export const overdue = each(
  'temporary changes that were not given back in time',
  ['loan.overdue'],
  (entry) => `${entry.target ?? entry.about} is still changed${ending(text(entry, 'because'))}`,
)

export const moved = each(
  'targets that were found other than they had been left',
  ['target.moved'],
  (entry) => `${entry.target ?? entry.about} was not as Firebreak had left it: somebody or something else changed it.`,
)

export const unexplained = each(
  'failures whose entry gives no reason',
  ['step.failed', 'run.failed', 'plan.failed', 'export.failed', 'check.failed'],
  (entry) => `${entry.type} of ${entry.about} says nothing of why.`,
  (entry) => text(entry, 'because') === undefined,
)

export const unbound = each(
  'approvals that name no digest, or that are not by a person who had proved who they are',
  ['approval.given', 'approval.refused'],
  ({ about, actor }) => `${about} is by ${actor.kind} ${actor.id}, and not bound to one plan by one signed-in person.`,
  ({ actor, plan_digest }) => plan_digest === undefined || actor.kind !== 'person' || actor.auth === undefined,
)

export const aloneInTheLog = each(
  'redactions and successor logs that fewer than two others had approved',
  ['log.redacted', 'log.succeeded'],
  ({ type }) => `${type} does not name two people who approved it.`,
  ({ actor, approvals }) =>
    new Set(approvals?.map(({ by }) => by).filter((by) => actor.kind === 'process' || by !== actor.id)).size < 2,
)

export const succeeded = each(
  'places where the log went on under another name, because entries of the old one were lost',
  ['log.succeeded'],
  (entry) => `The log ${text(entry, 'old_origin') ?? '(unnamed)'} ends here; it goes on under another name.`,
)

const MOST_INCIDENTS = 20_000

/** Somebody has to say: I have it. An incident that ended before anybody did is told as well. */
export const unacknowledged: Finder = {
  says: 'SEV1 and SEV2 incidents that nobody acknowledged',
  whole: true,
  types: ['incident.opened', 'incident.acknowledged', 'incident.resolved'],
  start(find) {
    const open = new Map<string, { index: number; severity: string }>()
    return {
      see(entry, index) {
        const { about, actor, type } = entry
        const severity = text(entry, 'severity') ?? ''
        if (type === 'incident.opened') {
          if ((severity === 'SEV1' || severity === 'SEV2') && open.size < MOST_INCIDENTS)
            open.set(about, { index, severity })
          return
        }
        const found = open.get(about)
        open.delete(about)
        if (found && type === 'incident.resolved' && actor.kind === 'process')
          find(found.index, `${about} (${found.severity}) ended by itself before anybody had acknowledged it.`)
      },
      end() {
        for (const [about, { index, severity }] of open)
          find(index, `${about} (${severity}) is open, and nobody has acknowledged it.`)
      },
    }
  },
}
