import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync, writeSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import { HttpApi, type Incident, type Loan, type Plan, type Run, type TimelineItem } from './story-api.js'
import { ROOT } from './root.js'
import { Teller } from './teller.js'

export interface Stage {
  apiUrl: string
  sandboxUrl: string
  dataDir: string
  print: (line: string) => void
  processes: () => { name: string; pid: number }[]
}

/** How long any one thing may take before the story gives up on it. Milliseconds. */
const PATIENCE = 60_000

/**
 * Makes the sandbox's API slow and tells on the terminal, as it happens, how the alert becomes a proven repair: every
 * line is a fact of the record, with its time and its id. `ok` is false when any part failed.
 * Leaves `story/bundle.tar`, `story/policy.txt` and `story/story.json` in the data folder.
 */
export async function tellStory(stage: Stage): Promise<{ ok: boolean }> {
  const teller = new Teller(stage.print)
  const folder = join(stage.dataDir, 'story')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const story = new Story(stage, teller, folder)
  let ok = true
  try {
    await story.tell()
  } catch (error) {
    ok = false
    teller.failed(error instanceof Error ? error.message : String(error))
  }
  writeFileSync(join(folder, 'story.json'), `${JSON.stringify({ ok, facts: teller.facts }, null, 2)}\n`, { mode: 0o600 })
  if (ok) await story.farewell()
  return { ok }
}

class Story {
  private readonly hannah: HttpApi
  private readonly audrey: HttpApi
  private told = new Set<string>()

  constructor(
    private readonly stage: Stage,
    private readonly teller: Teller,
    private readonly folder: string,
  ) {
    const { people } = JSON.parse(readFileSync(join(stage.dataDir, 'people.json'), 'utf8')) as { people: { id: string; key: string }[] }
    const as = (id: string) => new HttpApi(stage.apiUrl, people.find((person) => person.id === id)?.key ?? '')
    this.hannah = as('hannah')
    this.audrey = as('audrey')
  }

  async tell(): Promise<void> {
    this.teller.title('From an alert to a proven repair')
    await this.returnWhatIsLeft()
    await this.breakIt()
    const incident = await this.firing()
    const plan = await this.approve(incident)
    await this.run(incident, plan)
    await this.resolved(incident)
    const bundle = await this.export(incident)
    await this.check(bundle)
  }

  /** An earlier story may have been cut short anywhere: load, runs, loans and alerts go back to where a story begins. */
  private async returnWhatIsLeft(): Promise<void> {
    await this.sandbox('POST', '/mend/slow')
    await this.until('the runs of an earlier story to end', async () => {
      const { items } = await this.hannah.get<{ items: Run[] }>('/v1/runs?limit=50')
      return items.every(({ state }) => !['running', 'verifying', 'undoing', 'waiting'].includes(state)) || undefined
    })
    const { items: loans } = await this.hannah.get<{ items: Loan[] }>('/v1/loans?limit=200')
    for (const loan of loans.filter(({ state }) => state === 'out' || state === 'overdue')) {
      await this.hannah.post(`/v1/loans/${loan.id}/return`, { reason: 'A new story begins' })
      const back = await this.until(`the loan ${loan.id} to come back`, async () => {
        const { items } = await this.hannah.get<{ items: Loan[] }>('/v1/loans?limit=200')
        return items.find(({ id, state }) => id === loan.id && (state === 'returned' || state === 'overdue'))
      })
      if (back.state === 'overdue') throw new Error(`The loan ${loan.id} could not be given back: ${back.because}`)
      this.teller.fact('returned', back.id, back.returned_at!, `${back.says} (left by an earlier story)`)
    }
    await this.until('the alerts of an earlier story to resolve', async () => {
      const { items } = await this.hannah.get<{ items: Incident[] }>('/v1/incidents?state=active&limit=50')
      return items.every((incident) => incident.service !== 'api') || undefined
    })
    const seen = await this.until('the sandbox to be calm', async () => {
      const now = await this.state()
      return now.p95_ms < 400 && now.deployments['api']?.ready === now.deployments['api']?.replicas ? now : undefined
    })
    this.teller.fact('calm', 'sandbox', new Date().toISOString(), describe(seen))
  }

  private async breakIt(): Promise<void> {
    await this.sandbox('POST', '/break/slow')
    this.teller.fact('break', 'sandbox', new Date().toISOString(), 'Load rises; nobody has told Firebreak')
  }

  private async firing(): Promise<Incident> {
    const incident = await this.until('the alert to become an incident', async () => {
      const { items } = await this.hannah.get<{ items: Incident[] }>('/v1/incidents?state=active&limit=50')
      return items.find(({ service, class: page }) => service === 'api' && page === 'high-api-latency')
    })
    // What a reopened incident went through before is an earlier story's.
    for (const item of await this.timeline(incident)) if (item.at < this.teller.began) this.told.add(item.entry)
    await this.follow(incident)
    return incident
  }

  private async approve(incident: Incident): Promise<Plan> {
    const plan = await this.until('a plan', async () => {
      await this.follow(incident)
      const { plans } = await this.hannah.get<Incident>(`/v1/incidents/${incident.id}`)
      for (const id of plans) {
        const plan = await this.hannah.get<Plan>(`/v1/plans/${id}`)
        if (plan.state === 'proposed') return plan
        if (plan.requested_at > this.teller.began && (plan.state === 'failed' || plan.state === 'stopped'))
          throw new Error(`The plan ${id} ${plan.state}: ${plan.because}`)
      }
      return undefined
    })
    await this.hannah.post(`/v1/incidents/${incident.id}/acknowledge`, {})
    await this.hannah.post(`/v1/plans/${plan.id}/approvals`, { digest: plan.digest, decision: 'yes', note: '' })
    return plan
  }

  private async run(incident: Incident, plan: Plan): Promise<Run> {
    const run = await this.until('the run to be verified', async () => {
      await this.follow(incident)
      const { run, state, because } = await this.hannah.get<Plan>(`/v1/plans/${plan.id}`)
      if (state === 'stale' || state === 'expired') throw new Error(`The plan became ${state}: ${because}`)
      const now = run ? await this.hannah.get<Run>(`/v1/runs/${run}`) : undefined
      if (now && ['failed', 'undone', 'needs-a-person'].includes(now.state)) throw new Error(`The run ${now.id} is ${now.state}: ${now.because}`)
      return now?.state === 'succeeded' ? now : undefined
    })
    await this.follow(incident)
    return run
  }

  private async resolved(incident: Incident): Promise<void> {
    await this.until('the alert to resolve', async () => {
      await this.follow(incident)
      return (await this.hannah.get<Incident>(`/v1/incidents/${incident.id}`)).state === 'resolved' || undefined
    })
    await this.follow(incident)
  }

  /** Waits until a signed checkpoint covers all of it, and exports the log as an auditor would. */
  private async export(incident: Incident): Promise<string> {
    const size = await this.until('a checkpoint that covers all of it', async () => {
      const items = await this.timeline(incident)
      const last = Math.max(...items.map(({ position }) => position ?? Infinity))
      const size = Number((await this.audrey.text('/v1/audit/checkpoint').catch(() => '')).split('\n')[1] ?? 0)
      return size > last ? size : undefined
    })
    const note = (await this.audrey.text('/v1/audit/checkpoint')).split('\n')
    const signers = note.filter((line) => line.startsWith('— ')).map((line) => line.split(' ')[1])
    this.teller.fact('checkpoint', `size ${note[1] ?? size}`, new Date().toISOString(), `Signed by ${signers[0]}, cosigned by ${signers.slice(1).join(', ')}`)

    const asked = await this.audrey.post<{ id: string }>('/v1/audit/exports', { reason: 'The story, for whoever trusts nobody' })
    const made = await this.until('the export', async () => {
      const now = await this.audrey.get<{ id: string; state: string; because: string | null; entries: number; size: number; ended_at: string | null }>(`/v1/audit/exports/${asked.id}`)
      if (now.state === 'failed') throw new Error(`The export failed: ${now.because}`)
      return now.state === 'ready' ? now : undefined
    })
    const bundle = join(this.folder, 'bundle.tar')
    writeFileSync(bundle, await this.audrey.bytes(`/v1/audit/exports/${asked.id}/download`), { mode: 0o600 })
    this.teller.fact('export', made.id, made.ended_at!, `${made.entries} entries, ${kilobytes(made.size)}: ${bundle}`)
    return bundle
  }

  /** Offline, with the policy alone; then once more with one bit of it flipped, which must be refused. */
  private async check(bundle: string): Promise<void> {
    const policy = join(this.folder, 'policy.txt')
    const vkey = (...path: string[]) => readFileSync(join(this.stage.dataDir, ...path), 'utf8').trim()
    writeFileSync(policy, `log ${vkey('keys', 'log.vkey')}\nwitness notary ${vkey('notary', 'notary.vkey')}\nquorum notary\n`, { mode: 0o600 })
    const good = await auditCheck(bundle, policy)
    if (good.code !== 0) throw new Error(`audit-check refused the bundle (exit ${good.code}): ${good.says}`)
    this.teller.fact('checked', 'offline', new Date().toISOString(), good.says)

    const forged = join(this.folder, 'forged.tar')
    copyFileSync(bundle, forged)
    const at = flipOneBit(forged)
    const bad = await auditCheck(forged, policy)
    if (bad.code !== 1 && bad.code !== 2) throw new Error(`audit-check took a bundle with one bit flipped (exit ${bad.code})`)
    this.teller.fact('forged', `byte ${at}`, new Date().toISOString(), `One bit flipped, refused: ${bad.says}`)
  }

  async farewell(): Promise<void> {
    const { people } = await this.hannah.get<{ people: { id: string; name: string; roles: string[] }[] }>('/v1/people/seeded')
    this.teller.addresses([
      ['console', this.stage.apiUrl],
      ['sandbox', `${this.stage.sandboxUrl}/sandbox`],
      ['bundle', join(this.folder, 'bundle.tar')],
      ['people', people.map(({ id, roles }) => `${id} (${roles.join(', ')})`).join(', ')],
    ])
  }

  /** Tells what is new in the incident's timeline. */
  private async follow(incident: Incident): Promise<void> {
    for (const item of await this.timeline(incident)) {
      if (this.told.has(item.entry)) continue
      this.told.add(item.entry)
      this.teller.fact(...line(item))
    }
  }

  private async timeline({ id }: Incident): Promise<TimelineItem[]> {
    return (await this.hannah.get<{ items: TimelineItem[] }>(`/v1/incidents/${id}/timeline`)).items
  }

  private async state(): Promise<SandboxState> {
    return (await this.sandbox('GET', '/sandbox')) as SandboxState
  }

  private async sandbox(method: string, path: string): Promise<unknown> {
    const answer = await fetch(`${this.stage.sandboxUrl}${path}`, { method, signal: AbortSignal.timeout(5_000) })
    if (!answer.ok) throw new Error(`the sandbox answered ${answer.status} to ${method} ${path}`)
    return answer.json()
  }

  /** Looks until there is something to see. */
  private async until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + PATIENCE
    for (;;) {
      const found = await look()
      if (found !== undefined) return found
      if (Date.now() > deadline) throw new Error(`Waited ${PATIENCE / 1000} s for ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
  }
}

interface SandboxState {
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

const kilobytes = (bytes: number) => `${Math.ceil(bytes / 1024).toLocaleString('en')} KiB`

/** Runs the checker as an auditor would: another process, no database, no network. */
function auditCheck(bundle: string, policy: string): Promise<{ code: number; says: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'libs/audit/bin/dist/audit-check.js'), bundle, '--policy', policy], { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? -1, says: verdict(out) }))
  })
}

/** The line that says how it ended. */
const verdict = (out: string): string => out.trim().split('\n').at(-1)?.trim() ?? ''

/** Flips one bit in the middle of a file; answers which byte. */
function flipOneBit(path: string): number {
  const file = openSync(path, 'r+')
  try {
    const at = Math.floor(readFileSync(path).length / 2)
    const byte = Buffer.alloc(1)
    readSync(file, byte, 0, 1, at)
    writeSync(file, Buffer.of(byte[0]! ^ 1), 0, 1, at)
    return at
  } finally {
    closeSync(file)
  }
}
