import { KubeConfig, type ApiConstructor, type ApiType, type RequestContext } from '@kubernetes/client-node'

export interface ConnectionOptions {
  /** Milliseconds after which a call is given up. */
  timeoutMs: number
}

/**
 * One kubeconfig as the client should have used it. Two things are missing in @kubernetes/client-node 2.0.1:
 *
 * - It makes a new dispatcher for each request as soon as any TLS option is set, so no connection is ever used twice.
 *   The first one is kept. Bearer tokens are read anew for each request, client certificates only at the start.
 * - It has no timeout: a server that accepts and never answers hangs the caller. Every request gets a signal.
 */
class Connection extends KubeConfig {
  #dispatcher: ReturnType<RequestContext['getDispatcher']>

  constructor(
    kubeconfig: string,
    private readonly timeoutMs: number,
  ) {
    super()
    this.loadFromFile(kubeconfig)
  }

  override async applySecurityAuthentication(request: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(request)
    this.#dispatcher ??= request.getDispatcher()
    if (this.#dispatcher) request.setDispatcher(this.#dispatcher)
    request.setSignal(AbortSignal.timeout(this.timeoutMs))
  }
}

/** An API client (`AppsV1Api`, …) for the current context of a kubeconfig. Throws when the file cannot be read. */
export function connect<Api extends ApiType>(
  api: ApiConstructor<Api>,
  kubeconfig: string,
  { timeoutMs }: ConnectionOptions,
): Api {
  return new Connection(kubeconfig, timeoutMs).makeApiClient(api)
}
