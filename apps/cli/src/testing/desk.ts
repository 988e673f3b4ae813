import type { Outside } from '../session.js'
import { firebreak } from '../firebreak.js'

/** What the API answers to a request, in order; the last one goes on. */
export type Answer = (request: Request) => Response | Promise<Response>

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })

export const problem = (status: number, code: string, detail: string, headers: Record<string, string> = {}): Response =>
  json({ type: `urn:firebreak:problem:${code}`, title: '', status, code, detail, request_id: 'req_1' }, status, {
    'content-type': 'application/problem+json',
    ...headers,
  })

/** Somebody at a desk with a command line, an API that answers as told, and a clock that only `sleep` moves. */
export class Desk {
  readonly asked: Request[] = []
  readonly questions: string[] = []
  stdout = ''
  stderr = ''
  clock = Date.parse('2026-11-23T03:00:00Z')
  env: NodeJS.ProcessEnv = { FIREBREAK_TOKEN: 'fbk_test', HOME: '/nonexistent' }
  /** What is typed when asked; nobody is there while it is undefined. */
  typed: string[] | undefined
  piped = ''
  columns: number | undefined
  cwd = '/nonexistent'
  readonly interrupt = new AbortController()

  constructor(private readonly answer: Answer = () => problem(404, 'not-found', 'There is nothing.')) {}

  async run(...argv: string[]): Promise<number> {
    const terminal = this.columns === undefined ? {} : { isTTY: true, columns: this.columns }
    this.stdout = this.stderr = ''
    return firebreak(
      argv,
      this.outside,
      { ...terminal, write: (text) => (this.stdout += text) },
      { ...terminal, write: (text) => (this.stderr += text) },
    )
  }

  private get outside(): Outside {
    return {
      fetch: (async (input: string | Request, init?: RequestInit) => {
        const request = new Request(input, init)
        this.asked.push(request.clone())
        return this.answer(request)
      }) as typeof fetch,
      sleep: async (ms) => void (this.clock += ms),
      now: () => this.clock,
      env: this.env,
      cwd: this.cwd,
      checkout: '/nonexistent',
      signal: this.interrupt.signal,
      person: {
        there: this.typed !== undefined,
        ask: async (question) => {
          this.questions.push(question)
          return this.typed?.shift()
        },
        input: async () => this.piped,
      },
    }
  }
}
