import type { EntryBody } from '../entry.js'
import { counted, Fault, NotMade, type Check, type Seen } from './check.js'
import { othersOfSecurity, said, whyNotTheirWord, type LoggedPass } from './passes.js'
import { SKEW } from './quorum.js'
import { isAfter, short, Starts, type Start } from './starts.js'

const MINUTE = 60_000
/** A pass holds for so long at the most. */
const LONGEST = 60 * MINUTE
/** Its review is due a day after its use; a log that goes on for another day and says nothing of it hides it. */
const SILENCE = 48 * 60 * MINUTE
/** Fewer others of Security than this, and who leads the incident may grant. Whoever asks could choose an owner, but not who says "I have it". */
const ENOUGH_OTHERS = 2

/**
 * Whoever passed a freeze, or did without an approval, did it by a pass: asked for and granted before by two people who
 * might, for exactly that plan, used by one run while it lasted, and reviewed by a third, or said to be overdue. From the log
 * alone, and by nobody's rules but these.
 */
export const breakGlass: Check = {
  name: 'break-glass',
  says: 'whatever passed a freeze or did without an approval was let pass by two people who might, once, in time, and a third reviewed it or is overdue',
  start({ manifest }) {
    if (manifest.completeness === 'SELECTED') return new NotMade('entries were selected: others may belong to these')
    const log = new Story(new Starts(manifest), manifest.completeness === 'FULL')
    return { see: (batch) => batch.forEach((seen) => log.see(seen)), end: () => log.end() }
  },
}

class Story {
  /** Who has acknowledged each incident that is not closed themselves, and so leads it: who was given one does not. */
  readonly #leads = new Map<string, string>()
  /** Runs that began by a pass: which one, until when it held, and whether the log has told of the use. */
  readonly #runs = new Map<string, { pass: LoggedPass; index: number; told: boolean }>()
  /** Of which nothing can be said: their plans are not here. */
  readonly #elsewhere = new Set<string>()
  #last = ''
  #uses = 0

  constructor(
    private readonly starts: Starts,
    private readonly full: boolean,
  ) {}

  see(seen: Seen): void {
    const { entry, index } = seen
    if (!entry) return
    if (entry.ts > this.#last) this.#last = entry.ts
    this.#judge(entry, index)
    const start = this.starts.see(seen)
    if (start?.pass) this.#began(start, start.pass.id)
  }

  end(): string {
    for (const [run, { index, told }] of this.#runs)
      if (!told) throw fault(`the run ${run} used a pass, and the log does not tell of it`, index)
    const used = [...this.starts.passes.all].filter((pass) => pass.used)
    for (const { id, overdue, reviewed, used: use } of used)
      if (!reviewed && !overdue && Date.parse(this.#last) > Date.parse(use!.ts) + SILENCE)
        throw fault(
          `${id} was used at ${use!.ts}; of its review the log says nothing, not even that it is overdue`,
          use!.index,
        )
    const open = used.filter(({ reviewed }) => !reviewed)
    const late = open.filter(({ overdue }) => overdue)
    const waits = open.length === 0 ? '' : `; not reviewed: ${open.map(({ id }) => id).join(', ')}`
    return `${counted(this.#uses, 'pass', 'passes')} used${waits}${late.length > 0 ? `, of which ${late.length} overdue` : ''}`
  }

  #judge(entry: EntryBody, index: number): void {
    switch (entry.type) {
      case 'incident.acknowledged':
        this.#leads.set(entry.stream, entry.actor.id)
        return
      case 'incident.closed':
        this.#leads.delete(entry.stream)
        return
      case 'break-glass.asked':
        return this.#asked(entry, index)
      case 'break-glass.granted':
      case 'break-glass.refused':
        return this.#decided(entry as EntryBody<'break-glass.granted'>, index)
      case 'break-glass.used':
        return this.#used(entry, index)
      case 'break-glass.reviewed':
        return this.#reviewed(entry, index)
      case 'approval.given':
      case 'step.intended':
      case 'step.wave':
      case 'step.undoing':
        if (entry.freeze?.decision === 'passed') this.#passed(entry, index)
    }
  }

  #asked(entry: EntryBody<'break-glass.asked'>, index: number): void {
    const id = entry.detail?.break_glass ?? 'nothing'
    if (this.starts.passes.get(id)) throw fault(`${id} was asked for twice`, index)
    const because = this.#whyNot(entry, index, ['security'])
    if (because) throw fault(`${id} was asked for by somebody who might not: ${because}`, index)
  }

  #decided(entry: EntryBody<'break-glass.granted'>, index: number): void {
    const { break_glass: id = 'nothing', expires_at, voice } = entry.detail ?? {}
    const pass = this.starts.passes.get(id)
    if (!pass || pass.stream !== entry.stream) throw fault(`${id} was decided, and nobody had asked for it`, index)
    if (pass.decided) throw fault(`${id} was decided twice`, index)
    const by = entry.actor.id
    const refuse = (because: string) => fault(`${id} was decided by ${by}, which does not count: ${because}`, index)
    if (by === pass.asked.by) throw refuse('who asked cannot grant it')
    const may = voice === 'on-call-lead' ? ['sre', 'ml', 'security'] : ['security']
    const because =
      this.#whyNot(entry, index, may) ?? (voice === 'on-call-lead' ? this.#whyNotLead(pass, by, entry.ts) : undefined)
    if (because) throw refuse(because)
    if (entry.plan_digest !== pass.digest) throw refuse(`it is for another plan (${short(entry.plan_digest)})`)
    if (pass.open_until !== undefined && isAfter(entry.ts, pass.open_until))
      throw refuse(`it came at ${entry.ts}, after ${pass.open_until}`)
    const plan = this.starts.plan(pass.stream.slice('plan:'.length))
    const tier = plan?.proposed?.tier
    if ((tier === 'T2' || tier === 'T3') && plan?.asker === by)
      throw refuse(`who asked for a ${tier} plan does not let it pass`)
    if (entry.type !== 'break-glass.granted') return
    const longest = Math.min(LONGEST, pass.minutes * MINUTE)
    if (expires_at === undefined || Date.parse(expires_at) > Date.parse(entry.ts) + longest)
      throw refuse(`it is granted until ${expires_at ?? 'for ever'}, and ${longest / MINUTE} minutes were asked for`)
  }

  /** A run that names a pass as it begins. */
  #began({ digest, index, pass: named, planId, run, ts }: Start, id: string): void {
    if (!this.starts.knowsPlan(planId)) return void this.#elsewhere.add(`run:${run}`)
    const refuse = (because: string) =>
      fault(`the run ${run} names ${id}, which does not let it pass: ${because}`, index)
    const pass = this.starts.passes.get(id)
    if (!pass) throw refuse('nobody had asked for it')
    if (pass.stream !== `plan:${planId}` || digest === undefined || pass.digest !== digest)
      throw refuse(`it is for another plan (${short(pass.digest)})`)
    if (!pass.decided?.granted) throw refuse('nobody had granted it')
    if (named?.over !== pass.over)
      throw refuse(`it goes over ${pass.over ?? 'nothing'}, and not over ${named?.over ?? 'nothing'}`)
    if (isAfter(ts, pass.decided.expires_at!))
      throw refuse(`it ended at ${pass.decided.expires_at}, and the run began at ${ts}`)
    if (pass.used && pass.used.run !== run) throw refuse(`the run ${pass.used.run} had used it`)
    this.#runs.set(`run:${run}`, { pass, index, told: false })
    this.#uses++
  }

  #used(entry: EntryBody<'break-glass.used'>, index: number): void {
    const { break_glass: id = 'nothing', run = 'nothing' } = entry.detail ?? {}
    const began = this.#runs.get(`run:${run}`)
    if (began) {
      if (began.pass.id !== id) throw fault(`the run ${run} used ${began.pass.id}, and the log tells of ${id}`, index)
      began.told = true
    } else if (this.starts.knows(`run:${run}`))
      throw fault(`the log tells that the run ${run} used ${id}, and it had not`, index)
  }

  /** Something that a freeze would have held. */
  #passed(entry: EntryBody, index: number): void {
    const { pass: id = 'nothing' } = entry.freeze ?? {}
    const refuse = (because: string) => fault(`entry ${index} passed a freeze by ${id}: ${because}`, index)
    if (entry.type === 'approval.given') {
      const pass = this.starts.passes.get(id)
      if (!pass?.decided?.granted || pass.stream !== entry.stream) throw refuse('nobody had granted it for that plan')
      if (isAfter(entry.ts, pass.decided.expires_at!)) throw refuse(`it ended at ${pass.decided.expires_at}`)
      return
    }
    if (this.#elsewhere.has(entry.stream)) return
    const began = this.#runs.get(entry.stream)
    if (began?.pass.id !== id) throw refuse('its run had not begun by that')
    if (began.pass.over !== 'freeze') throw refuse('that goes over a missing approval')
    const { expires_at } = began.pass.decided!
    if (isAfter(entry.ts, expires_at!)) throw refuse(`it ended at ${expires_at}`)
  }

  #reviewed(entry: EntryBody<'break-glass.reviewed'>, index: number): void {
    const id = entry.detail?.break_glass ?? 'nothing'
    const pass = this.starts.passes.get(id)
    const { by } = said(entry, index)
    const refuse = (because: string) => fault(`${id} was reviewed by ${by}, which does not count: ${because}`, index)
    if (!pass || (!pass.used && this.starts.knows(`run:${entry.detail?.run ?? ''}`))) throw refuse('no run had used it')
    if (pass.reviewed) throw refuse(`${pass.reviewed.by} had reviewed it (entry ${pass.reviewed.index})`)
    if (by === pass.asked.by || by === pass.decided?.by) throw refuse('who asked or granted does not review')
    const because = this.#whyNot(entry, index, ['security'])
    if (because) throw refuse(because)
  }

  #whyNot(entry: EntryBody, index: number, may: readonly string[]): string | undefined {
    const voice = said(entry, index)
    return whyNotTheirWord(voice, may, this.starts.people, this.starts.knowsPerson(voice.by))
  }

  #whyNotLead({ asked, incident }: LoggedPass, by: string, ts: string): string | undefined {
    const stream = `incident:${incident ?? ''}`
    if (this.starts.knows(stream) && this.#leads.get(stream) !== by)
      return `${by} had not acknowledged its incident themselves`
    const others = othersOfSecurity(asked.by, this.starts.people, ts, SKEW)
    return this.full && others >= ENOUGH_OTHERS
      ? `${others} others were of Security: nobody had to stand in`
      : undefined
  }
}

const fault = (sentence: string, index: number) => new Fault('break-glass', sentence, index)
