import { PortFailure, type PortFailureKind } from '@firebreak/kit'
import { z } from 'zod'
import { ask, kindOfCode, parsed } from '../http/ask.js'

export interface MlflowOptions {
  /** Read anew for each call, so that a rotated token needs no restart. It appears in no error. */
  token?: () => string
  timeoutMs?: number
}

const refusal = z.object({ error_code: z.string(), message: z.string().default('') })

/** MLflow's REST API as far as it is used here. https://mlflow.org/docs/latest/rest-api.html */
export class MlflowClient {
  readonly #base: URL
  readonly #timeoutMs: number
  readonly #token: (() => string) | undefined

  /** `baseUrl` is what `/api/2.0/mlflow` hangs under. */
  constructor(baseUrl: string, { token, timeoutMs = 5_000 }: MlflowOptions = {}) {
    this.#base = new URL('api/2.0/mlflow/', baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`)
    this.#timeoutMs = timeoutMs
    this.#token = token
  }

  /** Asks with fields in the query, and reads the answer as `shape`. */
  async get<T>(path: string, query: Record<string, string>, shape: z.ZodType<T>): Promise<T> {
    const found = shape.safeParse(await this.#call('GET', path, query))
    if (!found.success) throw new PortFailure('invalid', `MLflow ${path}: the answer is not as documented`)
    return found.data
  }

  /** Changes something, with fields in the body. */
  async send(method: 'POST' | 'DELETE', path: string, fields: Record<string, string>): Promise<void> {
    await this.#call(method, path, fields)
  }

  async #call(method: 'GET' | 'POST' | 'DELETE', path: string, fields: Record<string, string>): Promise<unknown> {
    const url = new URL(path, this.#base)
    if (method === 'GET') for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value)
    const { code, text } = await ask({
      url,
      about: `MLflow ${path}`,
      timeoutMs: this.#timeoutMs,
      method,
      headers: {
        ...(this.#token ? { authorization: `Bearer ${this.#token()}` } : {}),
        ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
      },
      ...(method === 'GET' ? {} : { body: JSON.stringify(fields) }),
    })
    const answer = parsed(text)
    if (code === 200 && answer !== undefined) return answer
    const why = refusal.safeParse(answer)
    // A login page of a proxy answers 200 as well.
    if (!why.success)
      throw new PortFailure(kindOfCode(code), `MLflow ${path}: answered ${code}, and not as MLflow does`)
    throw new PortFailure(KINDS[why.data.error_code] ?? kindOfCode(code), `MLflow ${path}: ${why.data.message}`)
  }
}

/** MLflow's error codes; others are judged by the HTTP code. */
const KINDS: Partial<Record<string, PortFailureKind>> = {
  RESOURCE_DOES_NOT_EXIST: 'not-found',
  RESOURCE_ALREADY_EXISTS: 'conflict',
  RESOURCE_CONFLICT: 'conflict',
  INVALID_PARAMETER_VALUE: 'invalid',
  PERMISSION_DENIED: 'forbidden',
  UNAUTHENTICATED: 'forbidden',
  REQUEST_LIMIT_EXCEEDED: 'throttled',
  TEMPORARILY_UNAVAILABLE: 'unreachable',
  INTERNAL_ERROR: 'unreachable',
}
