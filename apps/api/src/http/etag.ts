import { Refused } from '@firebreak/flow'
import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { ApiHeader } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * The version of what people edit. It counts what they edit and not all that is shown with it (alerts come and go by
 * themselves), so it is for If-Match, and no answer is left out because of it.
 */
export const sayVersion = <Thing extends { version: number }>(reply: FastifyReply, thing: Thing): Thing => {
  void reply.header('etag', `"${thing.version}"`)
  return thing
}

/** The versions that a write may meet; undefined: any. */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext): readonly number[] | undefined =>
  versionsIn(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
)

/** Says in openapi.json that a route takes If-Match. */
export const TakesIfMatch = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      ...{ name: 'If-Match', required: false, schema: { type: 'string', maxLength: 200 } },
      description: 'The ETag that you read. 412 `precondition` when somebody has changed it since.',
    }),
  )

/** RFC 9110: `*`, or versions in quotes, by commas. A weak one never matches, so it is no version of ours. */
export function versionsIn(header: string | undefined): readonly number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  if (header.length > 200 || !/^\s*"[^"]*"(?:\s*,\s*"[^"]*")*\s*$/.test(header))
    throw new Refused('malformed', 'If-Match is the ETag of what you read, in its quotes.')
  return [...header.matchAll(/"([^"]*)"/g)].map(([, version]) => (/^\d{1,9}$/.test(version!) ? Number(version) : NaN))
}
