import { Once, Refused, type Ledger } from '@firebreak/flow'
import { Inject, SetMetadata, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { FastifyReply } from 'fastify'
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import { defer, lastValueFrom, type Observable } from 'rxjs'
import { DataSource } from 'typeorm'
import { RIGHT, type Admitted } from './needs.js'
import { rights, type Right } from './rights.js'
import { token } from './plain.js'

const SHOWN_ONCE = 'firebreak:shown-once'

/** This field of the answer is a secret: it stands in the first answer, and is null in every one that repeats it. */
export const ShownOnce = (field: string): MethodDecorator => SetMetadata(SHOWN_ONCE, field)

export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/

/**
 * Whether a route takes an Idempotency-Key: whatever writes for somebody who is signed in. Deliveries of alerts need
 * none: what a monitor says twice is counted as repeated.
 */
export const takesKey = (method: string, right: Right | undefined): boolean =>
  right !== undefined && right !== 'alert.send' && rights[right] !== 'anyone' && !/^(get|head|options)$/i.test(method)

/** The calls under way that said a key, each in the context of its own request. */
export type Keyed = AsyncLocalStorage<Once>
export const KEYED = token<Keyed>('keyed')
export const LEDGER_BEHIND = token<Ledger>('the ledger without keys')

/** Headers of an answer that mean something without it. */
const KEPT_HEADERS = ['location', 'etag', 'preference-applied'] as const

/**
 * A write that says an Idempotency-Key is done once and answered always the same. The effect and the key commit together
 * (`Once`); the answer is kept right behind them, and found again by what the record holds where a crash came between.
 */
export class Idempotency implements NestInterceptor {
  constructor(
    @Inject(LEDGER_BEHIND) private readonly ledger: Ledger,
    @Inject(DataSource) private readonly source: DataSource,
    @Inject(KEYED) private readonly keyed: Keyed,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Admitted>()
    const key = request.headers['idempotency-key']
    const right = this.reflector.get<Right | undefined>(RIGHT, context.getHandler())
    if (key === undefined || !request.caller || !takesKey(request.method, right)) return next.handle()
    if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key))
      throw new Refused('malformed', 'An Idempotency-Key has 1 to 200 visible characters of ASCII.')
    const reply = context.switchToHttp().getResponse<FastifyReply>()
    const secret = this.reflector.get<string | undefined>(SHOWN_ONCE, context.getHandler())
    return defer(() => this.answer(key, request, reply, secret, next))
  }

  private async answer(
    key: string,
    request: Admitted,
    reply: FastifyReply,
    secret: string | undefined,
    next: CallHandler,
  ) {
    const { caller, method, routeOptions, url, body } = request
    const id = sha256([caller?.id, `${method} ${routeOptions.url}`, key])
    const before = await this.ledger.read((books) => books.idempotency.get(id))
    const once = new Once(id, sha256([url, body]), before)
    const known = before && keptIn(before)
    if (known) return replay(reply, known)

    const value: unknown = await this.keyed.run(once, () => lastValueFrom(next.handle(), { defaultValue: undefined }))
    const answer = textOf(value)
    const repeated = secret === undefined ? answer : textOf({ ...(value as object), [secret]: null })
    const headers = Object.fromEntries(
      KEPT_HEADERS.flatMap((name) => {
        const said = reply.getHeader(name)
        return typeof said === 'string' ? [[name, said]] : []
      }),
    )
    const kept = await this.keep(id, { status: reply.statusCode, headers, answer: repeated })
    // Two that went through it again at once: the first of their answers is the one for all time.
    if (kept) return replay(reply, kept)
    return send(reply, before ? repeated : answer)
  }

  /** Keeps the answer, unless there is one; then that is told. Without Postgres, the next call finds out what it was. */
  private async keep(id: string, mine: Kept): Promise<Kept | undefined> {
    try {
      const [, kept] = await this.source.query<[unknown, number]>(
        `update flow.idempotency set status = $2, headers = $3, answer = $4 where id = $1 and answer is null`,
        [id, mine.status, mine.headers, mine.answer],
      )
      if (kept > 0) return undefined
      const row = await this.ledger.read((books) => books.idempotency.get(id))
      return row && keptIn(row)
    } catch {
      return undefined
    }
  }
}

interface Kept {
  status: number
  headers: Record<string, string>
  answer: string
}

const keptIn = ({ status, headers, answer }: { [Column in keyof Kept]: Kept[Column] | null }): Kept | undefined =>
  status === null || headers === null || answer === null ? undefined : { status, headers, answer }

function replay(reply: FastifyReply, { status, headers, answer }: Kept): string | undefined {
  void reply.status(status).headers({ ...headers, 'idempotent-replayed': 'true' })
  return send(reply, answer)
}

/** Text that is JSON already. */
function send(reply: FastifyReply, answer: string): string | undefined {
  if (answer === '') return undefined
  void reply.type('application/json; charset=utf-8')
  return answer
}

const textOf = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value))

const sha256 = (parts: readonly unknown[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex')
