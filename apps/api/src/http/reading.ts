import { Refused, type Fault } from '@firebreak/flow'
import { applyDecorators, SerializeOptions, StandardSchemaValidationPipe } from '@nestjs/common'
import { ApiOperation, ApiResponse } from '@nestjs/swagger'
import type { z } from 'zod'
import { cursorAfter } from './cursor.js'

interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** Checks bodies, queries and parameters against the schema that the route names; a misfit is `malformed` by pointer. */
export const checking = (): StandardSchemaValidationPipe =>
  new StandardSchemaValidationPipe({
    exceptionFactory: (issues) =>
      new Refused(
        'malformed',
        'The request does not have the form that this route takes.',
        issues.slice(0, 100).flatMap(faultsOf),
      ),
  })

/** Zod names unknown keys beside the path; each is a fault of its own place. */
function faultsOf({ path = [], message, ...more }: Issue): Fault[] {
  const { keys } = more as { keys?: string[] }
  if (!keys) return [{ pointer: pointerOf(path), message }]
  return keys.map((key) => ({ pointer: pointerOf([...path, key]), message: 'is not known here' }))
}

/** RFC 6901. */
const pointerOf = (path: readonly (PropertyKey | { key: PropertyKey })[]): string =>
  path
    .map((part) => String(typeof part === 'object' ? part.key : part))
    .map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')

/** What a route does, in a sentence, and what it answers: the same schema shapes the answer and stands in openapi.json. */
export const Answers = (summary: string, schema: z.ZodType, status = 200): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary }),
    ApiResponse({ status, description: 'Done', standardSchema: schema }),
    SerializeOptions({ schema }),
  )

/** A page out of one row more than was asked for; it goes on behind the last id shown. */
export function pageOf<Row extends { id: string }>(rows: Row[], limit: number): { items: Row[]; next: string | null } {
  const items = rows.slice(0, limit)
  const last = rows.length > limit ? items.at(-1) : undefined
  return { items, next: last ? cursorAfter(last.id) : null }
}
