import { Fault, NotMade, type Check } from './check.js'
import { isAfter, judged, sayVotes, short, Starts, whyNotCovered, whyVoid } from './starts.js'
import type { OpenPlan, Proposed, Start, Vote } from './starts.js'

/** What a tier asks for at the least, whatever a plan says of itself. */
const LEAST: Readonly<Record<string, number>> = { T0: 0, T1: 1, T2: 1, T3: 2 }

/**
 * No run without the yeses that its plan asked for: from people, for exactly this plan, in time, by roles that they held,
 * and nobody said no or cancelled it. From the log alone; what the auditor would have asked for is the check `approval-rules`.
 */
export const approvals: Check = {
  name: 'approvals',
  says: 'every run was approved: exactly this plan, by enough people who might, in time, and nobody said no or cancelled it',
  start({ manifest }) {
    if (manifest.completeness === 'SELECTED') return new NotMade('entries were selected: others may belong to these')
    const starts = new Starts(manifest)
    let [runs, skipped] = [0, 0]
    return {
      see(batch) {
        for (const seen of batch) {
          const lost = starts.leftOut(seen)
          if (lost) {
            const sentence = `the plan ${lost.plan} became the run ${lost.run}, of whose start there is no entry`
            throw new Fault('approval', sentence, seen.index)
          }
          const start = starts.see(seen)
          if (!start) continue
          if (!starts.knowsPlan(start.planId) || !starts.knowsAdvance(start)) skipped++
          else {
            judge(start, starts)
            runs++
          }
        }
      },
      end: () => judged(runs, skipped),
    }
  },
}

/** Throws a Fault where the run should not have begun. */
function judge(start: Start, log: Starts): void {
  const { digest, index, listed, plan, planId, run, ts } = start
  const fault = (sentence: string) => new Fault('approval', `the run ${run} ${sentence}`, index)
  if (!plan?.proposed)
    throw fault(
      planId === undefined
        ? 'names no plan'
        : `was started on the plan ${planId}, which was not open then: it was never proposed, or had ended`,
    )
  const { proposed, votes } = plan
  const { expires_at, quorum, roles, tier } = proposed
  if (tier === undefined || quorum === undefined || roles === undefined || expires_at === undefined)
    throw fault(`was started on the plan ${plan.id}, which does not say who had to approve it, and until when`)
  if (digest === undefined || digest !== proposed.digest)
    throw fault(`carries out ${short(digest)}; the plan ${plan.id} that was proposed is ${short(proposed.digest)}`)
  if (isAfter(ts, expires_at)) throw fault(`was started at ${ts}; its plan ${plan.id} expired at ${expires_at}`)
  const no = votes.find(({ yes }) => !yes)
  if (no) throw fault(`was started although ${no.by} said no to its plan ${plan.id} (entry ${no.index})`)
  const { cancelled } = plan
  if (cancelled)
    throw fault(`was started although ${cancelled.by} had cancelled its plan ${plan.id} (entry ${cancelled.index})`)
  for (const { by, id, over } of listed) {
    const found = votes.find((vote) => vote.id === id)
    if (!found) throw fault(`names the approval ${id} by ${by}; no such approval stands in the log before it`)
    if (found.by !== by || found.digest !== over)
      throw fault(`names the approval ${id} by ${by} of ${short(over)}; the log has it by ${found.by} of ${short(found.digest)}`) // prettier-ignore
  }

  if (start.advance) {
    const { id, given } = start.advance
    const because =
      whyNotCovered(start, log.people) ??
      (tier === 'T3' || quorum > 1 ? 'the plan needs more than one yes' : undefined) ??
      whyNotTheirs(given!, proposed, log)
    if (because !== undefined)
      throw fault(`(${tier}) was started by itself under the standing approval ${id}, which does not cover it: ${because}`) // prettier-ignore
    return
  }

  // Whether the pass is one at all is the check break-glass's to say; here it makes up for one yes, of another than who granted it.
  const pass = start.pass?.over === 'approval' ? start.pass.logged : undefined
  const granter = pass?.digest === digest && pass?.decided?.granted ? pass.decided.by : undefined
  const needed = Math.max(quorum, LEAST[tier] ?? Infinity, proposed.changes ? 1 : 0) - (granter === undefined ? 0 : 1)
  const weighed = votes.map((vote) => ({
    vote,
    because: vote.by === granter ? 'who granted its pass has had their say' : whyNot(start, plan, proposed, vote, log),
  }))
  const counting = new Set(weighed.filter(({ because }) => because === undefined).map(({ vote }) => vote.by))
  if (counting.size < needed)
    throw fault(`(${tier}) was started with ${counting.size} of the ${needed} approvals that its plan ${plan.id} needs: ${sayVotes(weighed)}`) // prettier-ignore
}

/** Why a yes does not count for this plan; undefined when it does. */
function whyNot(start: Start, { asker }: OpenPlan, proposed: Proposed, vote: Vote, log: Starts): string | undefined {
  const { expires_at, tier } = proposed
  const never = whyVoid(start, vote, log.people)
  if (never !== undefined) return never
  if ((tier === 'T2' || tier === 'T3') && vote.by === asker) return `who asked for a ${tier} plan may not approve it`
  const notTheirs = whyNotTheirs(vote, proposed, log)
  if (notTheirs !== undefined) return notTheirs
  if (expires_at !== undefined && isAfter(vote.ts, expires_at)) return `it came at ${vote.ts}, after ${expires_at}`
  return undefined
}

/** Why somebody's yes is not one of the roles that a plan asks for, held until its run; undefined when it is. */
function whyNotTheirs(vote: Vote, { role_hours, roles = [] }: Proposed, log: Starts): string | undefined {
  const used = roles.filter((role) => vote.roles.includes(role))
  if (used.length === 0) return `it was given as ${vote.roles.join(', ') || 'nobody'}, and ${roles.join(' or ')} may`
  if (!log.knowsPerson(vote.by)) return undefined
  const held = log.people.get(vote.by)?.roles
  const [since] = used.flatMap((role) => held?.get(role) ?? []).toSorted()
  if (since === undefined) return `the log grants ${vote.by} no role of ${used.join(' or ')}`
  // Plans of before this rule do not say it, and are held against what they asked for.
  if (role_hours !== undefined && Date.parse(vote.ts) < Date.parse(since) + role_hours * HOUR)
    return `${vote.by} held the role since ${since} only, and the plan asks for ${role_hours} h`
  return undefined
}

const HOUR = 3_600_000
