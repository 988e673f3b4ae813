import { createParamDecorator, SetMetadata, type CustomDecorator, type ExecutionContext } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../people/callers.js'
import type { Right } from './rights.js'

export const RIGHT = 'firebreak:right'

/** Names the right that a route needs. */
export const Needs = (right: Right): CustomDecorator => SetMetadata(RIGHT, right)

/** A request that has passed the guard. */
export interface Admitted extends FastifyRequest {
  caller?: Caller
}

/** Who is asking. Only on routes whose right wants a sign-in. */
export const By = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<Admitted>()
  if (!caller) throw new Error('this route asks who is there, and lets anyone in')
  return caller
})
