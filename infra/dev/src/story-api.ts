/** What the story reads of the API's answers: named fields only. */
export interface Incident {
  id: string
  class: string
  severity: string
  state: string
  service: string | null
  title: string
  plans: string[]
}
export interface Plan {
  id: string
  recipe: { id: string }
  state: string
  digest: string | null
  because: string | null
  requested_at: string
  run: string | null
}
export interface Run {
  id: string
  state: string
  because: string | null
  may: { resolve: { ok: boolean } }
}
export interface Loan {
  id: string
  state: string
  says: string
  out_at: string
  returned_at: string | null
  because: string | null
}
export interface TimelineItem {
  entry: string
  position: number | null
  at: string
  type: string
  about: string
  says: string
}

/** The API as one person sees it. */
export class HttpApi {
  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  async get<T>(path: string): Promise<T> {
    return (await (await this.call('GET', path)).json()) as T
  }

  async post<T = unknown>(path: string, body: unknown): Promise<T> {
    return (await (await this.call('POST', path, body)).json()) as T
  }

  async delete(path: string): Promise<void> {
    await (await this.call('DELETE', path)).body?.cancel()
  }

  async text(path: string): Promise<string> {
    return (await this.call('GET', path)).text()
  }

  async bytes(path: string): Promise<Uint8Array> {
    return new Uint8Array(await (await this.call('GET', path)).arrayBuffer())
  }

  private async call(method: string, path: string, body?: unknown): Promise<Response> {
    const answer = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    })
    if (answer.ok) return answer
    const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string; request_id?: string }
    throw new Error(
      `${method} ${path}: ${answer.status} ${problem.code ?? ''}: ${problem.detail ?? ''} (request ${problem.request_id ?? 'unknown'})`,
    )
  }
}
