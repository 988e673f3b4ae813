import { ApiException } from '@kubernetes/client-node'
import { PortFailure, type PortFailureKind } from '@firebreak/kit'
import { z } from 'zod'

/** The part of `meta/v1 Status` that says what went wrong. The server may be lying; it is only shown. */
const status = z.object({ message: z.string().max(2000), reason: z.string().optional() })

/**
 * What a failed call means. Kubernetes speaks in codes; the transport in exceptions, whose names are those of the
 * fetch standard (`TimeoutError`, `AbortError`, `TypeError` with a cause).
 */
export function failureOf(error: unknown, doing: string): PortFailure {
  if (error instanceof PortFailure) return error
  if (error instanceof ApiException)
    return new PortFailure(kindOf(error.code), `${doing}: ${said(error)}${todo(error.code)}`, retryAfter(error))
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError'))
    return new PortFailure('timeout', `${doing}: no answer in time`)
  if (error instanceof TypeError && error.cause !== undefined)
    return new PortFailure('unreachable', `${doing}: ${transport(error.cause)}`)
  // Anything else is a bug of ours or an answer that is no Kubernetes object: trying again would not cure it.
  return new PortFailure('invalid', `${doing}: ${error instanceof Error ? error.message : 'unknown failure'}`)
}

function kindOf(code: number): PortFailureKind {
  if (code === 401 || code === 403) return 'forbidden'
  if (code === 404) return 'not-found'
  if (code === 409) return 'conflict'
  if (code === 429) return 'throttled'
  // 504 is the API server's own time-out: whether etcd took the write, it does not know either.
  if (code === 504) return 'timeout'
  return code >= 500 ? 'unreachable' : 'invalid'
}

/** Only what is surely so: the server's own words say the rest. */
const todo = (code: number): string =>
  code === 401 || code === 403
    ? '. Compare the rights of this account with infra/k8s/rbac.yaml: kubectl auth can-i, with its kubeconfig'
    : ''

/** API servers say whole seconds (`Retry-After: 1`), when they are too busy. */
function retryAfter({ headers }: ApiException<unknown>): number | undefined {
  const said = Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after')?.[1]
  return said !== undefined && /^\d{1,6}$/.test(said) ? Number(said) * 1_000 : undefined
}

function said({ code, body }: ApiException<unknown>): string {
  const read = status.safeParse(typeof body === 'string' ? parsed(body) : body)
  return read.success ? `${code} ${read.data.message}` : `${code}`
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

const transport = (cause: unknown) =>
  cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : 'the connection failed'
