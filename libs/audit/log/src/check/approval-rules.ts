import type { ApprovalRules } from '../approval-rules.js'
import { Fault, NotMade, type Check } from './check.js'
import { judged, sayVotes, Starts, whyNotCovered, whyVoid, type Start, type Vote } from './starts.js'

const HOUR = 3_600_000

/**
 * Each run had the approvals that the auditor's own rules ask for. The check `approvals` believes what plans ask of
 * themselves; this one does not.
 */
export const approvalRules: Check = {
  name: 'approval-rules',
  says: 'every run had the approvals that your approval-rules.json asks for',
  start({ manifest, options }) {
    const rules = options.approvalRules
    if (!rules) return new NotMade('there is no approval-rules.json beside the policy')
    if (manifest.completeness === 'SELECTED')
      return new NotMade('entries were selected: others may belong to these', true)
    const starts = new Starts(manifest)
    let [runs, skipped] = [0, 0]
    const unknown = new Set<string>()
    return {
      see(batch) {
        for (const seen of batch) {
          const start = starts.see(seen)
          if (!start) continue
          if (!starts.knowsPlan(start.planId) || !starts.knowsAdvance(start)) skipped++
          else {
            for (const by of [...start.listed.map(({ by }) => by), ...(start.advance?.by ? [start.advance.by] : [])])
              if (!starts.knowsPerson(by)) unknown.add(by)
            judge(start, rules, starts)
            runs++
          }
        }
      },
      end: () =>
        unknown.size > 0
          ? new NotMade(`since when ${[...unknown].join(', ')} held their roles is not in the bundle`, true)
          : judged(runs, skipped),
    }
  },
}

function judge(start: Start, rules: ApprovalRules, log: Starts): void {
  const { index, plan, run } = start
  const fault = (sentence: string) => new Fault('approval-rule', `the run ${run} ${sentence}`, index)
  const tier = plan?.proposed?.tier
  if (!plan || tier === undefined) throw fault('was started on a plan whose tier the log does not say')
  const rule = rules.tiers[tier as keyof ApprovalRules['tiers']]
  if (!rule) {
    if (tier === 'T0' && !plan.proposed?.changes) return
    throw fault(`is ${tier}, of which your rules say nothing`)
  }
  const weighed = plan.votes
    .filter(({ yes }) => yes)
    .map((vote) => ({ vote, because: whyVoid(start, vote, log.people) ?? whyNot(vote) }))
  const given = start.advance?.given
  // A yes in advance is one yes, where the auditor takes such at all.
  if (given)
    weighed.push({
      vote: given,
      because:
        (rule.in_advance ? undefined : `your rules take no approval in advance in ${tier}`) ??
        whyNotCovered(start, log.people) ??
        whyNot(given),
    })
  const granted = start.pass?.over === 'approval' ? start.pass.logged?.decided : undefined
  // As one yes by who granted it, where the auditor takes such at all; the check break-glass says whether it is one.
  if (granted?.granted) {
    const vote: Vote = { ...granted, id: start.pass!.id, yes: true, digest: start.digest }
    const because = rule.break_glass ? undefined : `your rules take no break-glass in ${tier}`
    const others = weighed.filter((one) => one.vote.by !== vote.by)
    weighed.splice(0, weighed.length, ...others, { vote, because })
  }
  const counting = new Set(weighed.filter(({ because }) => because === undefined).map(({ vote }) => vote.by))
  if (counting.size < rule.people)
    throw fault(
      `(${tier}) was started with ${counting.size} of the ${rule.people} approvals that your rules ask for: ${sayVotes(weighed)}`,
    )

  function whyNot({ by, roles, ts }: Vote): string | undefined {
    const { asker_may, roles: allowed } = rule!
    if (!asker_may && by === plan!.asker) return `who asked for the plan may not be one of them in ${tier}`
    const used = allowed.filter((role) => roles.includes(role))
    if (used.length === 0) return `it was given as ${roles.join(', ') || 'nobody'}, and ${allowed.join(' or ')} may`
    const since = used.flatMap((role) => log.people.get(by)?.roles.get(role) ?? []).toSorted()[0]
    if (!log.knowsPerson(by)) return undefined
    if (since === undefined) return `the log grants ${by} no role of ${used.join(' or ')}`
    const hours = rules.youngest_role_hours
    if (Date.parse(ts) - Date.parse(since) < hours * HOUR)
      return `${by} held the role only since ${since}, and your rules ask for ${hours} h`
    return undefined
  }
}
