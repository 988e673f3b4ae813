import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common'
import { ApiExtension } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../people/callers.js'
import { rights, type Right } from './rights.js'

export const RIGHT = 'firebreak:right'

/** Names the right that a route needs; openapi.json says who has it. */
export const Needs = (right: Right): MethodDecorator =>
  applyDecorators(SetMetadata(RIGHT, right), ApiExtension('x-right', right), ApiExtension('x-roles', rights[right]))

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
