import { expired, ownPlans, unapproved } from './approvals.js'
import type { ControlPack } from './control.js'
import {
  failedChecks,
  left,
  moved,
  overdue,
  refusedActs,
  refusedSignIns,
  reopened,
  selfGrants,
  unacknowledged,
  unbound,
  unfinished,
  unread,
} from './exceptions.js'
import { silence, unchecked } from './lapses.js'

/** SOC 2, common criteria of the Trust Services Criteria (2017): numbers as published, titles and sentences our own. */
export const soc2: ControlPack = {
  name: 'soc2',
  version: 2,
  title: 'SOC 2, common criteria',
  source: 'Trust Services Criteria (2017), AICPA. The numbers are its own; titles and sentences are ours.',
  controls: [
    {
      id: 'CC6.1',
      title: 'Who gets in',
      asks: 'Only people and services that proved who they are reach the system.',
      query: { types: ['session.opened', 'session.closed', 'key.created', 'key.revoked', 'access.refused'] },
      exceptions: [refusedSignIns],
      beside: 'How identities are proved is the identity provider’s; networks and encryption are shown elsewhere.',
    },
    {
      id: 'CC6.2',
      title: 'Who is let in, and by whom',
      asks: 'Before somebody gets access they are registered and authorised; when they no longer need it, it ends.',
      query: { types: ['person.added', 'role.granted', 'role.revoked', 'key.created', 'key.revoked'] },
      exceptions: [selfGrants],
      beside:
        'Why somebody was let in is in the request of their lead; removals at the identity provider are in its log.',
    },
    {
      id: 'CC6.3',
      title: 'Who may do what',
      asks: 'Rights follow roles, are no wider than needed, and keep duties apart that belong apart.',
      query: { types: ['role.granted', 'role.revoked', 'approval.given', 'approval.refused', 'access.refused'] },
      exceptions: [ownPlans, selfGrants, refusedActs],
      beside: 'Whether the roles themselves are right is for an access review to say.',
    },
    {
      id: 'CC7.2',
      title: 'Watching for what is odd',
      asks: 'Systems are watched, and what looks like failure or attack is looked into.',
      query: {
        types: [
          'delivery.stored', 'delivery.refused', 'alert.fired', 'alert.reopened', 'alert.resolved', 'check.passed', 'check.failed',
          'log.heartbeat',
        ], // prettier-ignore
      },
      exceptions: [unread, silence, unchecked, failedChecks],
      beside: 'What the monitors look at, and whether it is enough, is their configuration.',
    },
    {
      id: 'CC7.3',
      title: 'Judging what was found',
      asks: 'Somebody decides whether what was found is an incident, and how bad it is.',
      query: { types: ['incident.opened', 'incident.acknowledged', 'incident.changed', 'note.added'] },
      exceptions: [unacknowledged],
      beside: 'The severity rules are in the house file; the thinking behind a decision is in notes and postmortems.',
    },
    {
      id: 'CC7.4',
      title: 'Responding',
      asks: 'Incidents are answered by a known procedure, which is carried out and written down.',
      query: {
        types: [
          'plan.proposed', 'approval.given', 'approval.refused', 'run.started', 'step.intended', 'step.done', 'step.failed',
          'run.succeeded', 'run.failed', 'freeze.declared', 'freeze.lift-asked', 'freeze.lift-approved', 'freeze.lift-refused', 'freeze.lifted', 'stop.pressed', 'break-glass.used', 'break-glass.reviewed',
          'break-glass.overdue',
        ], // prettier-ignore
      },
      exceptions: [unapproved, unfinished, left],
      beside: 'Communication with customers and authorities is not in the log.',
    },
    {
      id: 'CC7.5',
      title: 'Getting well again',
      asks: 'What an incident damaged or changed is brought back, and it is seen that it helped.',
      query: { types: ['run.succeeded', 'run.undone', 'loan.returned', 'incident.resolved', 'incident.closed'] },
      exceptions: [reopened, overdue, left],
      beside: 'What was changed so that it does not come again is in the postmortems.',
    },
    {
      id: 'CC8.1',
      title: 'Changing things',
      asks: 'Changes are asked for, described, tested, approved, made and recorded, in this order.',
      query: {
        types: [
          'plan.requested',
          'plan.proposed',
          'approval.given',
          'approval.refused',
          'run.started',
          'run.succeeded',
          'run.undone',
          'step.denied',
          'recipe.graduated',
          'standing.given',
          'standing.revoked',
          'quiet.declared',
          'quiet.cancelled',
          'budget.disarmed',
          'budget.rearmed',
        ],
      },
      exceptions: [unapproved, ownPlans, expired, unbound, moved],
      beside: 'Tests of a recipe, and changes that were made past this product, are shown elsewhere.',
    },
  ],
}
