import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { answer } from '../http.js'
import type { Call, PretendService, Site } from './service.js'

const run = promisify(execFile)

const PATH = 'infra/k8s/deployment.yaml'
/** Commits have a date of their own, so that the same commits have the same names each time. */
const FIRST_DATE = 1_700_000_000

/**
 * The configuration repository: a bare git repository in the sandbox's folder, `config.git`, with the manifest that the
 * runbook applies. Who rolls something out commits it here; the sandbox itself applies nothing from it.
 */
export class ConfigRepository implements PretendService {
  readonly name = 'config'
  readonly #dir: string
  #commits: number
  #trouble: string | undefined
  /** One git at a time; what is asked for waits for what was asked before. */
  #work: Promise<void>

  constructor(
    private readonly site: Site,
    saved: unknown,
  ) {
    this.#dir = join(site.dir, 'config.git')
    this.#commits = (saved as { commits?: number } | undefined)?.commits ?? 0
    // In the background: the sandbox is there before git is.
    this.#work = this.#begin()
  }

  step(): void {}

  measure(): [] {
    return []
  }

  /** Commits the manifest with another image of one Deployment. */
  setImage(from: string, to: string, message: string): void {
    this.#next(async () => {
      const text = await this.#read()
      if (text.includes(`image: ${from}\n`))
        await this.#commit(text.replace(`image: ${from}\n`, `image: ${to}\n`), message)
    })
  }

  /** `GET /service/config`: where it is; `GET /service/config/<path>`: the file at the head of main. */
  async answer({ response, path }: Call): Promise<void> {
    await this.#work
    const reply = (code: number, body: object) => answer(response, code, { simulator: true, ...body })
    if (this.#trouble) return reply(503, { error: this.#trouble })
    if (path === '/') {
      const log = await this.#git(['log', '--format=%H %s', 'main'])
      return reply(200, { repository: this.#dir, branch: 'main', log: log.trim().split('\n') })
    }
    if (path === `/${PATH}`) return reply(200, { path: PATH, text: await this.#read() })
    reply(404, { error: `there is ${PATH}` })
  }

  save(): { commits: number } {
    return { commits: this.#commits }
  }

  reset(): void {
    this.#next(async () => {
      // Nobody has committed anything: it is at its beginning.
      if (this.#commits === 1) return
      this.#commits = 0
      await this.#begin()
    })
  }

  async stop(): Promise<void> {
    await this.#work
  }

  #next(work: () => Promise<void>): void {
    this.#work = this.#work
      .then(() => (this.#trouble ? undefined : work()))
      .catch((error: unknown) => this.site.print(`the configuration repository: ${why(error)}`))
  }

  async #begin(): Promise<void> {
    // A commit that was counted was made: nothing to look for.
    if (this.#commits > 0 && existsSync(join(this.#dir, 'HEAD'))) return
    try {
      rmSync(this.#dir, { recursive: true, force: true })
      mkdirSync(this.#dir, { recursive: true, mode: 0o700 })
      await this.#git(['init', '--quiet', '--bare', '--initial-branch=main'])
      this.#commits = 0
      await this.#commit(readFileSync(new URL(`../../${PATH}`, import.meta.url), 'utf8'), 'The beginning')
    } catch (error) {
      this.#trouble = `there is no configuration repository: ${why(error)}`
      this.site.print(this.#trouble)
    }
  }

  #read(): Promise<string> {
    return this.#git(['show', `main:${PATH}`])
  }

  /** By fast-import: a bare repository has no working tree to commit from, and one process is enough. */
  async #commit(text: string, message: string): Promise<void> {
    const data = (content: string) => `data ${Buffer.byteLength(content)}\n${content}\n`
    await this.#git(
      ['fast-import', '--quiet'],
      [
        'commit refs/heads/main\n',
        `committer sandbox <sandbox@sandbox.invalid> ${FIRST_DATE + this.#commits * 60} +0000\n`,
        data(message),
        this.#commits > 0 ? 'from refs/heads/main^0\n' : '',
        `M 100644 inline ${PATH}\n`,
        data(text),
      ].join(''),
    )
    this.#commits++
    this.site.touch()
  }

  async #git(args: readonly string[], input = ''): Promise<string> {
    // The person's own configuration and hooks are not the sandbox's.
    const own = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', GIT_TERMINAL_PROMPT: '0' }
    const running = run('git', ['--git-dir', this.#dir, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...own },
      timeout: 20_000,
    })
    running.child.stdin?.on('error', () => undefined).end(input)
    return (await running).stdout
  }
}

const why = (error: unknown): string =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
    ? 'git is not on PATH'
    : error instanceof Error
      ? error.message.split('\n')[0]!
      : 'unknown trouble'
