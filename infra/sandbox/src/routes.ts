import type { IncomingMessage, ServerResponse } from 'node:http'
import { faults, isAwayAfter, isFault } from './faults.js'
import { answer, bodyOf, marked, type Handler } from './http.js'
import type { KubernetesApi } from './kubernetes/api.js'
import { alertsOfFaults } from './monitors/alerting.js'
import type { History } from './monitors/history.js'
import { exposition, samplesOf } from './monitors/metrics.js'
import { query, queryRange } from './monitors/query.js'
import type { Sandbox } from './sandbox.js'
import type { PretendService } from './services/service.js'
import type { Simulation } from './simulation.js'

/** Everything that the sandbox's port answers. What is not named here is the Kubernetes API's. */
export function routes(sandbox: Sandbox, world: Simulation, api: KubernetesApi, history: History): Handler {
  async function serve(
    service: PretendService | undefined,
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    path: string,
  ): Promise<void> {
    if (service?.answer) return service.answer({ request, response, url, path })
    answer(response, 404, { simulator: true, error: 'there is no such service', services: world.services.names })
  }

  async function ask(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const form = request.method === 'POST' ? new URLSearchParams(await bodyOf(request)) : url.searchParams
    const { code, body } = url.pathname.endsWith('_range')
      ? queryRange(form, history)
      : query(form.get('query') ?? '', samplesOf(world.measured()), Date.now())
    answer(response, code, body)
  }

  function control(response: ServerResponse, word: string, name: string, seconds: string | null): void {
    if (!isFault(name)) return answer(response, 404, { error: `no fault is called ${name.slice(0, 50)}`, faults })
    if (seconds !== null && !isAwayAfter(name))
      return answer(response, 400, { error: 'seconds: only of away-before and away-after can be said how long' })
    if (seconds !== null && !/^[1-9]\d{0,3}$/.test(seconds))
      return answer(response, 400, { error: 'seconds: expected a whole number from 1 to 9999' })
    if (word === 'break') sandbox.break(name, seconds === null ? undefined : Number(seconds))
    else sandbox.mend(name)
    answer(response, 200, sandbox.state())
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const [, first = '', second = '', ...rest] = url.pathname.split('/')
    const called = `${request.method} /${first}${first === 'sandbox' && second ? `/${second}` : ''}`
    if (!fromHere(request)) return answer(response, 403, { error: 'the sandbox answers programs on this machine only' })
    // Services speak their own protocols, with whatever method these want.
    if (first === 'service') return serve(world.services.called(second), request, response, url, `/${rest.join('/')}`)
    const root = world.services.at(first)
    if (root) return serve(root, request, response, url, url.pathname.slice(first.length + 1))
    switch (called) {
      case 'GET /':
        return answer(response, 200, {
          simulator: true,
          says: 'the sandbox of Firebreak, a pretend production',
          faults,
        })
      case 'GET /healthz':
        return answer(response, 200, { simulator: true, ok: true })
      case 'GET /sandbox':
        return answer(response, 200, sandbox.state())
      case 'GET /sandbox/effects':
        return answer(response, 200, { effects: sandbox.effects() })
      case 'POST /sandbox/reset':
        sandbox.reset()
        return answer(response, 200, sandbox.state())
      case 'GET /break':
        return answer(response, 200, { faults, alerts: alertsOfFaults(), broken: sandbox.state().faults })
      case 'POST /break':
      case 'POST /mend':
        return control(response, first, second, url.searchParams.get('seconds'))
      case 'GET /metrics':
        response.writeHead(200, { ...marked, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
        return void response.end(exposition(world.measured()))
      case 'GET /prometheus':
      case 'POST /prometheus':
        if (/^\/prometheus\/api\/v1\/query(_range)?$/.test(url.pathname)) return ask(request, response, url)
        return answer(response, 404, { status: 'error', errorType: 'not_found', error: 'not part of this simulator' })
      default:
        return api.handle(request, response, url)
    }
  }

  return (request, response) =>
    void handle(request, response).catch((error: unknown) =>
      answer(response, 500, { simulator: true, error: error instanceof Error ? error.message : 'unknown failure' }),
    )
}

/**
 * A page in somebody's browser can send requests to 127.0.0.1 too, and a name that it owns can point there.
 * Programs send no Origin and say the address that they called.
 */
function fromHere({ headers: { host = '', origin } }: IncomingMessage): boolean {
  return origin === undefined && /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)
}
