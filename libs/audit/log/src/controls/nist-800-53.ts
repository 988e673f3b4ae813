import { alone, expired, ownPlans, unapproved } from './approvals.js'
import type { ControlPack } from './control.js'
import {
  aloneInTheLog,
  failedChecks,
  failedExports,
  left,
  moved,
  overdue,
  refusedActs,
  refusedSignIns,
  reopened,
  selfGrants,
  succeeded,
  unacknowledged,
  unbound,
  unexplained,
  unfinished,
  unread,
} from './exceptions.js'
import { clocks, silence, unchecked, unreviewed } from './lapses.js'

/** NIST SP 800-53 revision 5: the controls for which this log can bear witness today. The words are ours, not NIST's. */
export const nist80053: ControlPack = {
  name: 'nist-800-53',
  version: 2,
  title: 'NIST SP 800-53, revision 5',
  source:
    'NIST Special Publication 800-53 Revision 5, csrc.nist.gov. Numbers and titles are its own, the sentences are not.',
  controls: [
    {
      id: 'AC-2(4)',
      title: 'Automated audit actions',
      asks: 'Accounts, their roles and their keys do not change without a record.',
      query: { types: ['person.added', 'role.granted', 'role.revoked', 'key.created', 'key.revoked'] },
      exceptions: [selfGrants],
      beside: 'Accounts of the identity provider and of the watched systems keep their own records.',
    },
    {
      id: 'AC-3(2)',
      title: 'Dual authorization',
      asks: 'What is named as dangerous takes two people, who decide for themselves.',
      query: {
        types: [
          'approval.given',
          'approval.refused',
          'run.started',
          'freeze.lift-approved',
          'freeze.lift-refused',
          'freeze.lifted',
        ],
      },
      exceptions: [unapproved, alone],
      beside: 'Which actions are named as dangerous (tier T3) is written in the recipes.',
    },
    {
      id: 'AC-5',
      title: 'Separation of duties',
      asks: 'Whoever asks for a consequential change is not the one who lets it pass.',
      query: { types: ['plan.requested', 'approval.given', 'approval.refused'] },
      exceptions: [ownPlans, selfGrants],
      beside: 'Which duties have to be apart is a decision of the organisation.',
    },
    {
      id: 'AC-6(9)',
      title: 'Log use of privileged functions',
      asks: 'Each use of a power that not everybody has leaves a record.',
      query: {
        types: [
          'approval.given', 'approval.refused', 'run.started', 'step.intended', 'step.undoing', 'role.granted', 'role.revoked', 'key.created',
          'export.requested', 'export.downloaded', 'access.refused', 'cancel.requested', 'answer.given', 'freeze.declared', 'freeze.lift-asked', 'freeze.lift-approved', 'freeze.lift-refused', 'freeze.lifted', 'stop.pressed',
          'stop.released', 'quiet.declared', 'quiet.cancelled', 'budget.rearmed', 'recipe.graduated', 'standing.given', 'standing.revoked',
          'successor.approved', 'successor.refused',
          'break-glass.asked', 'break-glass.granted', 'break-glass.refused', 'break-glass.used', 'break-glass.reviewed', 'break-glass.overdue',
        ], // prettier-ignore
      },
      exceptions: [refusedActs],
      beside: 'Powers that are used past this product, with credentials of the watched systems, are in their logs.',
    },
    {
      id: 'AC-7',
      title: 'Unsuccessful logon attempts',
      asks: 'Failed attempts to come in are noticed and limited.',
      query: { types: ['session.opened', 'access.refused'] },
      exceptions: [refusedSignIns],
      beside: 'Limits on passwords and second factors are held by the identity provider.',
    },
    {
      id: 'AU-2',
      title: 'Event logging',
      asks: 'It is decided which kinds of events are logged, and it is looked at again.',
      query: { types: 'every' },
      exceptions: [],
      beside:
        'The log shows which types it holds. Why these and no others is written in the catalogue of types and its review.',
    },
    {
      id: 'AU-3',
      title: 'Content of audit records',
      asks: 'A record says what happened, when, where, by whom, and how it ended.',
      query: { types: 'every' },
      exceptions: [unexplained],
      beside: null,
    },
    {
      id: 'AU-5',
      title: 'Response to audit logging process failures',
      asks: 'When the logging itself fails, somebody hears of it and something is done.',
      query: { types: ['log.heartbeat', 'check.passed', 'check.failed', 'process.started', 'process.stopped'] },
      exceptions: [silence, failedChecks],
      beside:
        'That changes stop while the log cannot be written is shown by tests, for a log cannot tell of what it could not hold.',
    },
    {
      id: 'AU-6',
      title: 'Audit record review, analysis, and reporting',
      asks: 'Somebody looks at the records again and again, and says what they found.',
      query: { types: ['log.read', 'export.requested', 'export.downloaded', 'check.passed', 'check.failed'] },
      exceptions: [unreviewed, failedExports],
      beside: 'The log shows that it was read. What the reader understood, and told whom, it does not.',
    },
    {
      id: 'AU-7',
      title: 'Audit record reduction and report generation',
      asks: 'Records can be selected and reported without a change to what they say or to their order.',
      query: { types: ['export.requested', 'export.running', 'export.ready', 'export.failed', 'export.downloaded'] },
      exceptions: [failedExports],
      beside: null,
    },
    {
      id: 'AU-8',
      title: 'Time stamps',
      asks: 'Records bear a time that can be compared with the time of others.',
      query: { types: 'every' },
      exceptions: [clocks],
      beside:
        'That the clocks were right is the witnesses’ word: the check "time" holds the entries against their cosignatures.',
    },
    {
      id: 'AU-9',
      title: 'Protection of audit information',
      asks: 'Nobody can change or remove records without being found out.',
      query: {
        types: [
          'check.passed',
          'check.failed',
          'log.key-rotated',
          'successor.requested',
          'log.succeeded',
          'log.redacted',
        ],
      },
      exceptions: [failedChecks, succeeded],
      beside:
        'The proof is the bundle’s own: signatures, tree and witnesses, which audit-check verifies without this page.',
    },
    {
      id: 'AU-9(5)',
      title: 'Dual authorization',
      asks: 'Removing or moving records takes two people.',
      query: {
        types: ['log.redacted', 'successor.requested', 'successor.approved', 'successor.refused', 'log.succeeded'],
      },
      exceptions: [aloneInTheLog],
      beside:
        'What an administrator of the database does past the product is found by the checks, and is not in the log.',
    },
    {
      id: 'AU-10',
      title: 'Non-repudiation',
      asks: 'Somebody who approved cannot say later that they did not.',
      query: { types: ['approval.given', 'approval.refused'] },
      exceptions: [unbound],
      beside: 'An approval is bound to one digest and one session, and is not yet signed by the person’s own device.',
    },
    {
      id: 'AU-11',
      title: 'Audit record retention',
      asks: 'Records are kept as long as the organisation has said.',
      query: { types: 'every' },
      exceptions: [succeeded],
      beside:
        'How long that is, and where copies lie, is the organisation’s retention schedule. The log shows from when to when it reaches.',
    },
    {
      id: 'AU-12',
      title: 'Audit record generation',
      asks: 'Every part of the system that does something writes records of it.',
      query: { types: 'every' },
      exceptions: [silence],
      beside: 'That nothing can change without a record is held by the database and shown by its tests.',
    },
    {
      id: 'CM-3',
      title: 'Configuration change control',
      asks: 'A change is described, looked at and approved before it is made, and its making is recorded.',
      query: {
        types: [
          'plan.requested', 'plan.proposed', 'approval.given', 'approval.refused', 'run.started', 'run.succeeded', 'run.failed',
          'run.undone', 'run.cancelled', 'run.frozen', 'run.needs-a-person', 'target.moved', 'step.denied', 'recipe.graduated', 'standing.given', 'standing.revoked',
          'quiet.declared', 'quiet.cancelled', 'budget.disarmed', 'budget.rearmed',
        ], // prettier-ignore
      },
      exceptions: [unapproved, expired, unfinished, moved],
      beside:
        'Changes that were made past this product are not in it, but for those targets that Firebreak found other than it had left them.',
    },
    {
      id: 'CM-3(1)',
      title: 'Automated documentation, notification, and prohibition of changes',
      asks: 'The system itself writes a change down, asks for approval, and holds it back without one.',
      query: {
        types: [
          'plan.proposed',
          'plan.stopped',
          'plan.refused',
          'plan.stale',
          'plan.expired',
          'plan.cancelled',
          'plan.used',
          'step.denied',
          'run.frozen',
        ],
      },
      exceptions: [unapproved, expired],
      beside: null,
    },
    {
      id: 'CM-5(1)',
      title: 'Automated access enforcement and audit records',
      asks: 'Limits on who may change what are held by the system, and attempts leave a record.',
      query: {
        types: ['access.refused', 'approval.given', 'approval.refused', 'plan.refused', 'step.intended', 'step.denied'],
      },
      exceptions: [refusedActs, unapproved],
      beside: 'The limits themselves are grants and rules; they are shown by the database and the house file.',
    },
    {
      id: 'IR-4',
      title: 'Incident handling',
      asks: 'Incidents are taken up, worked on and brought to an end.',
      query: {
        types: [
          'incident.opened', 'incident.acknowledged', 'incident.changed', 'incident.resolved', 'incident.reopened', 'incident.closed',
          'freeze.declared', 'freeze.lift-asked', 'freeze.lift-approved', 'freeze.lift-refused', 'freeze.lifted', 'stop.pressed', 'stop.released', 'break-glass.used', 'break-glass.reviewed', 'break-glass.overdue',
        ], // prettier-ignore
      },
      exceptions: [unacknowledged, reopened, left, overdue],
      beside: 'What was said on calls and in chats, and what was learned, is in the postmortems.',
    },
    {
      id: 'IR-4(1)',
      title: 'Automated incident handling processes',
      asks: 'The handling of incidents is supported by the system.',
      query: { types: ['plan.proposed', 'run.started', 'run.succeeded', 'run.failed', 'run.undone'] },
      exceptions: [unfinished],
      beside: null,
    },
    {
      id: 'IR-5',
      title: 'Incident monitoring',
      asks: 'Incidents are tracked and written down.',
      query: {
        types: [
          'alert.fired',
          'alert.reopened',
          'alert.resolved',
          'incident.opened',
          'incident.resolved',
          'note.added',
        ],
      },
      exceptions: [unread],
      beside: 'That every monitor reaches this product is shown by the monitors.',
    },
    {
      id: 'IR-6',
      title: 'Incident reporting',
      asks: 'Whoever has to hear of an incident hears of it in time.',
      query: { types: ['incident.opened', 'incident.acknowledged', 'incident.changed', 'note.added'] },
      exceptions: [unacknowledged],
      beside: 'Reports to people outside, and messages by telephone or chat, are not in the log.',
    },
    {
      id: 'SI-7',
      title: 'Software, firmware, and information integrity',
      asks: 'Unauthorised changes of information are looked for with tools that would find them.',
      query: { types: ['check.passed', 'check.failed'] },
      exceptions: [unchecked, failedChecks],
      beside: 'This speaks of the log itself. The integrity of software and firmware is shown elsewhere.',
    },
    {
      id: 'SI-7(7)',
      title: 'Integration of detection and response',
      asks: 'An unauthorised change that was found becomes an incident.',
      query: { types: ['alert.fired', 'alert.resolved'], where: [{ at: '/detail/source', is: 'firebreak' }] },
      exceptions: [failedChecks],
      beside:
        'Each failed check ought to stand beside an alert of the source firebreak; how it was answered is in its incident.',
    },
  ],
}
