import type { TimelineItem } from '../../api/view.js'

/** What somebody would tell afterwards. `alert.fired` is told once: which alert began it. */
const told: ReadonlySet<string> = new Set([
  ...['incident.opened', 'incident.acknowledged', 'incident.changed', 'incident.resolved', 'incident.reopened', 'incident.closed'], // prettier-ignore
  ...['note.added', 'plan.proposed', 'plan.stopped', 'plan.failed', 'plan.stale', 'plan.refused', 'plan.cancelled'],
  ...['approval.given', 'approval.refused', 'run.started', 'step.done', 'step.undone', 'run.succeeded', 'run.failed'],
  ...['run.undone', 'run.cancelled', 'run.frozen', 'run.needs-a-person', 'loan.returned', 'loan.overdue'],
])

/**
 * A timeline as a story: what a report would tell, and whatever did not go well. The rest is counted, never only gone.
 *
 * @param items oldest first
 */
export function storyOf(items: readonly TimelineItem[]): { items: TimelineItem[]; hidden: number } {
  const first = items.find(({ type }) => type === 'alert.fired')
  const story = items.filter(
    (item) => told.has(item.type) || item === first || item.type.startsWith('break-glass.') || wentWrong(item),
  )
  return { items: story, hidden: items.length - story.length }
}

const wentWrong = ({ outcome }: Pick<TimelineItem, 'outcome'>): boolean =>
  outcome === 'failed' || outcome === 'refused' || outcome === 'unknown'
