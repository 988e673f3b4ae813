import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as after } from 'node:timers/promises'
import type { Clock } from './clock.js'
import { faults, isFault } from './faults.js'
import { answer, bodyOf, marked, type Handler } from './http.js'
import type { KubernetesApi } from './kubernetes/api.js'
import { exposition } from './monitors/metrics.js'
import { query } from './monitors/query.js'
import type { Sandbox } from './sandbox.js'
import type { Simulation } from './simulation.js'

/** Real requests to the service that may wait at one time. */
const MOST_WAITING = 200

/** Everything that the sandbox's port answers. What is not named here is the Kubernetes API's. */
export function routes(sandbox: Sandbox, world: Simulation, api: KubernetesApi, clock: Clock): Handler {
  let waiting = 0

  async function serve(response: ServerResponse, path: string): Promise<void> {
    if (sandbox.state().deployments.api?.ready === 0 || waiting >= MOST_WAITING)
      return answer(response, 503, { simulator: true, service: 'api', error: 'nobody is ready to answer' })
    const ms = world.service.serve()
    waiting++
    await after(clock.wall(ms)).finally(() => waiting--)
    answer(response, 200, { simulator: true, service: 'api', path, latency_ms: Math.round(ms) })
  }

  async function ask(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const form = request.method === 'POST' ? new URLSearchParams(await bodyOf(request)) : url.searchParams
    const samples = world.measured().flatMap(({ samples }) => samples)
    const { code, body } = query(form.get('query') ?? '', samples, Date.now())
    answer(response, code, body)
  }

  function control(response: ServerResponse, word: string, name: string): void {
    if (!isFault(name)) return answer(response, 404, { error: `no fault is called ${name.slice(0, 50)}`, faults })
    if (word === 'break') sandbox.break(name)
    else sandbox.mend(name)
    answer(response, 200, sandbox.state())
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const [, first = '', second = '', ...rest] = url.pathname.split('/')
    const called = `${request.method} /${first}${first === 'sandbox' && second ? `/${second}` : ''}`
    if (!fromHere(request)) return answer(response, 403, { error: 'the sandbox answers programs on this machine only' })
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
        return answer(response, 200, { faults, broken: sandbox.state().faults })
      case 'POST /break':
      case 'POST /mend':
        return control(response, first, second)
      case 'GET /metrics':
        response.writeHead(200, { ...marked, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
        return void response.end(exposition(world.measured()))
      case 'GET /prometheus':
      case 'POST /prometheus':
        if (url.pathname === '/prometheus/api/v1/query') return ask(request, response, url)
        return answer(response, 404, { status: 'error', errorType: 'not_found', error: 'not part of this simulator' })
      case 'GET /service':
        if (second === 'api') return serve(response, `/${rest.join('/')}`)
        return answer(response, 404, { simulator: true, error: 'there is one service: api' })
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
