import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '@firebreak/kit'
import { HttpApi, type Incident, type Loan, type Plan, type Run, type TimelineItem } from './story-api.js'
import type { Teller } from './teller.js'

/** Where a repair is made: a running Firebreak and its sandbox. */
export interface Scene {
  apiUrl: string
  sandboxUrl: string
  dataDir: string
}

/** How long any one thing may take before it is given up. Milliseconds. */
const PATIENCE = 60_000

/**
 * The part of the people in a story or a rehearsal: breaks the sandbox, waits for what Firebreak makes of it, approves,
 * and tells every fact of the incident's timeline as it appears.
 */
export class OnCall {
  readonly hannah: HttpApi
  readonly audrey: HttpApi
  readonly sam: HttpApi
  private readonly told = new Set<string>()
  private brokenAt = ''

  constructor(
    private readonly scene: Scene,
    private readonly teller: Teller,
  ) {
    const { people } = JSON.parse(readFileSync(join(scene.dataDir, 'people.json'), 'utf8')) as {
      people: { id: string; key: string }[]
    }
    const as = (id: string) => new HttpApi(scene.apiUrl, people.find((person) => person.id === id)?.key ?? '')
    this.hannah = as('hannah')
    this.audrey = as('audrey')
    this.sam = as('sam')
  }

  /** An earlier story may have been cut short anywhere: load, runs, loans and alerts go back to where a story begins. */
  async returnWhatIsLeft(faults: readonly string[] = ['slow'], service = 'api'): Promise<void> {
    await this.mend(faults)
    await this.until('the runs of an earlier story to end', async () => {
      const { items } = await this.hannah.get<{ items: Run[] }>('/v1/runs?limit=50')
      for (const run of items.filter(({ state, may }) => state === 'needs-a-person' && may.resolve.ok)) {
        // The sandbox is mended and every loan comes back next: that is the putting right.
        const said = { verdict: 'put-right', reason: 'A new story begins' }
        await this.hannah.post(`/v1/runs/${run.id}/resolve-unknown`, said)
        this.teller.fact('answered', run.id, new Date().toISOString(), `Put right by hand: ${run.because}`)
      }
      const busy = ['running', 'verifying', 'undoing', 'waiting', 'cancelling', 'needs-a-person']
      return items.every(({ state }) => !busy.includes(state)) || undefined
    })
    await this.returnLoans()
    await this.cancelPlans()
    const seen = await this.until('the sandbox to be calm', async () => {
      const now = await this.state()
      // An alert that waits may fire yet: what sets it off was mended a moment ago.
      return now.alerts.length === 0 &&
        now.p95_ms < 400 &&
        now.deployments['api']?.ready === now.deployments['api']?.replicas
        ? now
        : undefined
    })
    await this.until('the alerts of an earlier story to resolve', async () => {
      const { items } = await this.hannah.get<{ items: Incident[] }>('/v1/incidents?state=active&limit=50')
      return items.every((incident) => incident.service !== 'api' && incident.service !== service) || undefined
    })
    this.teller.fact('calm', 'sandbox', new Date().toISOString(), describe(seen))
  }

  /** What was suggested in an earlier story, and nobody decided about: as long as it is open, nothing new is suggested. */
  private async cancelPlans(): Promise<void> {
    const { items } = await this.hannah.get<{ items: Plan[] }>('/v1/plans?limit=200')
    for (const { id, state } of items)
      if (state === 'proposed')
        await this.hannah.delete(`/v1/plans/${id}?reason=${encodeURIComponent('A new story begins')}`)
  }

  /** Everything that is on loan comes back. */
  async returnLoans(because?: string): Promise<void> {
    for (const loan of await this.loansOut()) {
      await this.hannah.post(`/v1/loans/${loan.id}/return`, { reason: because ?? 'A new story begins' })
      const back = await this.until(`the loan ${loan.id} to come back`, async () => {
        const { items } = await this.hannah.get<{ items: Loan[] }>('/v1/loans?limit=200')
        const now = items.find(({ id }) => id === loan.id)
        return now?.state === 'returned' || (now?.state === 'overdue' && loan.state === 'out') ? now : undefined
      })
      if (back.state === 'overdue') throw new Error(`The loan ${loan.id} could not be given back: ${back.because}`)
      this.teller.fact(
        'returned',
        back.id,
        back.returned_at!,
        `${back.says} (${because ?? 'left by an earlier story'})`,
      )
    }
  }

  /** Asks for everything that is on loan, and waits for the one that does not come back, with these words. */
  async askBackInVain(words: string): Promise<void> {
    for (const { id } of await this.loansOut())
      await this.hannah.post(`/v1/loans/${id}/return`, { reason: 'Is it over?' })
    const kept = await this.until(
      `a loan that does not come back: "${words}"`,
      async () => (await this.loansOut()).find(({ state, because }) => state === 'overdue' && because?.includes(words)),
      // Others come back before it, one after the other, and each looks first whether it may.
      3 * PATIENCE,
    )
    this.teller.fact('overdue', kept.id, new Date().toISOString(), kept.because!)
  }

  /** What is on loan, the youngest first: on one target that one comes back before the others. */
  private async loansOut(): Promise<Loan[]> {
    const { items } = await this.hannah.get<{ items: Loan[] }>('/v1/loans?limit=200')
    return items
      .filter(({ state }) => state === 'out' || state === 'overdue')
      .sort((a, b) => (a.out_at < b.out_at ? 1 : -1))
  }

  /** The sandbox begins anew: nothing broken, two replicas. */
  async reset(): Promise<void> {
    await this.sandbox('POST', '/sandbox/reset')
  }

  /** Mends what a story or a rehearsal broke. */
  async mend(faults: readonly string[]): Promise<void> {
    for (const fault of faults) await this.sandbox('POST', `/mend/${fault}`)
  }

  /** Breaks the sandbox by one of its faults. Nobody tells Firebreak: its monitors have to notice. */
  async breakIt(fault: string): Promise<void> {
    this.brokenAt ||= new Date().toISOString()
    const { faults } = (await this.sandbox('GET', '/')) as { faults: Record<string, string> }
    await this.sandbox('POST', `/break/${fault}`)
    this.teller.fact('break', fault, new Date().toISOString(), `The sandbox is broken: ${faults[fault.split('?')[0]!]}`)
  }

  /** Waits for the incident of this class that the monitors' alert about `service` becomes. */
  async firing(page: string, service = 'api'): Promise<Incident> {
    const incident = await this.until('the alert to become an incident', async () => {
      const { items } = await this.hannah.get<{ items: Incident[] }>('/v1/incidents?state=active&limit=50')
      return items.find((incident) => incident.service === service && incident.class === page)
    })
    // What a reopened incident went through before is an earlier story's.
    for (const item of await this.timeline(incident)) if (item.at < this.brokenAt) this.told.add(item.entry)
    await this.follow(incident)
    return incident
  }

  /** Waits for the plan that was suggested, takes the incident, and approves exactly that plan as the engineer on call. */
  async approve(incident: Incident, recipe?: string): Promise<Plan> {
    const plan = await this.until('a plan', async () => {
      await this.follow(incident)
      const { plans } = await this.hannah.get<Incident>(`/v1/incidents/${incident.id}`)
      for (const id of plans) {
        const plan = await this.hannah.get<Plan>(`/v1/plans/${id}`)
        // Several recipes may have been suggested.
        if (recipe !== undefined && plan.recipe.id !== recipe) continue
        if (plan.state === 'proposed') return plan
        if (plan.requested_at > this.brokenAt && (plan.state === 'failed' || plan.state === 'stopped'))
          throw new Error(`The plan ${id} ${plan.state}: ${plan.because}`)
      }
      return undefined
    })
    await this.hannah.post(`/v1/incidents/${incident.id}/acknowledge`, {})
    await this.hannah.post(`/v1/plans/${plan.id}/approvals`, { digest: plan.digest, decision: 'yes', note: '' })
    return plan
  }

  /** Asks for a plan by another recipe, and has a colleague approve it: nobody approves what they asked for themselves. */
  async askAndApprove(incident: Incident, recipe: string, params: JsonObject = {}): Promise<Plan> {
    const wish = { recipe, params, incident: incident.id, reason: 'The runbook says so' }
    const { id } = await this.hannah.post<{ id: string }>('/v1/plans', wish)
    const plan = await this.until(`a plan by ${recipe}`, async () => {
      await this.follow(incident)
      const now = await this.hannah.get<Plan>(`/v1/plans/${id}`)
      if (now.state === 'proposed') return now
      if (now.state === 'failed' || now.state === 'stopped')
        throw new Error(`The plan ${id} ${now.state}: ${now.because}`)
      return undefined
    })
    await this.sam.post(`/v1/plans/${id}/approvals`, { digest: plan.digest, decision: 'yes', note: '' })
    return plan
  }

  /** Asks to have the run of this plan taken back, has a colleague approve that, and waits until it is as before. */
  async takeBack(of: string): Promise<void> {
    const { run } = await this.hannah.get<Plan>(`/v1/plans/${of}`)
    const { id } = await this.hannah.post<{ id: string }>('/v1/plans', { reverts: run, reason: 'It was too much' })
    const plan = await this.until(`a plan that takes ${run} back`, async () => {
      const now = await this.hannah.get<Plan>(`/v1/plans/${id}`)
      if (now.state === 'failed' || now.state === 'stopped')
        throw new Error(`The plan ${id} ${now.state}: ${now.because}`)
      return now.state === 'proposed' ? now : undefined
    })
    await this.sam.post(`/v1/plans/${id}/approvals`, { digest: plan.digest, decision: 'yes', note: '' })
    const back = await this.until(`${run} to be taken back`, () => this.endOf(id, 'succeeded'), 2 * PATIENCE)
    this.teller.fact('run', back.id, new Date().toISOString(), `${run} is taken back: ${back.because}`)
  }

  /** The engineer on call takes the incident: what a run has to tell is told to its owner. */
  async take(incident: Incident): Promise<void> {
    await this.hannah.post(`/v1/incidents/${incident.id}/acknowledge`, {})
  }

  /** Asks for a plan that nobody suggested. */
  async ask(incident: Incident, recipe: string, params: JsonObject = {}): Promise<void> {
    await this.hannah.post('/v1/plans', { recipe, params, incident: incident.id, reason: 'The page says so' })
  }

  /** Asks for a plan of a recipe that only reads, for no incident, and waits for how its run ends. */
  async askAlone(recipe: string, params: JsonObject = {}, ends: Ends = 'succeeded'): Promise<Run & { plan: string }> {
    const wish = { recipe, params, reason: 'The page says so' }
    const { id } = await this.hannah.post<{ id: string }>('/v1/plans', wish)
    const run = await this.until(`${recipe} to have ${ends}`, () => this.endOf(id, ends))
    this.teller.fact('run', run.id, new Date().toISOString(), `${recipe} ${run.state}: ${run.because}`)
    return { ...run, plan: id }
  }

  /** Waits until a recipe that only reads has found what is a no. */
  async refused(incident: Incident, recipe: string): Promise<Run & { plan: string }> {
    const ended = await this.until(`${recipe} to have failed`, async () => {
      await this.follow(incident)
      const [plan] = await this.plansOf(incident, recipe)
      const run = plan && (await this.endOf(plan.id, 'failed'))
      return run && { ...run, plan: plan.id }
    })
    await this.follow(incident)
    return ended
  }

  /** How the run of this plan has ended; any other end than this is an error that says why. */
  private async endOf(id: string, ends: Ends): Promise<Run | undefined> {
    const plan = await this.hannah.get<Plan>(`/v1/plans/${id}`)
    if (['failed', 'stopped', 'stale', 'expired'].includes(plan.state))
      throw new Error(`The plan ${id} is ${plan.state}: ${plan.because}`)
    const run = plan.run ? await this.hannah.get<Run>(`/v1/runs/${plan.run}`) : undefined
    if (run && run.state !== ends && ['succeeded', 'failed', 'undone', 'needs-a-person'].includes(run.state))
      throw new Error(`The run ${run.id} is ${run.state}: ${run.because}`)
    return run?.state === ends ? run : undefined
  }

  /** Waits until the recipe has looked, and said that nothing is to be done about it. */
  async stopped(incident: Incident, recipe: string, tells = ''): Promise<Plan> {
    const plan = await this.until('the plan to be stopped', async () => {
      await this.follow(incident)
      for (const plan of await this.plansOf(incident, recipe)) {
        if (plan.state === 'stopped') return plan
        if (plan.state !== 'requested') throw new Error(`The plan ${plan.id} is ${plan.state}, and not stopped`)
      }
      return undefined
    })
    insistOn(plan.because, tells)
    return plan
  }

  /** Waits until a recipe that only reads has run, and its note stands in the incident. */
  async found(incident: Incident, recipe: string, tells = ''): Promise<Plan> {
    const plan = await this.until('the recipe to have read', async () => {
      await this.follow(incident)
      for (const plan of await this.plansOf(incident, recipe)) {
        if (plan.state === 'failed' || plan.state === 'stopped')
          throw new Error(`The plan ${plan.id} ${plan.state}: ${plan.because}`)
        if (plan.run && (await this.hannah.get<Run>(`/v1/runs/${plan.run}`)).state === 'succeeded') return plan
      }
      return undefined
    })
    const notes = (await this.timeline(incident)).filter(({ type, at }) => type === 'note.added' && at > this.brokenAt)
    await this.follow(incident)
    insistOn(notes.at(-1)?.says.split('\n')[1], tells)
    return plan
  }

  /** Waits for a note with these words, which a run leaves for the owner of the incident. */
  async noted(incident: Incident, words: string): Promise<void> {
    await this.until(`a note that says "${words}"`, async () => {
      const all = await this.timeline(incident)
      const isNote = ({ type, at, says }: TimelineItem) =>
        type === 'note.added' && at > this.brokenAt && says.includes(words)
      return all.some(isNote) || undefined
    })
    await this.follow(incident)
  }

  /** The plans of this recipe that were asked for since it was broken. */
  private async plansOf({ id }: Incident, recipe: string): Promise<Plan[]> {
    const { plans } = await this.hannah.get<Incident>(`/v1/incidents/${id}`)
    const all = await Promise.all(plans.map((plan) => this.hannah.get<Plan>(`/v1/plans/${plan}`)))
    return all.filter((plan) => plan.recipe.id === recipe && plan.requested_at > this.brokenAt)
  }

  /** Waits until the run ends as it should; any other end is an error that says why. */
  async run(incident: Incident, plan: Plan, ends: Ends = 'succeeded'): Promise<Run> {
    const run = await this.until(
      `the run to be ${ends}`,
      async () => {
        await this.follow(incident)
        const { run, state, because } = await this.hannah.get<Plan>(`/v1/plans/${plan.id}`)
        if (state === 'stale' || state === 'expired') throw new Error(`The plan became ${state}: ${because}`)
        const now = run ? await this.hannah.get<Run>(`/v1/runs/${run}`) : undefined
        if (now?.state === ends) return now
        if (now && ['succeeded', 'undone', 'needs-a-person'].includes(now.state))
          throw new Error(`The run ${now.id} is ${now.state}: ${now.because}`)
        return undefined
      },
      // The longest verification there is, and the way back.
      6 * PATIENCE,
    )
    await this.follow(incident)
    return run
  }

  /** How many changes of the hands have had an effect on the cluster since it was broken. */
  async changesMade(): Promise<number> {
    const { effects } = (await this.sandbox('GET', '/sandbox/effects')) as {
      effects: { time: string; user: string; effect: boolean }[]
    }
    return effects.filter(({ time, user, effect }) => effect && user === 'firebreak-hands' && time > this.brokenAt)
      .length
  }

  /** Waits until the alert resolves, and the incident with it. */
  async resolved(incident: Incident): Promise<void> {
    await this.until('the alert to resolve', async () => {
      await this.follow(incident)
      return (await this.hannah.get<Incident>(`/v1/incidents/${incident.id}`)).state === 'resolved' || undefined
    })
    await this.follow(incident)
  }

  /** Tells what is new in the incident's timeline. */
  async follow(incident: Incident): Promise<void> {
    for (const item of await this.timeline(incident)) {
      if (this.told.has(item.entry)) continue
      this.told.add(item.entry)
      this.teller.fact(...line(item), { quietly: DULL.has(item.type) })
    }
  }

  async timeline({ id }: Incident): Promise<TimelineItem[]> {
    return (await this.hannah.get<{ items: TimelineItem[] }>(`/v1/incidents/${id}/timeline`)).items
  }

  private async state(): Promise<SandboxState> {
    return (await this.sandbox('GET', '/sandbox')) as SandboxState
  }

  private async sandbox(method: string, path: string): Promise<unknown> {
    const answer = await fetch(`${this.scene.sandboxUrl}${path}`, { method, signal: AbortSignal.timeout(5_000) })
    if (!answer.ok) throw new Error(`the sandbox answered ${answer.status} to ${method} ${path}`)
    return answer.json()
  }

  /** Looks until there is something to see. */
  async until<T>(what: string, look: () => Promise<T | undefined>, patience = PATIENCE): Promise<T> {
    const deadline = Date.now() + patience
    for (;;) {
      const found = await look()
      if (found !== undefined) return found
      if (Date.now() > deadline) throw new Error(`Waited ${patience / 1000} s for ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
  }
}

/** Throws an Error unless what was said has these words in it. */
export function insistOn(said: string | null | undefined, words = ''): void {
  if (!(said ?? '').includes(words))
    throw new Error(`Expected to be told "${words}", and was told: ${said || 'nothing'}`)
}

/** How a run comes to its end, as a story or a rehearsal knows beforehand. */
type Ends = 'succeeded' | 'undone' | 'needs-a-person' | 'failed'

/** True, and in story.json, but nothing that somebody who watches would miss. */
const DULL = new Set(['step.planned', 'plan.used', 'target.locked', 'target.freed'])

interface SandboxState {
  /** Those that wait, and those that fire. */
  alerts: unknown[]
  requests_per_second: number
  p95_ms: number
  deployments: Record<string, { replicas: number; ready: number }>
}

const describe = ({ requests_per_second, p95_ms, deployments }: SandboxState) =>
  `api serves ${Math.round(requests_per_second)} requests/s with ${deployments['api']?.ready} replicas, p95 ${p95_ms} ms`

/** An entry of the log as a line: its word, the id that it is about, its time, its sentence. */
function line({ about, at, says, type }: TimelineItem): [string, string, string, string] {
  const [kind = '', ...id] = about.split(':')
  return [kind === 'request' || kind === 'target_lock' ? type.split('.')[0]! : kind, id.join(':'), at, says]
}
