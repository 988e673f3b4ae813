import { Refused } from '@firebreak/flow'
import { applyDecorators, SerializeOptions, StandardSchemaValidationPipe } from '@nestjs/common'
import { ApiResponse } from '@nestjs/swagger'
import { z } from 'zod'

/** Checks bodies, queries and parameters against the schema that the route names; a misfit is `malformed` by pointer. */
export const checking = (): StandardSchemaValidationPipe =>
  new StandardSchemaValidationPipe({
    exceptionFactory: (issues) =>
      new Refused(
        'malformed',
        'The request does not have the form that this route takes.',
        issues.slice(0, 100).map(({ path, message }) => ({ pointer: pointerOf(path ?? []), message })),
      ),
  })

/** RFC 6901. */
const pointerOf = (path: readonly (PropertyKey | { key: PropertyKey })[]): string =>
  path
    .map((part) => String(typeof part === 'object' ? part.key : part))
    .map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')

/** What a route answers: the same schema shapes the answer and stands in openapi.json. */
export const Answers = (schema: z.ZodType, status = 200): MethodDecorator =>
  applyDecorators(ApiResponse({ status, description: 'Done', standardSchema: schema }), SerializeOptions({ schema }))

/** A page out of one row more than was asked for: newest first, so the cursor is the last id shown. */
export function pageOf<Row extends { id: string }>(rows: Row[], limit: number): { items: Row[]; next: string | null } {
  const items = rows.slice(0, limit)
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}

