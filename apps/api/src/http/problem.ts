import { refusals, Refused, type Fault, type RefusalCode } from '@firebreak/flow'
import type { Log } from '@firebreak/telemetry'
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { STATUS_CODES } from 'node:http'
import type { Admitted } from './needs.js'
import { recordTrouble } from './record-trouble.js'
import type { Refusals } from './refusals.js'

/** RFC 9457, as `problem` in view.ts describes it. */
export interface Problem {
  type: string
  title: string
  status: number
  code: string
  detail: string
  request_id: string
  errors?: Fault[]
}

/** Every error leaves through here, as problem+json. What we did not foresee says nothing of its inside. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: Pick<Log, 'error'>,
    private readonly refusals: Pick<Refusals, 'note'>,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>()
    const request = host.switchToHttp().getRequest<FastifyRequest>()
    const refused = refusalIn(error, request)
    if (!refused)
      this.log.error(`unforeseen at ${request.method} ${request.routeOptions.url ?? ''}`, {
        request_id: request.id,
        err: error instanceof Error ? error : { message: textOf(error) },
      })
    // The answer may be on its way already; then all that is left is to end it.
    if (reply.sent || reply.raw.headersSent) return void reply.raw.destroy()
    const problem = problemOf(refused, request.id)
    if (problem.status === 401 || problem.status === 403) this.note(problem, request)
    if (problem.status === 503 || problem.status === 429) void reply.header('retry-after', secondsUntil(refused?.until))
    void reply.status(problem.status).type('application/problem+json; charset=utf-8').send(JSON.stringify(problem))
  }

  private note({ code, status }: Problem, request: Admitted): void {
    const { method, routeOptions } = request
    this.refusals.note(status === 401 ? undefined : request.caller, {
      ...{ code, status, method },
      route: routeOptions.url ?? '',
    })
  }
}

/** A moment, where nobody knows how long. The clock is the wall's: whoever reads it counts from when it arrives. */
const secondsUntil = (until: Date | undefined): string =>
  String(until === undefined ? 2 : Math.max(1, Math.ceil((until.getTime() - Date.now()) / 1000)))

export function problemOf(refused: Refused | undefined, requestId: string): Problem {
  const status = refused ? refusals[refused.code] : 500
  return {
    type: `urn:firebreak:problem:${refused?.code ?? 'internal'}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: refused?.code ?? 'internal',
    detail:
      refused?.message ?? 'Something went wrong here, and it was not foreseen. The log has it under this request id.',
    request_id: requestId,
    ...(refused && refused.faults.length > 0 ? { errors: [...refused.faults] } : {}),
  }
}

const byStatus: Partial<Record<number, RefusalCode>> = {
  // What may not be asked for is not there: a path that leaves its folder.
  403: 'not-found',
  404: 'not-found',
  405: 'not-found',
  413: 'too-large',
  415: 'unsupported',
}

function refusalIn(error: unknown, request: FastifyRequest): Refused | undefined {
  if (error instanceof Refused) return error
  const trouble = recordTrouble(error)
  if (trouble) return trouble
  // Nest's and Fastify's own: unknown routes, bodies too large or of another kind.
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number } | null)?.statusCode
  if (status === undefined || status < 400 || status >= 500) return undefined
  const code = byStatus[status] ?? 'malformed'
  switch (code) {
    case 'not-found':
      return new Refused(code, `There is nothing at ${request.method} ${request.url.split('?')[0]?.slice(0, 200)}.`)
    case 'too-large':
      return new Refused(code, 'The body is larger than this route takes.')
    case 'unsupported':
      return new Refused(code, 'The body must be application/json.')
    default:
      return new Refused(code, (error as Error).message)
  }
}

/** An answer that does not fit its own schema is thrown as a list of what is wrong. */
const textOf = (error: unknown): string => JSON.stringify(error).slice(0, 4_000)
