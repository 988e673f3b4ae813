import type { JsonObject } from '@firebreak/kit'
import { z } from 'zod'
import type { Fields, Scalar } from './cel/index.js'
import { param } from './format.js'
import type { Source } from './source.js'

type Param = z.output<typeof param>

const kinds: Record<Param['type'], Scalar> = { integer: 'int', text: 'string', choice: 'string', boolean: 'bool' }

/** The parameters that expressions may name; those that are wrong are there, so that nobody is sent to look for them. */
export function shapeOfParams(source: Source): Fields {
  return Object.fromEntries(
    source.keys(['params']).map((name) => {
      const { data } = param.safeParse(source.at(['params', name]))
      return [name, data ? kinds[data.type] : 'anything']
    }),
  )
}

/** What a schema of its own cannot tell: that the parts of a parameter fit together. */
export function checkParams(source: Source): void {
  for (const name of source.keys(['params'])) {
    const { data } = param.safeParse(source.at(['params', name]))
    if (!data) continue
    if (data.type === 'integer' && data.min > data.max)
      source.fault(['params', name, 'min'], String(data.min), `at most max, ${data.max}`)
    else if (data.default !== undefined && data.optional)
      source.fault(
        ['params', name, 'optional'],
        'optional and a default',
        'one of them',
        'a default is always there',
        'key',
      )
    else if (data.default !== undefined && !plain(data).safeParse(data.default).success)
      source.fault(
        ['params', name, 'default'],
        JSON.stringify(data.default),
        'a value that the parameter itself allows',
      )
  }
}

/** The parameters as the kit has them. */
export function schemaOfParams(params: Readonly<Record<string, Param>>): z.ZodType<JsonObject> {
  return z.strictObject(
    Object.fromEntries(
      Object.entries(params).map(([name, one]) => {
        const { title, description } = one
        const described = <Schema extends z.ZodType>(schema: Schema) =>
          schema.meta({ ...(title ? { title } : {}), ...(description ? { description } : {}) })
        const value: z.ZodType = plain(one)
        if (one.optional) return [name, described((value as z.ZodString).exactOptional())]
        return [name, described(one.default === undefined ? value : value.default(one.default))]
      }),
    ),
  ) as unknown as z.ZodType<JsonObject>
}

function plain(one: Param): z.ZodType {
  switch (one.type) {
    case 'integer':
      return z.int().min(one.min).max(one.max)
    case 'text':
      return z.string().max(one.max)
    case 'choice':
      return z.enum(one.of as [string, ...string[]])
    case 'boolean':
      return z.boolean()
  }
}
