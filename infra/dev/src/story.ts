import { spawn } from 'node:child_process'
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { OnCall, type Scene } from './on-call.js'
import { ROOT } from './root.js'
import type { Incident } from './story-api.js'
import { Teller } from './teller.js'

export interface Stage extends Scene {
  print: (line: string) => void
  /** Who watches the sandbox, as a sentence. */
  monitors: string
  processes: () => { name: string; pid: number }[]
}

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
  writeFileSync(join(folder, 'story.json'), `${JSON.stringify({ ok, facts: teller.facts }, null, 2)}\n`, {
    mode: 0o600,
  })
  if (ok) await story.farewell()
  return { ok }
}

class Story {
  private readonly people: OnCall

  constructor(
    private readonly stage: Stage,
    private readonly teller: Teller,
    private readonly folder: string,
  ) {
    this.people = new OnCall(stage, teller)
  }

  async tell(): Promise<void> {
    this.teller.title('From an alert to a proven repair')
    const { people } = this
    this.teller.fact('monitors', 'sandbox', new Date().toISOString(), this.stage.monitors)
    await people.returnWhatIsLeft()
    await people.breakIt('slow')
    const incident = await people.firing('high-api-latency')
    const plan = await people.approve(incident)
    await people.run(incident, plan)
    await people.resolved(incident)
    const bundle = await this.export(incident)
    await this.check(bundle)
  }

  /** Waits until a signed checkpoint covers all of it, and exports the log as an auditor would. */
  private async export(incident: Incident): Promise<string> {
    const size = await this.people.until('a checkpoint that covers all of it', async () => {
      const items = await this.people.timeline(incident)
      const last = Math.max(...items.map(({ position }) => position ?? Infinity))
      const size = Number((await this.people.audrey.text('/v1/audit/checkpoint').catch(() => '')).split('\n')[1] ?? 0)
      return size > last ? size : undefined
    })
    const note = (await this.people.audrey.text('/v1/audit/checkpoint')).split('\n')
    const signers = note.filter((line) => line.startsWith('— ')).map((line) => line.split(' ')[1])
    this.teller.fact(
      'checkpoint',
      `size ${note[1] ?? size}`,
      new Date().toISOString(),
      `Signed by ${signers[0]}, cosigned by ${signers.slice(1).join(', ')}`,
    )

    const asked = await this.people.audrey.post<{ id: string }>('/v1/audit/exports', {
      reason: 'The story, for whoever trusts nobody',
    })
    const made = await this.people.until('the export', async () => {
      const now = await this.people.audrey.get<{
        id: string
        state: string
        because: string | null
        entries: number
        size: number
        ended_at: string | null
      }>(`/v1/audit/exports/${asked.id}`)
      if (now.state === 'failed') throw new Error(`The export failed: ${now.because}`)
      return now.state === 'ready' ? now : undefined
    })
    const bundle = join(this.folder, 'bundle.tar')
    writeFileSync(bundle, await this.people.audrey.bytes(`/v1/audit/exports/${asked.id}/download`), { mode: 0o600 })
    this.teller.fact('export', made.id, made.ended_at!, `${made.entries} entries, ${kilobytes(made.size)}: ${bundle}`)
    return bundle
  }

  /** Offline, with the policy alone; then once more with one bit of it flipped, which must be refused. */
  private async check(bundle: string): Promise<void> {
    const policy = join(this.folder, 'policy.txt')
    const vkey = (...path: string[]) => readFileSync(join(this.stage.dataDir, ...path), 'utf8').trim()
    const logs = vkey('keys', 'log.vkeys').split('\n').map((line) => `log ${line}\n`) // prettier-ignore
    writeFileSync(policy, `${logs.join('')}witness notary ${vkey('notary', 'notary.vkey')}\nquorum notary\n`, {
      mode: 0o600,
    })
    const good = await auditCheck(bundle, policy)
    if (good.code !== 0) throw new Error(`audit-check refused the bundle (exit ${good.code}): ${good.says}`)
    this.teller.fact('checked', 'offline', new Date().toISOString(), good.says)

    const forged = join(this.folder, 'forged.tar')
    copyFileSync(bundle, forged)
    const at = flipOneBit(forged)
    const bad = await auditCheck(forged, policy)
    if (bad.code !== 1 && bad.code !== 2)
      throw new Error(`audit-check took a bundle with one bit flipped (exit ${bad.code})`)
    this.teller.fact('forged', `byte ${at}`, new Date().toISOString(), `One bit flipped, refused: ${bad.says}`)
  }

  async farewell(): Promise<void> {
    const { people } = await this.people.hannah.get<{ people: { id: string; name: string; roles: string[] }[] }>(
      '/v1/people/seeded',
    )
    this.teller.addresses([
      ['console', this.stage.apiUrl],
      ['sandbox', `${this.stage.sandboxUrl}/sandbox`],
      ['bundle', join(this.folder, 'bundle.tar')],
      ['ask', howToAsk(this.stage)],
      ['people', people.map(({ id, roles }) => `${id} (${roles.join(', ')})`).join(', ')],
    ])
  }
}

/** The command line for this Firebreak, as somebody of the sandbox, from the folder of the checkout. */
export function howToAsk({ apiUrl, dataDir }: { apiUrl: string; dataDir: string }): string {
  const url = apiUrl === 'http://127.0.0.1:4600' ? '' : `FIREBREAK_URL=${apiUrl} `
  const data = dataDir === join(ROOT, '.firebreak') ? '' : `FIREBREAK_DATA=${dataDir} `
  return `${url}${data}npx firebreak --as hannah incidents list`
}

const kilobytes = (bytes: number) => `${Math.ceil(bytes / 1024).toLocaleString('en')} KiB`

/** Runs the checker as an auditor would: another process, no database, no network. */
function auditCheck(bundle: string, policy: string): Promise<{ code: number; says: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [join(ROOT, 'libs/audit/bin/dist/audit-check.js'), bundle, '--policy', policy],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
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
