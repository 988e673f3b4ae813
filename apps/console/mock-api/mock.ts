import { audit } from './audit.js'
import { breakGlass } from './break-glass.js'
import { cast, person } from './cast.js'
import { evidence } from './evidence.js'
import { identity, meOf } from './identity.js'
import { incidents } from './incidents.js'
import { loans } from './loans.js'
import { Night, type MockOptions } from './night.js'
import { text, type Asked, type Noun, type Session } from './noun.js'
import { people } from './people.js'
import { plans } from './plans.js'
import { recipes } from './recipes.js'
import { No, notFound, notSignedIn } from './refuse.js'
import { runbook } from './runbook.js'
import { runs } from './runs.js'
import { surroundings } from './surroundings.js'
import { targets } from './targets.js'

export type { Session }

/** Every noun that the console has pages for. */
const nouns: readonly Noun[] = [
  ...[identity, people, incidents, recipes, plans, breakGlass, runs, loans],
  ...[surroundings, evidence, targets, runbook, audit],
]

interface Route {
  method: string
  segments: readonly string[]
  answer(asked: Asked): unknown
}

/**
 * The API, pretended: stateful, by the shapes and refusals of the real one. It serves development, where it runs in the
 * page, and the browser tests, where it runs behind a server.
 */
export class MockApi extends Night {
  /** Paths that answer 503, so that a pane can be seen to fail alone. */
  readonly failing = new Set<string>()
  private readonly answered = new Map<string, unknown>()
  private readonly routes: readonly Route[]

  constructor(options: MockOptions) {
    super(options)
    this.routes = nouns.flatMap((noun) =>
      Object.entries(noun.routes(this)).map(([route, answer]) => {
        const [method = '', path = ''] = route.split(' ')
        return { method, segments: path.split('/'), answer: answer }
      }),
    )
  }

  override seed(): this {
    super.seed()
    for (const noun of nouns) noun.seed?.(this)
    return this
  }

  async handle(request: Request, session: Session): Promise<Response> {
    const requestId = this.newId('req')
    const headers = { 'x-request-id': requestId, 'cache-control': 'no-store' }
    try {
      const body: unknown = request.method === 'GET' ? undefined : JSON.parse((await request.text()) || '{}')
      const { pathname } = new URL(request.url)
      if (this.failing.has(pathname))
        throw new No(503, 'overloaded', 'The record cannot be read now. It is asked again.')
      const answer = this.once(request, session, () =>
        this.route(request, session, (body ?? {}) as Record<string, unknown>),
      )
      if (typeof answer === 'string')
        return new Response(answer, { headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' } })
      return answer === undefined ? new Response(null, { status: 204, headers }) : Response.json(answer, { headers })
    } catch (error) {
      const no = error instanceof No ? error : new No(500, 'internal', String(error))
      return Response.json(
        {
          type: `urn:firebreak:problem:${no.code}`,
          title: no.code,
          status: no.status,
          code: no.code,
          detail: no.message,
          request_id: requestId,
          ...(no.errors.length > 0 ? { errors: no.errors } : {}),
        },
        { status: no.status, headers: { ...headers, 'content-type': 'application/problem+json' } },
      )
    }
  }

  /** A command that is told twice with one key is done once. */
  private once(request: Request, session: Session, work: () => unknown): unknown {
    const key = request.headers.get('idempotency-key')
    if (key === null) return work()
    const name = `${session.person} ${request.method} ${request.url} ${key}`
    if (!this.answered.has(name)) this.answered.set(name, work())
    return this.answered.get(name)
  }

  private route(request: Request, session: Session, body: Record<string, unknown>): unknown {
    const { pathname, searchParams: query } = new URL(request.url)
    if (this.options.mode !== 'production') {
      if (pathname === '/v1/people/seeded') return { people: cast }
      if (pathname === '/v1/sign-in/seeded') return signIn(session, text(body['person']))
    }
    if (pathname === '/v1/sign-out') return void (session.person = null)

    const me = session.person === null ? undefined : person(session.person)
    if (!me) {
      if (/^\/v1\/(people|sign-in)(\/|$)/.test(pathname)) throw notFound(pathname)
      throw notSignedIn()
    }
    const asked = pathname.split('/').map(decodeURIComponent)
    const route = this.routes
      .filter(({ method, segments }) => method === request.method && fits(segments, asked))
      // Of two that fit, the one that names more: `/checkpoint` before `/{id}`.
      .sort((a, b) => holes(a.segments) - holes(b.segments))[0]
    if (!route) throw notFound(`${request.method} ${pathname}`)
    const version = /^"(\d+)"$/.exec(request.headers.get('if-match') ?? '')?.[1]
    return route.answer({
      version: version === undefined ? null : Number(version),
      at: (name) => asked[route.segments.indexOf(`{${name}}`)] ?? '',
      query,
      body,
      me,
    })
  }
}

const holes = (segments: readonly string[]) => segments.filter((segment) => segment.startsWith('{')).length

const fits = (segments: readonly string[], asked: readonly string[]) =>
  segments.length === asked.length && segments.every((segment, at) => segment.startsWith('{') || segment === asked[at])

function signIn(session: Session, id: string) {
  const found = person(id)
  if (!found) throw new No(404, 'not-found', `There is no ${id} in the sandbox.`)
  session.person = id
  return meOf(found)
}
