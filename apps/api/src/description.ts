import { Controller, Get, Inject, type INestApplication } from '@nestjs/common'
import { ApiExcludeController, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger'
import { z } from 'zod'
import { IDEMPOTENCY_KEY, takesKey } from './http/idempotency.js'
import { Needs } from './http/needs.js'
import type { Right } from './http/rights.js'
import { problem } from './http/view.js'

/** Holds openapi.json for whoever asks: made once, when the app is complete. */
export class OpenApiText {
  document: OpenAPIObject | undefined
}

@ApiExcludeController()
@Controller('v1/openapi.json')
export class DescriptionController {
  constructor(@Inject(OpenApiText) private readonly text: OpenApiText) {}

  @Get()
  @Needs('api.describe')
  describe() {
    return this.text.document
  }
}

/** Describes the app as OpenAPI, from the schemas that it checks with. */
export function describe(app: INestApplication): OpenAPIObject {
  const base = new DocumentBuilder()
    .setTitle('Firebreak')
    .setDescription('An on-call runbook as software: alert, incident, plan, approval, run, verify, audit, export.')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key, fbk_…' }, 'key')
    .addCookieAuth('fb_session', { type: 'apiKey', in: 'cookie' }, 'session')
    .addSecurityRequirements('key')
    .addSecurityRequirements('session')
    .build()
  const document = SwaggerModule.createDocument(app, base, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}.${method}`,
    autoTagControllers: false,
  })
  document.components = {
    ...document.components,
    schemas: sorted({ ...document.components?.schemas, Problem: problemSchema() }),
  }
  for (const path of Object.values(document.paths))
    for (const operation of [path.get, path.post, path.put, path.patch, path.delete])
      if (operation)
        operation.responses['default'] = {
          description: 'Refused, with a code of the closed list (RFC 9457)',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        }
  for (const path of Object.values(document.paths))
    for (const method of ['post', 'put', 'patch', 'delete'] as const) {
      const operation = path[method] as (Operation & { 'x-right'?: Right }) | undefined
      if (operation && takesKey(method, operation['x-right']))
        operation.parameters = [...(operation.parameters ?? []), IDEMPOTENCY_PARAMETER]
    }
  return document
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['post']>

const IDEMPOTENCY_PARAMETER: NonNullable<Operation['parameters']>[number] = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same.',
  schema: { type: 'string', minLength: 1, maxLength: 200, pattern: IDEMPOTENCY_KEY.source },
}

/** As a component it is known by its place; the dialect and the id would point elsewhere. */
function problemSchema() {
  const { type, properties, required, additionalProperties } = z.toJSONSchema(z.object(problem.shape))
  return { type, properties, required, additionalProperties } as NonNullable<
    OpenAPIObject['components']
  >['schemas'] extends Record<string, infer Schema> | undefined
    ? Schema
    : never
}

const sorted = <Value>(record: Record<string, Value>): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
